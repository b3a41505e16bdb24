"""The idempotency key of a request, from an argument or from the header."""

from collections.abc import Mapping
from typing import Any

from graphql_api.context import Info
from services import idempotency


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
