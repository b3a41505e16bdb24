"""What every resolver has at hand for one request: the shop, the caller, a read session."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session
from strawberry.types import Info as StrawberryInfo

from models import Department
from services.accounts.actor import Actor
from services.accounts.sessions import Device, actor_of, require_live
from services.catalogue.prices.settling import settle_all
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.variants import FamilyFacts
from services.catalogue.reader import Reader
from services.catalogue.shelves.tree import CategoryFacts, Tree, read_tree, read_tree_past_the_cache
from utils.cache import Cache
from utils.database import Database
from utils.errors import Unauthenticated, Unavailable
from web.limiting import Limits
from wiring import Shop


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
    ) -> None:
        self.shop = shop
        self.device = device
        self.limits = limits
        self.idempotency_key = idempotency_key
        self.request_id = request_id
        self._token = token
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
        self.shown: dict[tuple[int, frozenset[str]], Mapping[UUID, Sequence[ProductFacts]]] = {}
        self.prior_prices: dict[UUID, Decimal | None] = {}
        # By account or invitation: in which departments it works, or will.
        self.departments: dict[UUID, Sequence[Department]] = {}

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
        self._reader = self._tree = None
        self.products.clear()
        self.families.clear()
        self.variants.clear()
        self.collections.clear()
        self.shown.clear()
        self.prior_prices.clear()
        self.departments.clear()
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
