"""What every resolver has at hand for one request: the shop, the caller, a read session."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session
from strawberry.types import Info as StrawberryInfo

from models import Category, Department
from services.accounts.actor import Actor
from services.accounts.sessions import Device, actor_of, require_live
from services.catalogue.product_facts import ProductFacts
from utils.cache import Cache
from utils.database import Database
from utils.errors import Unauthenticated
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
        self._reading: AbstractContextManager[Session] | None = None
        self._session: Session | None = None
        # What a list loaded ahead for its members, see loading.py.
        self.products: dict[UUID, ProductFacts] = {}
        self.categories: dict[UUID, Category] = {}
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
        if self._token is None:
            raise Unauthenticated("This needs an access token: send the header `Authorization: Bearer <token>`.")
        actor = actor_of(self.shop.tokens, self._token)
        if actor.session_id is not None:
            require_live(self.cache, actor.session_id, reading=lambda: self.session)
        return actor

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
        self.products.clear()
        self.categories.clear()
        self.departments.clear()
        return self.session

    def close(self) -> None:
        """Gives the read session's connection back."""
        reading, self._reading, self._session = self._reading, None, None
        if reading is not None:
            reading.__exit__(None, None, None)


Info = StrawberryInfo[Context, None]
