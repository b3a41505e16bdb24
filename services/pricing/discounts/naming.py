"""The customers whom a discount names."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import DiscountCustomer, User
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce, announce_everything
from services.catalogue.products.versions import require_version
from services.catalogue.tree_lock import share_tree
from services.pricing.discounts.records import draft_of, lock_discount, rise
from services.pricing.discounts.targets import require_reach
from services.pricing.tags import DISCOUNTS, customer_tag
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput

# At a time, and told of one by one.
MOST_CUSTOMERS = 1_000
# All in all: whom more are meant for is better told by a code, or by a tier.
MOST_NAMED = 10_000


def set_customers(
    session: Session,
    discount_id: UUID,
    *,
    add: Collection[UUID],
    remove: Collection[UUID],
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> None:
    """Adds customers to those whom the discount names, and takes others out; who is there, or is not, already stays so.

    Refuses an unknown discount (NOT_FOUND), whoever is no admin (FORBIDDEN), unknown accounts, one that is to be added
    and removed, nobody at all and more than 1,000 at a time (INVALID_INPUT), a discount that names no customers, one
    that would name more than 10,000, and a version that is not the present one (CONFLICT).
    """
    coming, going = set(add), set(remove)
    _check(coming, going)
    _require_accounts(session, coming)
    share_tree(session)
    discount = lock_discount(session, discount_id)
    require_reach(session, draft_of(session, discount), actor=actor)
    require_version(discount.version, version)
    if not discount.for_named_customers:
        raise Conflict("This discount is not for named customers: let it be so first.", field="discountId")
    added, removed = _write(session, discount_id, coming, going)
    # Under the discount's lock nobody else names any.
    if added and count_customers(session, [discount_id]).get(discount_id, 0) > MOST_NAMED:
        raise Conflict(f"A discount names at most {MOST_NAMED} customers.", field="add")
    rise(discount)
    audit.note(
        session,
        AuditAction.DISCOUNT_CUSTOMERS_CHANGED,
        discount_id,
        actor_id=actor.id,
        before={"removed": [str(each) for each in removed]},
        after={"added": [str(each) for each in added]},
    )
    tell_customers(session, cache, [*added, *removed])
    announce(session, cache, also=[DISCOUNTS])


def count_customers(session: Session, discount_ids: Collection[UUID]) -> dict[UUID, int]:
    """By discount, how many customers it names; none of them where it is not in it."""
    of_them = DiscountCustomer.discount_id.in_(discount_ids)
    counted = select(DiscountCustomer.discount_id, func.count()).where(of_them).group_by(DiscountCustomer.discount_id)
    return dict(session.execute(counted).all())


def tell_customers(session: Session, cache: Cache, customer_ids: Sequence[UUID]) -> None:
    """Ends, with this transaction's commit, what is cached about these customers; of over 1,000, all there is."""
    if len(customer_ids) > MOST_CUSTOMERS:
        announce_everything(session, cache)
    elif customer_ids:
        announce(session, cache, also=[customer_tag(each) for each in customer_ids])


def _check(coming: set[UUID], going: set[UUID]) -> None:
    if not coming and not going:
        raise InvalidInput("Name customers to add or to remove.", field="add")
    if len(coming) + len(going) > MOST_CUSTOMERS:
        raise InvalidInput(f"At most {MOST_CUSTOMERS} customers are added and removed at a time.", field="add")
    if coming & going:
        raise InvalidInput("A customer is added or removed, not both.", field="remove")


def _require_accounts(session: Session, wanted: set[UUID]) -> None:
    known = select(func.count()).select_from(User).where(User.id.in_(wanted), User.deleted_at.is_(None))
    if wanted and session.scalars(known).one() < len(wanted):
        raise InvalidInput("There is no such account.", field="add")


def _write(
    session: Session, discount_id: UUID, coming: set[UUID], going: set[UUID]
) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Who came and who went."""
    added: Sequence[UUID] = ()
    removed: Sequence[UUID] = ()
    if coming:
        rows = [{"discount_id": discount_id, "customer_id": each} for each in sorted(coming)]
        inserted = insert(DiscountCustomer).values(rows).on_conflict_do_nothing()
        added = sorted(session.scalars(inserted.returning(DiscountCustomer.customer_id)))
    if going:
        gone = delete(DiscountCustomer).where(
            DiscountCustomer.discount_id == discount_id, DiscountCustomer.customer_id.in_(going)
        )
        removed = sorted(session.scalars(gone.returning(DiscountCustomer.customer_id)))
    return added, removed
