"""The customers whom discounts name, page by page, by the ids of their accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models import DiscountCustomer, User
from services.pricing.discounts.part_pages import PartQuery


class NamedQuery(PartQuery):
    """A page of customers; refuses what PartQuery refuses."""

    __slots__ = ()
    LIST = "discountCustomers"

    def cursor(self, customer: User) -> str:
        """The opaque name of this customer's place."""
        return self.cursor_at(customer.id)


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
    rows = session.execute(chosen).all()
    found = query.pages(discount_ids, ((row[0], row[1]) for row in rows))
    return {each: NamedPage(*page) for each, page in found.items()}
