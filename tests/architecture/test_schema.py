"""The schema explains itself, names the permission of every field, and is the one that was committed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    is_enum_type,
    is_input_object_type,
    is_introspection_type,
    is_non_null_type,
    is_object_type,
)

from graphql_api.permissions import Permission
from graphql_api.schema import as_text, core_schema
from tests.architecture.sources import PROJECT

SCHEMA = core_schema()
TYPES = [each for each in SCHEMA.type_map.values() if not is_introspection_type(each)]


def _described(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Everything of a type that has a description, by its dotted name."""
    yield kind.name, kind.description
    if is_enum_type(kind):
        yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())
    if is_input_object_type(kind):
        yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
    if is_object_type(kind):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.description
            yield from ((f"{kind.name}.{name}({at})", each.description) for at, each in field.args.items())


def test_everything_has_a_description() -> None:
    silent = [name for kind in TYPES for name, description in _described(kind) if not (description or "").strip()]

    assert silent == []


def test_every_description_is_a_sentence() -> None:
    ours = [each for each in _all() if not each[0].startswith(("Boolean", "Float", "ID", "Int", "String"))]

    assert [name for name, description in ours if not description.endswith((".", ")"))] == []


def _all() -> list[tuple[str, str]]:
    return [(name, description or "") for kind in TYPES for name, description in _described(kind)]


def _roots() -> list[tuple[str, GraphQLField]]:
    assert SCHEMA.query_type
    assert SCHEMA.mutation_type
    return [
        (f"{kind.name}.{name}", field)
        for kind in (SCHEMA.query_type, SCHEMA.mutation_type)
        for name, field in kind.fields.items()
    ]


@pytest.mark.parametrize(("name", "field"), _roots(), ids=lambda each: each if isinstance(each, str) else "")
def test_a_root_field_says_and_checks_its_permission(name: str, field: GraphQLField) -> None:
    declared = field.extensions["strawberry-definition"]
    guards = [each.permission for each in declared.extensions if hasattr(each, "permission")]

    assert len(guards) == 1
    assert isinstance(guards[0], Permission)
    assert (field.description or "").endswith(f" Permission: {guards[0].value}.")


def test_mutations_are_nullable() -> None:
    assert SCHEMA.mutation_type
    fields = SCHEMA.mutation_type.fields.items()

    assert [name for name, field in fields if is_non_null_type(field.type)] == []


def test_single_look_ups_are_nullable() -> None:
    assert SCHEMA.query_type
    single = [(name, field) for name, field in SCHEMA.query_type.fields.items() if is_object_type(field.type)]

    assert {name for name, _ in single} >= {"me", "product", "getProductsById", "getOrderById"}


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    assert (PROJECT / "graphql_api" / "schema.graphql").read_text() == as_text()
