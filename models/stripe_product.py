"""What Stripe was told of each product."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class StripeProduct(Base):
    """The product's twin at Stripe, which bears the product's own id; `pushed` is a digest of what was told last.

    A row is there before Stripe hears of the product, and stays when the product is removed until Stripe heard of that.
    """

    __tablename__ = "stripe_products"

    # No foreign key: the product may be gone.
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    price_id: Mapped[str | None]
    pushed: Mapped[str | None]
    pushed_at: Mapped[datetime | None]
    # Whoever speaks to Stripe about the product holds it until then.
    leased_until: Mapped[datetime | None]
