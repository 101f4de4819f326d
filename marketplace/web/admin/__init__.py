"""Pages of the administrators."""
