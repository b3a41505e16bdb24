"""Who is acting: the caller of a request, as its token says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from models.user import Right, Role
from utils.errors import Forbidden, Unauthenticated

# What the database says when it is to note an account that is not there.
_NAMES_AN_ACCOUNT = frozenset(
    {
        "fk_orders_customer_id",
        "fk_order_steps_actor_id",
        "fk_stock_movements_actor_id",
        "fk_images_uploaded_by",
        "fk_price_changes_actor_id",
        "fk_scheduled_prices_created_by",
        "fk_discounts_created_by",
        "fk_discount_codes_created_by",
        "fk_tax_rates_created_by",
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """An account with its role and, for staff, its departments and rights; `verified`: its address is proven."""

    id: UUID
    role: Role
    departments: frozenset[UUID] = frozenset()
    rights: frozenset[Right] = frozenset()
    session_id: UUID | None = None
    verified: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether the actor may do everything."""
        return self.role is Role.ADMIN

    def may(self, right: Right) -> bool:
        """Whether the actor has this right: staff who were given it, and every admin."""
        return self.is_admin or (self.role is Role.STAFF and right in self.rights)

    def require(self, right: Right) -> None:
        """Refuses (FORBIDDEN) whoever has not this right."""
        if not self.may(right):
            raise Forbidden(f"This needs a member of staff with the right {right.name}.")

    def require_department(self, department_id: UUID) -> None:
        """Refuses (FORBIDDEN) whoever does not work in this department; an admin works in all."""
        if not (self.is_admin or (self.role is Role.STAFF and department_id in self.departments)):
            raise Forbidden("This belongs to another department.")


@contextmanager
def existing_account() -> Iterator[None]:
    """Turns the database's refusal to note an account that is gone, whose token is still in time, into ours."""
    try:
        yield
    except IntegrityError as fault:
        if getattr(getattr(fault.orig, "diag", None), "constraint_name", None) in _NAMES_AN_ACCOUNT:
            raise Unauthenticated("This account does not exist any more.") from fault
        raise
