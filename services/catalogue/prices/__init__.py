"""Prices over time: what was, what will be, and the lowest before a reduction."""
