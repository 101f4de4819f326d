"""Background work: the relay, the broker, the consumers of messages and the schedule."""
