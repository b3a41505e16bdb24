"""How long the lists of the schema are, for the measuring of documents (limits.py)."""

# How long the schema's lists are at most, or as a rule; `first` says it better.
LENGTHS = {
    "products": 100,
    "getProducts": 100,
    "staffProducts": 100,
    "suggestions": 20,
    "brands": 50,
    "staffBrands": 100,
    "tags": 50,
    "prices": 33,
    "categories": 100,
    "children": 50,
    "breadcrumbs": 8,
    "variants": 30,
    "options": 5,
    "families": 100,
    "collections": 100,
    "staffCollections": 100,
    "regions": 50,
    "taxRates": 10,
    "getOrders": 100,
    "items": 20,
    "images": 20,
    "history": 10,
    "taxes": 10,
    "steps": 200,
    "considered": 200,
    "nearMisses": 20,
    "inputs": 101,
    "problems": 110,
    "users": 100,
    "invitations": 100,
    "departments": 20,
    "auditLog": 100,
    "priceHistory": 100,
    "scheduledPrices": 100,
    "schedulePrice": 2,
    "productRegionPrices": 50,
    "setRegionPrice": 50,
    "removeRegionPrice": 50,
    "stockMovements": 100,
    "stockAlerts": 100,
    "importJobs": 100,
    "errors": 1_000,
    "discounts": 100,
    "codes": 100,
    "addDiscountCodes": 1_000,
    "amounts": 20,
    "minAmounts": 20,
    "windows": 50,
    "mySessions": 50,
    "tierChanges": 100,
    "myAddresses": 50,
}
# Lists that lead to lists of their own kind: in one another they may be as long as they ever are, each time.
LENGTHS_INSIDE = {"variants": 100, "children": 100}
LEADS_BACK = frozenset({"variants", "children", "parent", "breadcrumbs", "category", "family"})
# Texts of up to ten thousand characters.
WEIGHTS = {"description": 50, "descriptionHtml": 50}
# What stands in a connection once, beside its members.
ONCE = frozenset({"facets"})
