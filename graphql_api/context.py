"""What every resolver has at hand for one request: the shop, the caller, a read session."""

from contextlib import AbstractContextManager
from functools import cached_property
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session
from strawberry.types import Info as StrawberryInfo

from graphql_api.loaded import Loaded
from services.accounts.actor import Actor
from services.accounts.sessions import Device, actor_of, require_live
from services.catalogue.prices.settling import settle_all
from services.catalogue.reader import Reader
from services.catalogue.shelves.tree import CategoryFacts, Tree, read_tree, read_tree_past_the_cache
from services.pricing.calculating.facts import Customer
from services.pricing.discounts.customers import customer_facts
from services.pricing.price_lists import likeness
from services.pricing.region_facts import KnownRegion, Regions, all_regions
from services.pricing.tags import customer_tag
from utils.cache import Cache, Fetched
from utils.database import Database
from utils.errors import InvalidInput, Unauthenticated, Unavailable
from utils.left_out import LEFT_OUT, LeftOut
from utils.region_codes import no_region
from utils.tokens import region_claim
from web.answering import Asker, Sealed
from web.limiting import Limits
from wiring import Shop


class Context(Loaded):
    """One GraphQL request. Nothing is opened, read or checked before a resolver needs it."""

    # How much quotes and reasons of prices were counted for so far (charges.py), and whether a mutation has written.
    charged = 0
    has_written = False

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
        super().__init__()
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

    @property
    def database(self) -> Database:
        """The database of the shop."""
        return self.shop.database

    @property
    def cache(self) -> Cache:
        """The cache of the shop."""
        return self.shop.cache

    @property
    def actor(self) -> Actor:
        """The caller. Refuses (UNAUTHENTICATED) a request without a valid access token of a living session."""
        self.is_personal = True
        return self._identified[0]

    @cached_property
    def _identified(self) -> tuple[Actor, Fetched]:
        """The caller, and what the cache said of their session."""
        if self._token is None:
            raise Unauthenticated("This needs an access token: send the header `Authorization: Bearer <token>`.")
        actor = actor_of(self.shop.tokens, self._token)
        if actor.session_id is None:
            return actor, Fetched()
        return actor, require_live(self.cache, actor.session_id, reading=lambda: self.session)

    @property
    def caller(self) -> Actor | None:
        """The caller, or None for a guest. Refuses (UNAUTHENTICATED) a token that is not valid."""
        return None if self._token is None else self.actor

    @cached_property
    def buyer(self) -> Customer:
        """What discounts ask of the caller. An answer that looks at no more of them is for all who are alike.

        Refuses (UNAUTHENTICATED) a token that is not valid.
        """
        return customer_facts(self.catalogue, None if self._token is None else self._identified[0].id)

    @property
    def sealed(self) -> Sealed | None:
        """What the answer depends on, and who may have it as well; None: nobody."""
        reader = self.catalogue
        if self.is_personal or reader.versions is None:
            return None
        if self._token is None or "buyer" not in self.__dict__:
            return Sealed(reader.versions, reader.until, reader.epoch)
        actor, seen = self._identified
        of_customer = {tag: each for tag, each in reader.versions.items() if tag == customer_tag(actor.id)}
        if not of_customer or not seen.versions:
            return None
        asker = Asker(
            likeness(self.buyer),
            {**of_customer, **seen.versions},
            until=min(reader.until, seen.until or reader.until, self.shop.tokens.ends_at(self._token)),
            # Two reads show one moment if nothing changed between them; else this is proven before it is used.
            epoch=reader.epoch if seen.epoch == reader.epoch else b"",
        )
        shown = {tag: each for tag, each in reader.versions.items() if tag not in of_customer}
        return Sealed(shown, reader.until, reader.epoch, asker)

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
        sent = self.said_region(code)
        if sent is None:
            claimed = region_claim(self._token)
            found = None if claimed is None else self.regions.find(claimed)
        else:
            found = self.regions.find(sent)
            if found is None:
                raise no_region(sent, "region")
        chosen = None if found is None or found.is_home else found.code
        if self._region_code not in (LEFT_OUT, chosen):
            raise InvalidInput(
                "A request has one region: name it for every field alike, or by the header X-Region.", field="region"
            )
        self._region_code = chosen
        return self.region

    def said_region(self, code: str | None) -> str | None:
        """The region that the request names, whether there is one or not: `code`, else the header; None: neither."""
        return code if code is not None else self._sent_region or None

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
        self.has_written = True
        self._reader = self._tree = self._regions = None
        self.__dict__.pop("buyer", None)
        self.forget()
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
