"""The customers whom discounts name, page by page, by the ids of their accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models import DiscountCustomer, User
from utils.cursors import checked_first, cursor_of, id_place_of

_LIST = "discountCustomers"


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A page of `first` (1 to 100) customers of a discount after a cursor of one of them.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    discount_id: UUID
    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.place()

    def cursor(self, customer: User) -> str:
        """The opaque name of this customer's place."""
        return cursor_of(_LIST, self.discount_id, customer.id)

    def place(self) -> UUID | None:
        """The id of the account that the cursor names."""
        return None if self.after is None else id_place_of(self.after, _LIST, of=self.discount_id)


@dataclass(frozen=True, slots=True)
class NamedPage:
    """Accounts by their ids, and whether more follow."""

    customers: Sequence[User]
    has_next: bool


def list_named(session: Session, discount_ids: Collection[UUID], query: NamedQuery) -> Mapping[UUID, NamedPage]:
    """By discount, one page of those it names, all of them as the query says: one statement for all.

    Whoever was erased is named nowhere any more (services/accounts/erasing.py).
    """
    after = query.place()
    wanted = select(func.unnest(cast(list(discount_ids), ARRAY(Uuid))).label("id")).subquery()
    named = select(DiscountCustomer.customer_id).where(DiscountCustomer.discount_id == wanted.c.id)
    if after is not None:
        named = named.where(DiscountCustomer.customer_id > after)
    page = named.order_by(DiscountCustomer.customer_id).limit(query.first + 1).lateral()
    chosen = (
        select(wanted.c.id, User)
        .select_from(wanted)
        .join(page, true())
        .join(User, User.id == page.c.customer_id)
        .order_by(User.id)
    )
    rows: dict[UUID, list[User]] = {each: [] for each in discount_ids}
    for discount_id, user in session.execute(chosen):
        rows[discount_id].append(user)
    return {each: NamedPage(found[: query.first], len(found) > query.first) for each, found in rows.items()}
