"""The states of payment applications and payments."""
