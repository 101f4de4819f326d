"""Floor 3: organizations, people, roles, accounts, sign-in, sessions and tokens; who may do what."""
