"""Reading the prices that are to begin: the soonest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from models import Category, Product, ScheduledPrice
from services.accounts.actor import Actor
from utils import clock
from utils.cursors import checked_first, cursor_of, moment_and_id_of
from utils.left_out import LEFT_OUT, LeftOut

_LIST = "scheduledPrices"


@dataclass(frozen=True, slots=True)
class ScheduledQuery:
    """A page of `first` (1 to 100) prices to come after a cursor, of one product or of all.

    With a `region` only those for it; with None only those that are for no region.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    first: int = 20
    after: str | None = None
    product_id: UUID | None = None
    region: str | LeftOut | None = LEFT_OUT

    def __post_init__(self) -> None:
        checked_first(self.first)
        if self.after is not None:
            moment_and_id_of(self.after, _LIST)

    def cursor(self, scheduled: ScheduledPrice) -> str:
        """The opaque name of this price's place."""
        return cursor_of(_LIST, scheduled.starts_at, scheduled.id)


@dataclass(frozen=True, slots=True)
class ScheduledPage:
    """Prices to come, the soonest first, and whether more follow."""

    prices: Sequence[ScheduledPrice]
    has_next: bool


def list_scheduled(session: Session, query: ScheduledQuery, *, actor: Actor) -> ScheduledPage:
    """One page of the prices to come of the actor's departments; of all for an admin."""
    chosen = select(ScheduledPrice).where(
        ScheduledPrice.applied_at.is_(None),
        ScheduledPrice.cancelled_at.is_(None),
        ScheduledPrice.starts_at > clock.now(),
    )
    if query.product_id is not None:
        chosen = chosen.where(ScheduledPrice.product_id == query.product_id)
    if not isinstance(query.region, LeftOut):
        chosen = chosen.where(ScheduledPrice.region_code.is_not_distinct_from(query.region))
    if not actor.is_admin:
        theirs = Category.department_id.in_(actor.departments)
        chosen = chosen.join(Product, Product.id == ScheduledPrice.product_id)
        chosen = chosen.join(Category, Category.id == Product.category_id).where(theirs)
    if query.after is not None:
        place = moment_and_id_of(query.after, _LIST)
        chosen = chosen.where(tuple_(ScheduledPrice.starts_at, ScheduledPrice.id) > tuple_(*place))
    chosen = chosen.order_by(ScheduledPrice.starts_at, ScheduledPrice.id)
    rows = session.scalars(chosen.limit(query.first + 1)).all()
    return ScheduledPage(rows[: query.first], has_next=len(rows) > query.first)


def list_scheduled_together(session: Session, scheduled_id: UUID) -> Sequence[ScheduledPrice]:
    """This one, begun or not, and then the one that was scheduled as its end, if there is one."""
    chosen = select(ScheduledPrice).where(
        or_(ScheduledPrice.id == scheduled_id, ScheduledPrice.ends_id == scheduled_id)
    )
    return session.scalars(chosen.order_by(ScheduledPrice.starts_at)).all()


def list_scheduled_by_id(session: Session, scheduled_id: UUID) -> Sequence[ScheduledPrice]:
    """This one alone, begun or not; nothing if it does not exist."""
    return session.scalars(select(ScheduledPrice).where(ScheduledPrice.id == scheduled_id)).all()
