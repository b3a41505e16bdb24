"""What a cached answer about prices can depend on, beside the tags of the catalogue (services/catalogue/tags.py)."""

from uuid import UUID

# The discounts that are active, or will be.
DISCOUNTS = "discounts"
# The regions with their countries and taxes.
REGIONS = "regions"


def customer_tag(customer_id: UUID) -> str:
    """What discounts ask of one customer."""
    return f"customer:{customer_id}"
