"""Making discounts."""

from uuid import UUID

from sqlalchemy.orm import Session

from models import Discount
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.tree_lock import share_tree
from services.pricing.discounts.checking import check_end, check_targets, checked
from services.pricing.discounts.drafts import DiscountDraft
from services.pricing.discounts.in_regions import check_regions
from services.pricing.discounts.records import audited, write
from services.pricing.discounts.room import hold_room
from services.pricing.discounts.targets import hold_targets, require_reach, write_targets
from services.pricing.tags import DISCOUNTS
from utils import clock
from utils.cache import Cache
from utils.ids import new_id


def create_discount(session: Session, draft: DiscountDraft, *, actor: Actor, cache: Cache) -> UUID:
    """Makes a discount without codes and without named customers, and returns its id.

    Refuses what `checked` refuses, an end that has passed, unknown targets and regions, and amounts in no currency of
    these regions (INVALID_INPUT), whoever is no admin a discount that goes beyond goods of their departments
    (FORBIDDEN, see `require_reach`), and one that is switched on where there is no room for it (CONFLICT, see
    `hold_room`).
    """
    wanted = checked(draft)
    check_end(wanted)
    check_targets(wanted.targets, wanted.bought)
    share_tree(session)
    hold_targets(session, wanted.targets, wanted.bought)
    require_reach(session, wanted, actor=actor)
    check_regions(session, wanted)
    hold_room(session, wanted)
    moment = clock.now()
    made = Discount(id=new_id(), created_by=actor.id, created_at=moment, updated_at=moment)
    write(made, wanted)
    session.add(made)
    session.flush()
    write_targets(session, made.id, before=None, now=wanted)
    audit.note(session, AuditAction.DISCOUNT_CREATED, made.id, actor_id=actor.id, after=audited(wanted))
    announce(session, cache, also=[DISCOUNTS])
    return made.id
