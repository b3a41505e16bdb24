"""Mutations of regions and of their taxes, for admins."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.mutations.product_inputs import VERSION, left_out
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once, request_of
from graphql_api.scalars import CurrencyCode, Measure, Money
from graphql_api.types.regions import Region
from models import TaxRate as TaxRateRow
from models.product import TaxClass
from services import idempotency
from services.pricing import regions, tax_rates
from services.pricing.regions import LONGEST_NAME, MOST_REGIONS, RegionChange, RegionDraft
from services.pricing.tax_rates import MOST_TAXES, MOST_YEARS, TaxRateDraft
from utils.ids import new_id, parse_id

_CODE = "The region's code."
_NAME = f"Its name, of at most {LONGEST_NAME} characters."
_COUNTRIES = "Its countries by their codes of ISO 3166-1, in capitals; none of another region."
_TAX_INCLUDED = "Whether prices are set and shown with the taxes in them."
_FALLBACK = "The code of the region, with the same currency, whose prices count where this one has none."
_SHIPPING = "What bringing an order costs, in the region's currency and shown as prices are."
_SHIPPING_TAX = "Which rate of tax bringing bears."


@strawberry.input(description="What a new region is to be.")
class RegionInput:
    """It begins without taxes."""

    code: str = strawberry.field(description="2 to 8 capitals or digits, such as DE or EU; it stays.")
    name: str = strawberry.field(description=_NAME)
    currency: CurrencyCode = strawberry.field(description="The currency people pay in there.")
    countries: list[str] = strawberry.field(default_factory=list, description=_COUNTRIES)
    prices_include_tax: bool = strawberry.field(default=False, description=_TAX_INCLUDED)
    fallback_code: str | None = strawberry.field(default=None, description=_FALLBACK)
    shipping_price: Money | None = strawberry.field(default=None, description=f"{_SHIPPING} Nothing if left out.")
    shipping_tax_class: TaxClass = strawberry.field(default=TaxClass.STANDARD, description=_SHIPPING_TAX)

    def draft(self) -> RegionDraft:
        """The same for the service."""
        return RegionDraft(
            code=self.code,
            name=self.name,
            currency=self.currency,
            countries=self.countries,
            prices_include_tax=self.prices_include_tax,
            fallback_code=self.fallback_code,
            shipping_price=Decimal(0) if self.shipping_price is None else self.shipping_price,
            shipping_tax_class=self.shipping_tax_class,
        )


@strawberry.input(description="What is to change of a region; what is left out stays as it is.")
class RegionUpdateInput:
    """A change of one region."""

    code: str = strawberry.field(description=_CODE)
    version: int | None = strawberry.field(default=None, description=VERSION)
    name: str | None = strawberry.field(default=None, description=_NAME)
    currency: CurrencyCode | None = strawberry.field(
        default=None,
        description="Another currency: not of the home region, and only while the region has no prices and no orders.",
    )
    countries: list[str] | None = strawberry.field(default=None, description=f"{_COUNTRIES} The whole list.")
    prices_include_tax: bool | None = strawberry.field(default=None, description=_TAX_INCLUDED)
    fallback_code: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_FALLBACK} Left out: stays; null: none."
    )
    shipping_price: Money | None = strawberry.field(default=None, description=_SHIPPING)
    shipping_tax_class: TaxClass | None = strawberry.field(default=None, description=_SHIPPING_TAX)

    def change(self) -> RegionChange:
        """The same for the service."""
        return RegionChange(
            name=self.name,
            currency=self.currency,
            countries=self.countries,
            prices_include_tax=self.prices_include_tax,
            fallback_code=left_out(self.fallback_code),
            shipping_price=self.shipping_price,
            shipping_tax_class=self.shipping_tax_class,
            version=self.version,
        )


@strawberry.input(description="A rate of tax from a moment on; it holds until the tax's next rate.")
class TaxRateInput:
    """One rate."""

    region: str = strawberry.field(description=_CODE)
    tax_class: TaxClass = strawberry.field(description="Which goods bear it.")
    name: str = strawberry.field(
        description=f"What the tax is called, by which it is known; at most {tax_rates.LONGEST_NAME} characters."
    )
    percent: Measure | None = strawberry.field(
        description=f"From 0 to 100, with at most {tax_rates.MOST_DECIMALS} decimals; 0 for the class ZERO. Null: no "
        "such tax any more."
    )
    valid_from: datetime | None = strawberry.field(
        default=None,
        description=f"From when on: now if left out, never earlier, and at most {MOST_YEARS} years ahead.",
    )

    def draft(self) -> TaxRateDraft:
        """The same for the service."""
        return TaxRateDraft(tax_class=self.tax_class, name=self.name, percent=self.percent, valid_from=self.valid_from)


@strawberry.type
class RegionsMutation:
    """What admins decide about where the shop sells."""

    @root_field(
        Permission.ADMIN,
        f"Adds a region, {MOST_REGIONS} in all at most. Products without a price of their own there are sold for their "
        f"own price if it is in the region's currency, else not. {ONCE}",
    )
    def create_region(
        self, info: Info, input: Annotated[RegionInput, argument(description="The region.")]
    ) -> Region | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        request = request_of(info, key=None, arguments=asdict(draft))
        with context.database.write(without_time_limit=True) as session:
            if request is None or idempotency.begin(session, request, makes=new_id()) is None:
                regions.create_region(session, draft, actor=context.actor, cache=context.cache)
            else:
                regions.announce_again(session, draft.code, cache=context.cache)
        return _read_again(info, draft.code)

    @root_field(
        Permission.ADMIN,
        "Changes a region. With another fall-back or currency the prices of its products change at once. Regions are "
        "not removed: one without countries is offered to nobody.",
    )
    def update_region(
        self, info: Info, input: Annotated[RegionUpdateInput, argument(description="The region and the change.")]
    ) -> Region | None:
        """Answers with a fresh read."""
        context = info.context
        with context.database.write(without_time_limit=True) as session:
            regions.update_region(session, input.code, input.change(), actor=context.actor, cache=context.cache)
        return _read_again(info, input.code)

    @root_field(
        Permission.ADMIN,
        f"Sets a rate of tax of a region from a moment on; a region has at most {MOST_TAXES} taxes. What was ordered "
        f"before keeps the rate of then. Answers with the region. {ONCE}",
    )
    def set_tax_rate(
        self, info: Info, input: Annotated[TaxRateInput, argument(description="The rate.")]
    ) -> Region | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        with context.database.write() as session:
            made_once(
                info,
                session,
                {"region": input.region, **asdict(draft)},
                lambda: tax_rates.set_tax_rate(session, input.region, draft, actor=context.actor, cache=context.cache),
                of=TaxRateRow,
                announce_again=lambda _: regions.announce_regions(session, context.cache),
            )
        return _read_again(info, input.region)

    @root_field(
        Permission.ADMIN,
        "Calls off a rate of tax that has not begun; the one before it goes on. Answers with the region.",
    )
    def cancel_tax_rate(
        self, info: Info, tax_rate_id: Annotated[str, argument(description="Which rate.")]
    ) -> Region | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(tax_rate_id, "taxRateId")
        with context.database.write() as session:
            code = tax_rates.cancel_tax_rate(session, wanted, actor=context.actor, cache=context.cache)
        return _read_again(info, code)


def _read_again(info: Info, code: str) -> Region | None:
    info.context.afresh()
    return cast("Region | None", info.context.regions.find(code))
