"""What a cached answer can depend on: each has a name, the version of which changes with what it stands for."""

from uuid import UUID

# The list of all products; each category's list has the category's id in its place.
EVERYTHING = "all"
# The tree of categories with all that is in it, departments' names too.
TREE = "categories"
# The collections and which products stand in them.
COLLECTIONS = "collections"
# The families of variants.
FAMILIES = "families"


def product_tag(product_id: UUID) -> str:
    """All that is told of one product, its stock, images and prices over time too."""
    return f"product:{product_id}"


def list_tag(scope: UUID | str = EVERYTHING) -> str:
    """Who is in a list and in which order: a category's with those below it, or EVERYTHING."""
    return f"list:{scope}"


def stock_tag(scope: UUID | str = EVERYTHING) -> str:
    """Which products of a list are in stock."""
    return f"stocked:{scope}"
