"""Tables of gifts by invitation."""
