"""Changing discounts, switching them on and off, and removing those that nobody used."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import Discount, DiscountCustomer, DiscountUse
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.products.versions import require_version
from services.catalogue.tree_lock import share_tree
from services.pricing.discounts.checking import check_end, check_targets, checked
from services.pricing.discounts.drafts import DiscountChange, DiscountDraft
from services.pricing.discounts.in_regions import check_regions
from services.pricing.discounts.naming import tell_customers
from services.pricing.discounts.records import audited, draft_of, lock_discount, rise, was_used, write
from services.pricing.discounts.room import hold_room
from services.pricing.discounts.targets import hold_targets, require_reach, write_targets
from services.pricing.tags import DISCOUNTS
from utils.cache import Cache
from utils.database import run
from utils.errors import Conflict, InvalidInput
from utils.left_out import LeftOut

# How often each used it is counted only while there is a limit; where one comes, it begins with what was used before.
_FORGET_USES = "DELETE FROM discount_customer_uses WHERE discount_id = %(id)s"
_COUNT_USES = """
INSERT INTO discount_customer_uses (discount_id, customer_id, used_count)
SELECT discount_id, customer_id, count(*) FROM discount_uses WHERE discount_id = %(id)s
GROUP BY discount_id, customer_id ORDER BY customer_id RETURNING customer_id
"""


def update_discount(session: Session, discount_id: UUID, change: DiscountChange, *, actor: Actor, cache: Cache) -> None:
    """Changes a discount under its lock; what was ordered with it stays as it was.

    What changes nothing makes no other version. Refuses an unknown discount (NOT_FOUND); whoever is no admin one that
    goes beyond goods of their departments, as it was or as it would be (FORBIDDEN, see `require_reach`); a version that
    is not the present one, and what there is no room for (CONFLICT, see `hold_room`); what `checked` refuses, another
    end that has passed, unknown targets and regions, other amounts or regions of which none has the currency of the
    other, and a total limit below what is used already (INVALID_INPUT).
    """
    share_tree(session)
    _hold_new_targets(session, change)
    discount = lock_discount(session, discount_id)
    before = draft_of(session, discount)
    require_reach(session, before, actor=actor)
    require_version(discount.version, change.version)
    now = checked(change.of(before))
    check_end(now, before=before)
    require_reach(session, now, actor=actor)
    check_regions(session, now, before=before)
    if now != before:
        hold_room(session, now, before=before, discount_id=discount_id)
        _write(session, discount, before, now, actor)
        if before.per_customer_limit is None and now.per_customer_limit is not None:
            _count_by_customer(session, discount_id, cache)
    # For a repetition too, whose first news may have been lost.
    announce(session, cache, also=[DISCOUNTS])


def delete_discount(session: Session, discount_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a discount that was never used, with its codes.

    Refuses an unknown one (NOT_FOUND), what `update_discount` forbids (FORBIDDEN), and one that was used, which can be
    switched off (CONFLICT).
    """
    share_tree(session)
    discount = lock_discount(session, discount_id)
    before = draft_of(session, discount)
    require_reach(session, before, actor=actor)
    if was_used(session, discount_id):
        raise Conflict("This discount was used, and orders name it: switch it off instead.", field="discountId")
    named = list(
        session.scalars(select(DiscountCustomer.customer_id).where(DiscountCustomer.discount_id == discount_id))
    )
    session.execute(delete(Discount).where(Discount.id == discount_id))
    audit.note(session, AuditAction.DISCOUNT_REMOVED, discount_id, actor_id=actor.id, before=audited(before))
    tell_customers(session, cache, named)
    announce(session, cache, also=[DISCOUNTS])


def _hold_new_targets(session: Session, change: DiscountChange) -> None:
    targets = None if isinstance(change.targets, LeftOut) else change.targets
    bought = None if isinstance(change.bought, LeftOut) else change.bought
    check_targets(targets, bought)
    hold_targets(session, targets, bought)


def _write(session: Session, discount: Discount, before: DiscountDraft, now: DiscountDraft, actor: Actor) -> None:
    _count_total(session, discount, now)
    write(discount, now)
    rise(discount)
    session.flush()
    write_targets(session, discount.id, before=before, now=now)
    _note(session, discount.id, before, now, actor)


def _count_total(session: Session, discount: Discount, now: DiscountDraft) -> None:
    """Where a total limit comes, it begins with the uses there are; one that is below them is refused."""
    if now.total_limit is None:
        return
    if discount.total_limit is None:
        used = select(func.count()).select_from(DiscountUse).where(DiscountUse.discount_id == discount.id)
        discount.used_count = session.scalars(used).one()
    if now.total_limit < discount.used_count:
        raise InvalidInput(
            f"totalLimit must not be below the {discount.used_count} uses there are.", field="totalLimit"
        )


def _count_by_customer(session: Session, discount_id: UUID, cache: Cache) -> None:
    run(session, _FORGET_USES, {"id": discount_id})
    tell_customers(session, cache, list(run(session, _COUNT_USES, {"id": discount_id}).scalars()))


def _note(session: Session, discount_id: UUID, before: DiscountDraft, now: DiscountDraft, actor: Actor) -> None:
    old, new = audited(before), audited(now)
    differing = [name for name in old if old[name] != new[name]]
    audit.note(
        session,
        AuditAction.DISCOUNT_CHANGED,
        discount_id,
        actor_id=actor.id,
        before={name: old[name] for name in differing},
        after={name: new[name] for name in differing},
    )
