"""How shoppers find products: filters, orders, pages, search, facets, suggestions."""
