"""Pictures of products and shelves: re-encoded, stored, shown."""
