"""Makes a repeated request harmless: the same key with the same arguments answers with what the first one made."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from models import IdempotencyKey
from models.base import Base
from utils import clock
from utils.database import run
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

LONGEST_KEY = 200
# The API promises 24 hours; a day more costs little.
KEPT_FOR = timedelta(hours=48)

_CLAIM = """
INSERT INTO idempotency_keys (caller, key, field, arguments_hash, result_id, created_at)
VALUES (%(caller)s, %(key)s, %(field)s, %(hash)s, %(result_id)s, %(moment)s)
ON CONFLICT DO NOTHING RETURNING key
"""
_KNOWN = """
SELECT arguments_hash, result_id FROM idempotency_keys
WHERE caller = %(caller)s AND key = %(key)s AND field = %(field)s
"""
_MADE = """
UPDATE idempotency_keys SET result_id = %(result_id)s
WHERE caller = %(caller)s AND key = %(key)s AND field = %(field)s
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that must not happen twice: who asks, under which key, for which field, with which arguments."""

    caller: str
    key: str
    field: str
    arguments: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.key.isascii() or not self.key.isprintable() or not 1 <= len(self.key) <= LONGEST_KEY:
            raise InvalidInput(
                f"An idempotency key has 1 to {LONGEST_KEY} printable ASCII characters.", field="idempotencyKey"
            )

    @property
    def arguments_hash(self) -> bytes:
        """A digest that is equal for equal arguments, whatever their order in the document."""
        return hashlib.sha256(orjson.dumps(self.arguments, option=orjson.OPT_SORT_KEYS, default=str)).digest()


def begin(session: Session, request: Request, *, makes: UUID) -> UUID | None:
    """Claims the key as the first write of this transaction; waits while another transaction holds it.

    `makes` is the id that what this request makes will have; if the transaction fails, the claim goes with it.
    Returns None when the request is new, else the id of what the first one made. Refuses the same key with other
    arguments (CONFLICT).

    That the first one is committed does not mean that it has told the cache: it may be about to, or dead. So whoever
    gets an id must `announce` what the first one did once more, before the repetition is acknowledged.
    """
    names = _names(request)
    hashed = request.arguments_hash
    if run(session, _CLAIM, {**names, "hash": hashed, "result_id": makes, "moment": clock.now()}).first() is not None:
        return None
    known = run(session, _KNOWN, names).one()
    if bytes(known.arguments_hash) != hashed:
        raise Conflict("This idempotency key was used with other arguments.", field="idempotencyKey")
    made: UUID = known.result_id
    return made


def once(
    session: Session,
    request: Request | None,
    make: Callable[[], UUID],
    *,
    of: type[Base],
    announce_again: Callable[[UUID], object] | None,
) -> UUID:
    """Makes a row `of` this table and returns its id, unless this request did so before; then returns that one's id.

    `announce_again` is what a repetition does instead of making (see `begin`); None where no cache shows such a thing.
    Without a request there is nothing to repeat. Refuses a re-used key (CONFLICT), and the repetition of a request
    whose thing was removed since (NOT_FOUND).
    """
    if request is None:
        return make()
    known = begin(session, request, makes=new_id())
    if known is None:
        made = make()
        run(session, _MADE, {**_names(request), "result_id": made})
        return made
    if not session.scalars(select(exists().where(of.__table__.c.id == known))).one():
        raise NotFound("What this request made was removed since.", field="idempotencyKey")
    if announce_again is not None:
        announce_again(known)
    return known


def forget_old(session: Session) -> int:
    """Deletes keys past their time; returns how many."""
    outdated = delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
    return len(session.execute(outdated.returning(IdempotencyKey.key)).all())


def _names(request: Request) -> dict[str, str]:
    return {"caller": request.caller, "key": request.key, "field": request.field}
