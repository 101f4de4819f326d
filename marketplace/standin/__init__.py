"""Stand-ins of the outside: a Stripe-compatible gateway and a bank, in a process and a store of their own."""
