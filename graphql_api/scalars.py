"""Scalars of the schema that GraphQL itself does not have."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NewType, cast
from uuid import UUID

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from graphql_api.uploads import UploadedFile
from utils import money
from utils.ids import find_id

Money = NewType("Money", Decimal)
CurrencyCode = NewType("CurrencyCode", str)
Upload = NewType("Upload", UploadedFile)
Measure = NewType("Measure", Decimal)

# Strawberry's own, whose messages are those of the library under it.
_read_moment = cast("Callable[[object], datetime]", DEFAULT_SCALAR_REGISTRY[datetime].parse_value)


def _money_from_value(value: object) -> Decimal:
    try:
        return money.parse_amount(value)
    except ValueError as fault:
        raise GraphQLError(f"Money cannot be read: {fault}.") from None


def _money_from_literal(node: ValueNode, _variables: object = None) -> Decimal:
    # The digits as they were typed, never through a float.
    if isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        return _money_from_value(node.value)
    raise GraphQLError("Money cannot be read: money is a number or a numeric string.", node)


def _measure_from_value(value: object) -> Decimal:
    try:
        return money.parse_amount(value)
    except ValueError:
        raise GraphQLError("Measure is a number or a numeric string.") from None


def _measure_from_literal(node: ValueNode, _variables: object = None) -> Decimal:
    if isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        return _measure_from_value(node.value)
    raise GraphQLError("Measure is a number or a numeric string.", node)


def _currency_from_value(value: object) -> str:
    if isinstance(value, str) and money.is_currency(value):
        return value
    raise GraphQLError("CurrencyCode is an ISO 4217 code in capitals, such as USD.")


def _moment_from_value(value: object) -> datetime:
    try:
        # One without an offset too: who uses it refuses that, and says in which field it stands.
        return _read_moment(value)
    except GraphQLError:
        raise GraphQLError("A DateTime is a moment with its offset, such as 2026-01-31T12:00:00Z.") from None


def _uuid_from_value(value: object) -> UUID:
    found = find_id(value) if isinstance(value, str) else None
    if found is None:
        raise GraphQLError("UUID is written in its canonical form of 36 characters.")
    return found


def _not_sent(_value: object) -> None:
    raise GraphQLError("Upload is never in an answer.")


def _upload_from_value(value: object) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    raise GraphQLError("Upload is a file that came along in a multipart request, and stands in a variable.")


def _upload_from_literal(node: ValueNode, _variables: object = None) -> UploadedFile:
    return _upload_from_value(node)


SCALARS: dict[object, ScalarDefinition] = {
    Money: strawberry.scalar(
        name="Money",
        description=(
            "An exact amount of money. Out: a JSON number such as 29.99, in the currency that stands beside it. "
            'In: a number or a numeric string ("29.99"), never more decimals than the currency has.'
        ),
        # Amounts have at most 14 digits, and a double carries 15 without loss.
        serialize=float,
        parse_value=_money_from_value,
        parse_literal=_money_from_literal,
    ),
    Measure: strawberry.scalar(
        name="Measure",
        description=(
            "An exact number of some unit of measure, with at most three decimals. Out: a JSON number such as 1.5. In: "
            "a number or a numeric string."
        ),
        # At most 12 digits, and a double carries 15 without loss.
        serialize=float,
        parse_value=_measure_from_value,
        parse_literal=_measure_from_literal,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="An ISO 4217 currency code in capitals, such as USD, EUR or JPY.",
        serialize=str,
        parse_value=_currency_from_value,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment with its offset, as ISO 8601 has it, such as 2026-01-31T12:00:00Z. Out: in UTC.",
        serialize=datetime.isoformat,
        parse_value=_moment_from_value,
    ),
    UUID: strawberry.scalar(
        name="UUID",
        description="An id in the canonical form of a UUID, 36 characters.",
        serialize=str,
        parse_value=_uuid_from_value,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description=(
            "A file, only ever in a variable: null in `operations`, and named by `map`, as the GraphQL multipart "
            "request specification has it."
        ),
        serialize=_not_sent,
        parse_value=_upload_from_value,
        parse_literal=_upload_from_literal,
    ),
}
