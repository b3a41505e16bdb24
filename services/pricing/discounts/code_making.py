"""Codes of discounts: words that staff choose, or that nobody can guess; and taking back those that nobody used."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Discount, DiscountCode, DiscountUse
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.products.versions import require_version
from services.catalogue.tree_lock import share_tree
from services.pricing.discounts.checking import LARGEST_LIMIT
from services.pricing.discounts.codes import LONGEST_CODE, normalised
from services.pricing.discounts.records import draft_of, lock_discount, rise
from services.pricing.discounts.targets import require_reach
from services.pricing.tags import DISCOUNTS
from utils import clock
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

MOST_AT_A_TIME = 1_000
LONGEST_PREFIX = 20
# Crockford's base 32: no I, L, O and U, which are read as others. Twelve of them are 60 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGNS = 12
# Whose capitals are the same in every program; PostgreSQL's and Python's differ beyond.
_CODE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class CodesDraft:
    """The codes to be: these, or so many that nobody can guess, after a prefix. `use_limit`: of each of them."""

    codes: Sequence[str] | None = None
    count: int | None = None
    prefix: str = ""
    use_limit: int | None = None


def add_codes(
    session: Session,
    discount_id: UUID,
    draft: CodesDraft,
    *,
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> UUID:
    """Adds codes to a discount and returns the id of the first; `list_codes_together` has all of them.

    Refuses an unknown discount (NOT_FOUND), what `update_discount` forbids (FORBIDDEN), what are no codes, none or over
    1,000 of them, one given twice and a limit out of its bounds (INVALID_INPUT), a discount that needs no code, a code
    that another discount or this one has, and a version that is not the present one (CONFLICT).
    """
    given = _checked(draft)
    share_tree(session)
    discount = lock_discount(session, discount_id)
    require_reach(session, draft_of(session, discount), actor=actor)
    require_version(discount.version, version)
    if not discount.needs_code:
        raise Conflict("This discount needs no code: let it need one first.", field="discountId")
    made = _insert(session, discount, given, draft.use_limit, actor)
    rise(discount)
    after = {"count": len(given), "use_limit": draft.use_limit}
    # Codes that nobody can guess are nobody's business, not even the log's.
    said = {"codes": given} if draft.count is None else {"prefix": draft.prefix.strip().upper()}
    audit.note(session, AuditAction.DISCOUNT_CODES_ADDED, discount_id, actor_id=actor.id, after=after | said)
    announce(session, cache, also=[DISCOUNTS])
    return made


def remove_code(session: Session, code_id: UUID, *, actor: Actor, cache: Cache) -> UUID:
    """Takes back a code that was never used, and returns the id of its discount.

    Refuses an unknown code (NOT_FOUND), what `update_discount` forbids (FORBIDDEN), and one that was used (CONFLICT).
    """
    share_tree(session)
    found = session.get(DiscountCode, code_id)
    if found is None:
        raise _no_such_code()
    discount = lock_discount(session, found.discount_id)
    require_reach(session, draft_of(session, discount), actor=actor)
    chosen = select(DiscountCode).where(DiscountCode.id == code_id).with_for_update()
    code = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if code is None:  # somebody else removed it while this waited
        raise _no_such_code()
    if session.scalars(select(exists().where(DiscountUse.code_id == code_id))).one():
        raise Conflict("This code was used, and orders name it.", field="codeId")
    session.delete(code)
    rise(discount)
    audit.note(
        session,
        AuditAction.DISCOUNT_CODE_REMOVED,
        discount.id,
        actor_id=actor.id,
        before={"code": code.code, "use_limit": code.use_limit},
    )
    announce(session, cache, also=[DISCOUNTS])
    return discount.id


def _no_such_code() -> NotFound:
    return NotFound("There is no such code.", field="codeId")


def _checked(draft: CodesDraft) -> list[str]:
    """The codes as they are kept, in the order they were given."""
    if draft.use_limit is not None and not 1 <= draft.use_limit <= LARGEST_LIMIT:
        raise InvalidInput(f"useLimit must be from 1 to {LARGEST_LIMIT}.", field="useLimit")
    if (draft.codes is None) == (draft.count is None):
        both = draft.codes is not None
        message = "Give `codes` or `generate`, not both." if both else "Give codes, or say how many to generate."
        raise InvalidInput(message, field="codes")
    if draft.codes is None:
        return _generated(draft.count or 0, draft.prefix)
    if not 1 <= len(draft.codes) <= MOST_AT_A_TIME:
        raise InvalidInput(f"From 1 to {MOST_AT_A_TIME} codes are added at a time.", field="codes")
    kept: dict[str, None] = {}
    for at, each in enumerate(draft.codes):
        code = _checked_word(each, f"codes.{at}", longest=LONGEST_CODE)
        if code in kept:
            raise InvalidInput(f"The code {code} is given twice.", field=f"codes.{at}")
        kept[code] = None
    return list(kept)


def _generated(count: int, prefix: str) -> list[str]:
    if not 1 <= count <= MOST_AT_A_TIME:
        raise InvalidInput(f"count must be from 1 to {MOST_AT_A_TIME}.", field="generate.count")
    begin = _checked_word(prefix, "generate.prefix", longest=LONGEST_PREFIX) if prefix else ""
    return [begin + "".join(secrets.choice(_ALPHABET) for _ in range(_SIGNS)) for _ in range(count)]


def _checked_word(word: str, field: str, *, longest: int) -> str:
    stripped = word.strip()
    if len(stripped) > longest or not _CODE.fullmatch(stripped):
        raise InvalidInput(f"{field} must be of 1 to {longest} letters of ASCII, digits, - and _.", field=field)
    return normalised(stripped)


def _insert(session: Session, discount: Discount, codes: Sequence[str], use_limit: int | None, actor: Actor) -> UUID:
    """Writes the codes; their ids are in the order they were given, and one moment holds them together."""
    moment, ids = clock.now(), [new_id() for _ in codes]
    rows = [
        {
            "id": code_id,
            "discount_id": discount.id,
            "code": code,
            "use_limit": use_limit,
            "created_by": actor.id,
            "created_at": moment,
        }
        for code_id, code in zip(ids, codes, strict=True)
    ]
    # In the order of the codes, so that two who add the same ones do not wait for each other.
    rows.sort(key=lambda row: str(row["code"]))
    inserted = insert(DiscountCode).values(rows).on_conflict_do_nothing(index_elements=["code"])
    written = set(session.scalars(inserted.returning(DiscountCode.code)))
    taken = [code for code in codes if code not in written]
    if taken:
        raise Conflict(f"There is a code {taken[0]} already.", field="codes")
    return ids[0]
