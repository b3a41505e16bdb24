"""The one calculator: what goods cost, and why. Pure functions over facts that were gathered before."""
