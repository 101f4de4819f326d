"""The fen line: every fen has a serial number, is in one account, and moves only by a recorded movement."""
