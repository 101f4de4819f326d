"""Reference data and the stories of the demo."""
