"""Money: the only place where a price becomes a total."""
