"""The public portal's own pages."""
