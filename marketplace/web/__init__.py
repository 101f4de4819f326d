"""Pages and JSON for every domain, composed; sign-in, forms, errors, figures."""
