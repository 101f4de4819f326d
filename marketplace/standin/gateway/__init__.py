"""The Stripe-compatible gateway."""
