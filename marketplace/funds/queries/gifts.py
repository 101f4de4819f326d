"""Reads of gifts by invitation."""
