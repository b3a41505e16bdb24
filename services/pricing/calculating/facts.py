"""What the calculator is told: all of it plain values, gathered beforehand, and kept with an order to be told again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from models.discount import DiscountClass, DiscountKind, Tier
from utils.money import Money

NOTHING_BY_CURRENCY: Mapping[str, Decimal] = MappingProxyType({})
_NO_USES: Mapping[UUID, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Window:
    """Every week from minute `begins` to minute `ends` (at most 1440) of a day (0 is Monday), by the shop's clocks."""

    day: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Step:
    """From so many pieces of one product on, so many percent."""

    quantity: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Targets:
    """Goods by what they are or where they stand; a category stands for all below it. Empty: no goods at all."""

    products: frozenset[UUID] = frozenset()
    categories: frozenset[UUID] = frozenset()
    collections: frozenset[UUID] = frozenset()
    brands: frozenset[UUID] = frozenset()

    @property
    def count(self) -> int:
        """How many goods, categories, collections and brands it names."""
        return len(self.products) + len(self.categories) + len(self.collections) + len(self.brands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A discount that is active, or will be (models/discount.py says what its parts mean).

    `targets` of None are all goods. `bought` of None: the pieces to buy are of the goods that are reduced.
    """

    id: UUID
    version: int
    name: str
    kind: DiscountKind
    applies_to: DiscountClass
    percent: Decimal | None = None
    amounts: Mapping[str, Decimal] = field(default_factory=lambda: NOTHING_BY_CURRENCY)
    steps: tuple[Step, ...] = ()
    buy_quantity: int | None = None
    get_quantity: int | None = None
    targets: Targets | None = None
    bought: Targets | None = None
    tiers: frozenset[Tier] = frozenset()
    region_codes: frozenset[str] = frozenset()
    for_named_customers: bool = False
    first_order_only: bool = False
    min_amounts: Mapping[str, Decimal] = field(default_factory=lambda: NOTHING_BY_CURRENCY)
    min_quantity: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    windows: tuple[Window, ...] = ()
    needs_code: bool = False
    per_customer_limit: int | None = None
    is_exhausted: bool = False
    priority: int = 100
    exclusive_group: str | None = None
    combines_with: frozenset[DiscountClass] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who buys; a guest has no id. `named_in`: the discounts that name them; `uses`: how often they used which."""

    id: UUID | None = None
    tier: Tier = Tier.BRONZE
    has_ordered: bool = False
    named_in: frozenset[UUID] = frozenset()
    uses: Mapping[UUID, int] = field(default_factory=lambda: _NO_USES)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax that goods of a class bear at the moment of the purchase."""

    id: UUID
    tax_class: str
    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFacts:
    """Where it is bought. `rates`: those that hold at the moment of the purchase, in the order of their names."""

    code: str
    version: int
    currency: str
    prices_include_tax: bool
    rates: tuple[TaxRate, ...] = ()
    shipping_price: Money
    shipping_tax_class: str = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many pieces of one product, with all that a rule may ask about it.

    `price`: the list price of a piece in the region, a scheduled price included if its time has come. `source`:
    'product', 'region' or 'fallback' (models/region_price.py). `since`, `scheduled`: when that price began, and whether
    by the clock; None where nobody asked. `categories`: the one it stands in and all above. `version`: the product's.
    """

    product_id: UUID
    name: str
    quantity: int
    price: Money
    tax_class: str = "standard"
    version: int = 1
    source: str = "product"
    since: datetime | None = None
    scheduled: bool = False
    categories: frozenset[UUID] = frozenset()
    collections: frozenset[UUID] = frozenset()
    brand_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What somebody buys, or looks at. `codes`: by the id of a discount, the code that was given for it.

    `time_zone`: the shop's, an IANA name, in which weekly windows are meant. `classes`: what discounts may take from;
    the price of one product by itself knows no others than PRODUCT. `ships`: whether bringing it is part of the price.
    """

    moment: datetime
    time_zone: str
    region: RegionFacts
    customer: Customer
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]
    codes: Mapping[UUID, str] = field(default_factory=dict)
    classes: frozenset[DiscountClass] = frozenset(DiscountClass)
    ships: bool = True
