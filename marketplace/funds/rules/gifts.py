"""Pure decisions about gifts by invitation."""
