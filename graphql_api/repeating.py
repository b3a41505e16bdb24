"""The idempotency key of a request, from an argument or from the header."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from graphql_api.context import Info
from models.base import Base
from services import idempotency

# What a field that makes something says of the header.
ONCE = (
    "A repetition with the same `Idempotency-Key` header makes nothing and answers with what the first one made "
    "(NOT_FOUND if that was removed since)."
)


def request_of(info: Info, *, key: str | None, arguments: Mapping[str, Any]) -> idempotency.Request | None:
    """What must not happen twice: this field with these arguments, under the argument's key or the header's."""
    context = info.context
    known = context.idempotency_key if key is None else key
    if known is None:
        return None
    # Two fields of one document share the header's key: their names in the answer keep them apart.
    shared = key is None and info.path.key != info.field_name
    return idempotency.Request(
        caller=str(context.actor.id),
        key=known,
        field=f"{info.field_name}:{info.path.key}" if shared else info.field_name,
        arguments=arguments,
    )


def made_once(
    info: Info,
    session: Session,
    arguments: Mapping[str, Any],
    make: Callable[[], UUID],
    *,
    of: type[Base],
    announce_again: Callable[[UUID], object] | None = None,
) -> UUID:
    """Makes a thing under the header's key, as the first act of this transaction, and returns its id.

    The repetition of a request returns the id of what the first one made, and announces that again; see
    `idempotency.once`, and `begin` there for why.
    """
    request = request_of(info, key=None, arguments=arguments)
    return idempotency.once(session, request, make, of=of, announce_again=announce_again)
