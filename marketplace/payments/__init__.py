"""Floor 3: adapters of the two rails, a Stripe-compatible gateway and bank files; they know nothing of tenders."""
