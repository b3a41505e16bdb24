"""Discounts: what there are, whom they are for, who used them, and what staff do about them."""
