"""Proof that a refused act changed nothing: all rows of all tables, before and after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from models import Base, OrderStep, OutboxEvent, Product, StockMovement
from utils.database import Database

# One journey for all tables: tests that prove that nothing was done ask it twice.
_EVERYTHING = text(
    " UNION ALL ".join(
        f"""SELECT '{table.name}', ARRAY(SELECT CAST(t AS text) FROM {table.name} AS t ORDER BY 1)"""
        for table in Base.metadata.sorted_tables
    )
)


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table as PostgreSQL writes it, in an order that does not depend on where the rows lie."""
    with database.read() as session:
        return {name: rows for name, rows in session.execute(_EVERYTHING)}  # noqa: C416 - rows are no pairs to mypy


@contextmanager
def nothing_changed(database: Database, *, but: Sequence[str] = ()) -> Iterator[None]:
    """Asserts that the block left every row of the database as it was; tables named in `but` may have changed."""
    before = everything(database)
    yield
    after = everything(database)
    changed = {name: (before[name], after[name]) for name in before if after[name] != before[name]}
    changed = {name: rows for name, rows in changed.items() if name not in but}
    assert not changed, changed


def stock_of(database: Database, *products: UUID) -> list[int]:
    """The stock counts of these products, in this order."""
    with database.read() as session:
        return [session.scalars(select(Product.stock_count).where(Product.id == each)).one() for each in products]


def ledger_of(database: Database, product: UUID) -> list[tuple[int, str, UUID | None, UUID | None]]:
    """The ledger of one product, oldest first: quantity, reason, order, actor."""
    with database.read() as session:
        rows = session.scalars(
            select(StockMovement).where(StockMovement.product_id == product).order_by(StockMovement.id)
        )
        return [(row.quantity, row.reason, row.order_id, row.actor_id) for row in rows]


def news_of(database: Database, name: str) -> list[dict[str, Any]]:
    """The payloads of the outbox's events of this name, oldest first."""
    with database.read() as session:
        chosen = select(OutboxEvent.payload).where(OutboxEvent.name == name).order_by(OutboxEvent.id)
        return list(session.scalars(chosen))


def history_of(database: Database, order: UUID) -> Sequence[tuple[str, UUID | None]]:
    """The steps of an order, oldest first: status and actor."""
    with database.read() as session:
        rows = session.scalars(select(OrderStep).where(OrderStep.order_id == order).order_by(OrderStep.id))
        return [(row.status, row.actor_id) for row in rows]


def product_row(database: Database, product: UUID) -> Product | None:
    """The row of a product, or None when it is gone."""
    with database.read() as session:
        return session.get(Product, product)
