"""Floor 14: who is told what, where and in which words; the in-app inbox and mail."""
