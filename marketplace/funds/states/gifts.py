"""The states of legal bases, invitations and gifts."""
