"""The departments of the shop and its two-level categories, as every new database gets them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DepartmentSeed:
    """A part of the shop that a member of staff is assigned to."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class CategorySeed:
    """A category of goods. Without a parent it only groups; products stand in the leaves below it."""

    slug: str
    name: str
    department_slug: str
    parent_slug: str | None = None


# Where a product goes that was made without naming a category.
DEFAULT_CATEGORY_SLUG = "everything-else"

DEPARTMENTS: tuple[DepartmentSeed, ...] = (
    DepartmentSeed("fresh-food", "Fresh Food"),
    DepartmentSeed("groceries", "Groceries"),
    DepartmentSeed("household", "Household"),
    DepartmentSeed("marketplace", "Marketplace"),
)


def _group(department: str, slug: str, name: str, *leaves: tuple[str, str]) -> tuple[CategorySeed, ...]:
    """A parent category, then its leaves, all in one department."""
    parent = CategorySeed(slug, name, department)
    return (parent, *(CategorySeed(leaf_slug, leaf_name, department, slug) for leaf_slug, leaf_name in leaves))


_FRESH_FOOD = (
    *_group(
        "fresh-food",
        "fresh-produce",
        "Fresh Produce",
        ("fruit", "Fruit"),
        ("vegetables", "Vegetables"),
        ("salads-and-herbs", "Salads and Herbs"),
    ),
    *_group(
        "fresh-food",
        "dairy-and-eggs",
        "Dairy and Eggs",
        ("milk-and-cream", "Milk and Cream"),
        ("cheese", "Cheese"),
        ("yoghurt", "Yoghurt"),
        ("butter-and-eggs", "Butter and Eggs"),
    ),
    *_group(
        "fresh-food", "bakery", "Bakery", ("bread", "Bread and Rolls"), ("cakes-and-pastries", "Cakes and Pastries")
    ),
    *_group(
        "fresh-food",
        "meat-and-fish",
        "Meat and Fish",
        ("meat-and-poultry", "Meat and Poultry"),
        ("fish-and-seafood", "Fish and Seafood"),
    ),
)

_GROCERIES = (
    *_group(
        "groceries",
        "frozen-foods",
        "Frozen Foods",
        ("frozen-fruit-and-vegetables", "Frozen Fruit and Vegetables"),
        ("frozen-meals", "Frozen Meals"),
        ("ice-cream", "Ice Cream"),
    ),
    *_group(
        "groceries",
        "food-cupboard",
        "Food Cupboard",
        ("pasta-rice-and-grains", "Pasta, Rice and Grains"),
        ("tins-and-jars", "Tins and Jars"),
        ("oils-and-vinegars", "Oils and Vinegars"),
        ("herbs-and-spices", "Dried Herbs and Spices"),
        ("breakfast-cereals", "Breakfast Cereals"),
    ),
    *_group(
        "groceries",
        "drinks",
        "Drinks",
        ("coffee", "Coffee"),
        ("tea", "Tea"),
        ("juices-and-soft-drinks", "Juices and Soft Drinks"),
    ),
    *_group(
        "groceries",
        "snacks-and-sweets",
        "Snacks and Sweets",
        ("chocolate", "Chocolate"),
        ("biscuits", "Biscuits"),
        ("crisps-and-nuts", "Crisps and Nuts"),
    ),
)

_HOUSEHOLD = (
    *_group(
        "household",
        "cleaning",
        "Cleaning",
        ("laundry", "Laundry"),
        ("washing-up", "Washing Up"),
        ("surface-cleaners", "Surface Cleaners"),
    ),
    *_group(
        "household",
        "paper-and-wraps",
        "Paper and Wraps",
        ("kitchen-and-toilet-paper", "Kitchen and Toilet Paper"),
        ("bags-and-wraps", "Bags and Wraps"),
    ),
    *_group(
        "household",
        "personal-care",
        "Personal Care",
        ("hair-care", "Hair Care"),
        ("oral-care", "Oral Care"),
        ("soap-and-skin-care", "Soap and Skin Care"),
    ),
)

_MARKETPLACE = (
    *_group(
        "marketplace",
        "electronics",
        "Electronics",
        ("phone-accessories", "Phone Accessories"),
        ("computer-accessories", "Computer Accessories"),
        ("audio", "Headphones and Audio"),
    ),
    *_group(
        "marketplace",
        "books",
        "Books",
        ("fiction", "Fiction"),
        ("cookery-books", "Cookery Books"),
        ("childrens-books", "Children's Books"),
    ),
    *_group(
        "marketplace",
        "clothing",
        "Clothing",
        ("womens-clothing", "Women's Clothing"),
        ("mens-clothing", "Men's Clothing"),
    ),
    *_group(
        "marketplace",
        "home-and-garden",
        "Home and Garden",
        ("garden-tools", "Garden Tools"),
        ("seeds-and-bulbs", "Seeds and Bulbs"),
        ("kitchenware", "Kitchenware"),
    ),
    *_group(
        "marketplace",
        "toys-and-games",
        "Toys and Games",
        ("board-games", "Board Games"),
        ("toys", "Toys"),
    ),
    *_group(
        "marketplace",
        "sports-and-outdoors",
        "Sports and Outdoors",
        ("cycling", "Cycling"),
        ("camping", "Camping"),
    ),
    *_group(
        "marketplace",
        "odds-and-ends",
        "Odds and Ends",
        ("gifts-and-cards", "Gifts and Cards"),
        (DEFAULT_CATEGORY_SLUG, "Everything Else"),
    ),
)

# Each parent stands before its leaves, so inserting in this order never meets a missing parent.
CATEGORIES: tuple[CategorySeed, ...] = (*_FRESH_FOOD, *_GROCERIES, *_HOUSEHOLD, *_MARKETPLACE)
