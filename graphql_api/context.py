"""What every resolver has at hand for one request: the shop, the caller, a read session."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session
from strawberry.types import Info as StrawberryInfo

from models import Department, Discount
from services.accounts.actor import Actor
from services.accounts.sessions import Device, actor_of, require_live
from services.catalogue.prices.settling import settle_all
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.variants import FamilyFacts
from services.catalogue.reader import Reader
from services.catalogue.shelves.tree import CategoryFacts, Tree, read_tree, read_tree_past_the_cache
from services.pricing.explanations import Explanation
from services.pricing.price_lists import Shown
from services.pricing.region_facts import KnownRegion, Regions, all_regions
from services.pricing.tiers.reading import Change as TierChange
from services.pricing.tiers.reading import Standing
from utils.cache import Cache
from utils.database import Database
from utils.errors import InvalidInput, Unauthenticated, Unavailable
from utils.left_out import LEFT_OUT, LeftOut
from utils.tokens import region_claim
from web.limiting import Limits
from wiring import Shop


@dataclass(slots=True)
class KnownTiers:
    """By account: its tier. Of the accounts that were `listed`, by how many are asked for, how the tier came about."""

    standings: dict[UUID, Standing] = field(default_factory=dict)
    listed: set[UUID] = field(default_factory=set)
    changes: dict[int, dict[UUID, Sequence[TierChange]]] = field(default_factory=dict)


class Context:
    """One GraphQL request. Nothing is opened, read or checked before a resolver needs it."""

    def __init__(
        self,
        shop: Shop,
        *,
        token: str | None,
        idempotency_key: str | None,
        request_id: str,
        device: Device,
        limits: Limits,
        region: str | None = None,
    ) -> None:
        self.shop = shop
        self.device = device
        self.limits = limits
        self.idempotency_key = idempotency_key
        self.request_id = request_id
        self._token = token
        # What the header X-Region says.
        self._sent_region = region
        # Left out until a field asks for it; None is the home region.
        self._region_code: str | LeftOut | None = LEFT_OUT
        self._regions: Regions | None = None
        # Whether what was answered so far is for this caller only.
        self.is_personal = False
        self._reading: AbstractContextManager[Session] | None = None
        self._session: Session | None = None
        self._reader: Reader | None = None
        self._tree: Tree | None = None
        # What a list loaded ahead for its members, see loading.py.
        self.products: dict[UUID, ProductFacts] = {}
        self.families: dict[UUID, FamilyFacts | None] = {}
        # By family, its products on sale.
        self.variants: dict[UUID, Sequence[ProductFacts]] = {}
        # The collections that were listed, and by how many products of each and what is asked of these, the products.
        self.collections: set[UUID] = set()
        self.shown: dict[tuple[int, frozenset[str]], dict[UUID, Sequence[ProductFacts]]] = {}
        self.prior_prices: dict[UUID, Decimal | None] = {}
        # What each product costs the caller, and why.
        self.prices: dict[UUID, Shown] = {}
        self.traces: dict[UUID, Explanation | None] = {}
        # By order: why it costs what it does.
        self.explanations: dict[UUID, Explanation] = {}
        # The discounts that were listed, and what was read for all of them together, by what that is.
        self.discounts: dict[UUID, Discount] = {}
        self.of_discounts: dict[object, dict[UUID, Any]] = {}
        # By account or invitation: in which departments it works, or will.
        self.departments: dict[UUID, Sequence[Department]] = {}
        self.tiers = KnownTiers()

    @property
    def database(self) -> Database:
        """The database of the shop."""
        return self.shop.database

    @property
    def cache(self) -> Cache:
        """The cache of the shop."""
        return self.shop.cache

    @cached_property
    def actor(self) -> Actor:
        """The caller. Refuses (UNAUTHENTICATED) a request without a valid access token of a living session."""
        self.is_personal = True
        if self._token is None:
            raise Unauthenticated("This needs an access token: send the header `Authorization: Bearer <token>`.")
        actor = actor_of(self.shop.tokens, self._token)
        if actor.session_id is not None:
            require_live(self.cache, actor.session_id, reading=lambda: self.session)
        return actor

    @property
    def caller(self) -> Actor | None:
        """The caller, or None for a guest. Refuses (UNAUTHENTICATED) a token that is not valid."""
        return None if self._token is None else self.actor

    @property
    def catalogue(self) -> Reader:
        """What this request reads of the catalogue."""
        if self._reader is None:
            self._reader = Reader(
                lambda: self.session, self.cache, settle=lambda: settle_all(self.database, self.cache)
            )
        return self._reader

    @property
    def tree(self) -> Tree:
        """The categories, as they are when a request first asks for one."""
        if self._tree is None:
            self._tree = read_tree(self.catalogue)
        return self._tree

    @property
    def regions(self) -> Regions:
        """The regions, as they are when a request first asks for one."""
        if self._regions is None:
            self._regions = all_regions(self.catalogue)
        return self._regions

    @property
    def region(self) -> KnownRegion | None:
        """The region whose prices this request is told; None: the home region, whether it was named or not."""
        code = self.region_code
        return None if code is None else self.regions.find(code)

    @property
    def region_code(self) -> str | None:
        """The code of `region`."""
        if isinstance(self._region_code, LeftOut):
            self.use_region(None)
        return cast("str | None", self._region_code)

    def use_region(self, code: str | None) -> KnownRegion | None:
        """Chooses the region of this request, for a root field whose argument `region` is `code`; returns `region`.

        Without the argument it is the one that the header X-Region names, else that of the access token, else the home
        region. The token's is a wish like the others: what a region's prices are anybody may know. One whose region is
        gone names none. Refuses (INVALID_INPUT) an unknown region, and another one than this request has already.
        """
        sent = code if code is not None else self._sent_region or None
        if sent is None:
            claimed = region_claim(self._token)
            found = None if claimed is None else self.regions.find(claimed)
        else:
            found = self.regions.find(sent)
            if found is None:
                raise InvalidInput("There is no such region; the field `regions` lists them.", field="region")
        chosen = None if found is None or found.is_home else found.code
        if self._region_code not in (LEFT_OUT, chosen):
            raise InvalidInput(
                "A request has one region: name it for every field alike, or by the header X-Region.", field="region"
            )
        self._region_code = chosen
        return self.region

    def category(self, category_id: UUID) -> CategoryFacts:
        """A category that something names. Refuses (UNAVAILABLE) one that went while this request was under way."""
        found = self.tree.find(category_id)
        if found is None:  # what names it is newer than the tree
            self._tree = read_tree_past_the_cache(self.catalogue)
            found = self._tree.find(category_id)
        if found is None:
            raise Unavailable("The catalogue changed while it was read. Try again.")
        return found

    @property
    def session(self) -> Session:
        """The request's read session, opened at its first use."""
        if self._session is None:
            self._reading = self.database.read()
            self._session = self._reading.__enter__()
        return self._session

    def fresh_session(self) -> Session:
        """A read session that remembers nothing from before: for the answer of a mutation."""
        self.close()
        self._reader = self._tree = self._regions = None
        self.products.clear()
        self.families.clear()
        self.variants.clear()
        self.collections.clear()
        self.shown.clear()
        self.prior_prices.clear()
        self.prices.clear()
        self.traces.clear()
        self.explanations.clear()
        self.discounts.clear()
        self.of_discounts.clear()
        self.departments.clear()
        self.tiers = KnownTiers()
        return self.session

    def afresh(self) -> Reader:
        """A reader of the catalogue that remembers nothing from before: for the answer of a mutation."""
        self.fresh_session()
        return self.catalogue

    def close(self) -> None:
        """Gives the read session's connection back."""
        reading, self._reading, self._session = self._reading, None, None
        if reading is not None:
            reading.__exit__(None, None, None)


Info = StrawberryInfo[Context, None]
