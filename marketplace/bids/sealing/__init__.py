"""The sealing itself, on bytes alone: suites, keys of openers and projects, envelopes, files, drafts and digests."""
