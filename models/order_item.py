"""The lines of an order, frozen as they were bought."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id
from models.product import Product


class OrderItem(Base):
    """One product of an order: how many, its name and its price per piece at that moment."""

    __tablename__ = "order_items"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("price_at_purchase >= 0", name="price_not_negative"),
        CheckConstraint("discount_total >= 0 AND net_total >= 0 AND tax_total >= 0", name="parts_not_negative"),
        UniqueConstraint("order_id", "product_id"),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"), index=True)
    product_name: Mapped[str]
    quantity: Mapped[int] = mapped_column(Integer)
    price_at_purchase: Mapped[Decimal]
    # What it costs after discounts, shown as prices are in the region: with the taxes in it, or without.
    line_total: Mapped[Decimal]
    discount_total: Mapped[Decimal]
    net_total: Mapped[Decimal]
    tax_total: Mapped[Decimal]

    product: Mapped[Product] = relationship(lazy="raise")
