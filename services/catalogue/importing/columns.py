"""The columns of a file of products; the same names are the keys of its JSON Lines."""

from collections.abc import Collection

COLUMNS = (
    "id",
    "sku",
    "slug",
    "name",
    "description",
    "brand",
    "category",
    "price",
    "currency",
    "stockCount",
    "unit",
    "contentAmount",
    "contentUnit",
    "taxClass",
    "barcode",
    "tags",
    "status",
    "publishFrom",
    "publishUntil",
    "familyId",
    "family",
    "options",
    "lowStockAt",
    "priceWas",
    "stockCountWas",
)
# What people write, as opposed to numbers, moments and words of a list: a spreadsheet may take it for a formula.
TEXTS = frozenset(
    ("sku", "slug", "name", "description", "brand", "category", "unit", "barcode", "tags", "family", "options")
)
# Any of these says which product is meant.
NAMES = ("id", "sku", "slug")
# Without a name every product is a new one, and needs these.
OF_A_NEW_ONE = ("price", "stockCount")
# What a product may be without; an empty cell takes it away. Of the others it leaves what is there. (Texts and lists
# that may be empty are kept as empty ones, so that they need no mark.)
REMOVABLE = (
    "sku",
    "brand",
    "barcode",
    "contentAmount",
    "contentUnit",
    "publishFrom",
    "publishUntil",
    "familyId",
    "family",
    "options",
    "lowStockAt",
)
# Each stands for one bit of a number that says which of them a line gives.
BITS = {column: 1 << place for place, column in enumerate(REMOVABLE)}


def missing_columns(given: Collection[str]) -> list[str]:
    """What must stand there besides, so that a product can be meant or made; nothing as a rule."""
    if any(name in given for name in NAMES):
        return []
    return [column for column in OF_A_NEW_ONE if column not in given]
