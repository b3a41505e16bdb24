"""Products, their categories and their stock."""
