"""Tiers: how good a customer is, by successful orders, and how it came to that."""
