"""Floor 2: files, stored under the digest of their content; who may see one is its domain's affair."""
