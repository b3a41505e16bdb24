"""Orders: from a list of wishes to goods that are set aside, and what became of them."""
