"""Shapes of gifts that go in and out."""
