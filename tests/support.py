"""What tests of several layers share: the cast, a database that forgets, a GraphQL client, a product maker."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakSet

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from demo.cast import CAST
from models import Base, Category, Product, UserSession
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.reading import list_department_ids
from services.accounts.sessions import remembering
from services.catalogue.changes import announce_everything
from services.catalogue.products.making import ProductDraft, create_product
from utils import clock
from utils.cache import Cache
from utils.database import Database, ReadSession
from utils.passwords import Passwords
from utils.tokens import Claims
from wiring import Shop

PEOPLE = {person.email.removesuffix("@example.com"): person for person in CAST}
ALICE, BOB, CHARLIE, SAM, DANA = (PEOPLE[name].id for name in ("alice", "bob", "charlie", "sam", "dana"))
ADMIN = Actor(id=DANA, role=Role.ADMIN)
_A_FEW_ROWS = 1_000


class TestDatabase(Database):
    """The database through one connection, whose transaction is rolled back after the test."""

    __test__ = False

    def __init__(self, real: Database, connection: Connection) -> None:
        self.engine = real.engine
        self.reading_engine = real.reading_engine
        self._connection = connection
        self._reading: WeakSet[Session] = WeakSet()

    def _write_session(self) -> Session:
        # In production a read session has a connection of its own. Here it holds a savepoint of the one there is, and
        # what is written after it must not go when it is closed.
        for reading in self._reading:
            if reading.in_transaction():
                reading.commit()
        return Session(self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint")

    def _read_session(self) -> Session:
        session = ReadSession(
            self._connection, autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        self._reading.add(session)
        return session


class QuickPasswords(Passwords):
    """Argon2id at its weakest, in a thread that gives way to nobody; what is right for a shop has tests of its own.

    Where all processors are busy with tests, a thread that gives way waits for a second.
    """

    def __init__(self, at_once: int = 1, waiting: int = 4) -> None:
        super().__init__(at_once, waiting)
        self._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="passwords")
        self._nobody = self._hasher.hash("nobody has this password")


class GraphQLClient:
    """Sends documents and hands back the parsed body."""

    def __init__(self, client: FlaskClient, shop: Shop) -> None:
        self._client = client
        self._shop = shop

    def __call__(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        as_: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer's body; `as_` is one of the cast, None is nobody."""
        sent = dict(headers or {})
        if as_ is not None:
            sent["Authorization"] = f"Bearer {token_of(self._shop, as_)}"
        answer = self._client.post("/graphql", json={"query": document, "variables": variables}, headers=sent)
        body: dict[str, Any] = answer.get_json()
        return body


def token_of(shop: Shop, name: str) -> str:
    """An access token of one of the cast, of the session that each of them has in every test."""
    person = PEOPLE[name]
    with shop.database.read() as session:
        departments = list_department_ids(session, person.id)
    # Redis is empty when a test begins; in the shop, opening the session tells it.
    remembering(shop.cache, person.id)()
    return shop.tokens.issue(
        Claims(
            subject=person.id,
            session_id=person.id,
            role=person.role,
            departments=frozenset(departments),
            rights=frozenset(person.rights),
            verified=True,
        )
    )


def add_cast_sessions(session: Session) -> None:
    """A session for each of the cast, under the person's own id, that lasts as long as any test."""
    for person in CAST:
        moment = clock.now()
        session.execute(
            insert(UserSession)
            .values(
                id=person.id,
                user_id=person.id,
                created_at=moment - timedelta(days=36500),
                last_used_at=moment,
                expires_at=moment + timedelta(days=36500),
            )
            .on_conflict_do_update(index_elements=[UserSession.id], set_={"revoked_at": None})
        )


def actor_for(shop: Shop, name: str) -> Actor:
    """One of the cast, as services know a caller."""
    person = PEOPLE[name]
    with shop.database.read() as session:
        return Actor(
            id=person.id,
            role=Role(person.role),
            departments=frozenset(list_department_ids(session, person.id)),
            rights=frozenset(Right(each) for each in person.rights),
            session_id=person.id,
            verified=True,
        )


def truncate(session: Session, tables: str) -> None:
    """Empties these tables and all that belongs to them, which the shop may never do: the guards are taken away.

    A few rows are deleted: TRUNCATE makes new files for each table and index, some 300 of them.
    """
    emptied = _with_all_that_refers_to({each.strip() for each in tables.split(",")})
    counting = " UNION ALL ".join(f"SELECT '{each}', count(*) FROM {each}" for each in emptied)
    filled = {name: count for name, count in session.execute(text(counting)).all() if count}
    guarded = [each for each in ("audit_entries", "stock_movements", "price_changes") if each in emptied]
    for each in guarded:
        session.execute(text(f"ALTER TABLE {each} DISABLE TRIGGER USER"))
    if max(filled.values(), default=0) > _A_FEW_ROWS:
        session.execute(text(f"TRUNCATE {', '.join(emptied)}"))
    else:
        for name in [each for each in emptied if each in filled]:
            session.execute(text(f"DELETE FROM {name}"))
    for each in guarded:
        session.execute(text(f"ALTER TABLE {each} ENABLE TRIGGER USER"))


def _with_all_that_refers_to(tables: set[str]) -> list[str]:
    """These tables and those that must be emptied with them, those that refer to others first."""
    found = tables | {"current_prices"}  # which no foreign key binds (models/region_price.py)
    known = Base.metadata.sorted_tables
    for _ in known:
        found |= {each.name for each in known if any(key.column.table.name in found for key in each.foreign_keys)}
    return [each.name for each in reversed(known) if each.name in found]


def codes(body: dict[str, Any]) -> list[str]:
    """The codes of all errors of an answer, in their order."""
    return [error["extensions"]["code"] for error in body.get("errors", [])]


def make_product(
    session: Session,
    cache: Cache,
    *,
    name: str | None = None,
    price: str = "10.00",
    stock: int = 10,
    category: str | None = None,
    currency: str = "USD",
) -> UUID:
    """A product made by the admin, in the category with this slug or the default one."""
    found = session.scalars(select(Category.id).where(Category.slug == category)).one() if category else None
    draft = ProductDraft(price=Decimal(price), stock_count=stock, name=name, category_id=found)
    return create_product(session, draft, actor=ADMIN, cache=cache, currency=currency)


def make_products(shop: Shop, count: int, **wanted: Any) -> Sequence[UUID]:
    """So many products, in one transaction."""
    with shop.database.write() as session:
        return [make_product(session, shop.cache, **wanted) for _ in range(count)]


def described(shop: Shop, product_id: UUID, **wanted: Any) -> UUID:
    """Sets what a product is in the table itself."""
    with shop.database.write() as session:
        session.execute(update(Product).where(Product.id == product_id).values(**wanted))
        announce_everything(session, shop.cache)
    return product_id
