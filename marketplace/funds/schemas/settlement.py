"""Shapes of settlement that go in and out."""
