"""Payments, and what a payment provider is told of the goods: Stripe, or nobody when there is no key."""
