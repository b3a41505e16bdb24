"""Regions the shop sells to: where they are, what people pay with there, and which taxes the prices bear."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id

_TAX_CLASSES = "('standard', 'reduced', 'zero')"


class Region(Base):
    """A country or group of countries, with one currency and one way to show taxes.

    The home region is the one whose list prices are the products' own; there is exactly one, and it stays so. A
    product's price in another region is the one set for it there, else that of the region `fallback_code`, else the
    product's own; each only if it is in this region's currency. Without one it is not sold there.
    """

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("code ~ '^[A-Z0-9]{2,8}$'", name="code_spelled"),
        CheckConstraint("shipping_price >= 0", name="shipping_price_not_negative"),
        CheckConstraint(f"shipping_tax_class IN {_TAX_CLASSES}", name="shipping_tax_class_known"),
        CheckConstraint("fallback_code <> code", name="not_its_own_fallback"),
        CheckConstraint("NOT is_home OR fallback_code IS NULL", name="home_needs_no_fallback"),
        Index("uq_regions_home", "is_home", unique=True, postgresql_where=text("is_home")),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    is_home: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Whether prices are shown and set with the taxes in them.
    prices_include_tax: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    fallback_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code", ondelete="RESTRICT"))
    # What bringing an order costs, shown as prices are.
    shipping_price: Mapped[Decimal] = mapped_column(server_default="0")
    shipping_tax_class: Mapped[str] = mapped_column(server_default="standard")
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    countries: Mapped[list["RegionCountry"]] = relationship(
        lazy="raise", order_by="RegionCountry.country", passive_deletes=True
    )
    tax_rates: Mapped[list["TaxRate"]] = relationship(lazy="raise", order_by="TaxRate.valid_from")


class RegionCountry(Base):
    """A country, by its ISO 3166-1 code of two letters, belongs to one region at most."""

    __tablename__ = "region_countries"
    __table_args__ = (CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_iso"),)

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code", ondelete="CASCADE"), index=True)


class TaxRate(Base):
    """From `valid_from` on goods of the class bear this tax, until the tax's next row; None: no more of it.

    So two rates of one tax never hold at once, whoever writes them. Taxes of several names add up.
    """

    __tablename__ = "tax_rates"
    __table_args__ = (
        CheckConstraint(f"tax_class IN {_TAX_CLASSES}", name="tax_class_known"),
        CheckConstraint("percent >= 0 AND percent <= 100", name="percent_in_range"),
        UniqueConstraint("region_code", "tax_class", "name", "valid_from"),
    )

    id: Mapped[Id]
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code", ondelete="CASCADE"))
    tax_class: Mapped[str]
    name: Mapped[str]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    valid_from: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
