"""Turns a GraphQL schema into the plain sections that the documentation page shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    GraphQLSchema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_scalar_type,
    is_union_type,
    print_ast,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast

from routes.docs_samples import Sample, sample_operation


@dataclass(frozen=True)
class TypeRef:
    """A type as it is written in the schema, in three pieces so that the name between can be a link."""

    before: str
    name: str
    after: str


@dataclass(frozen=True)
class Input:
    """An argument or an input's field."""

    name: str
    type: TypeRef
    default: str | None
    description: str
    deprecated: str | None


@dataclass(frozen=True)
class Entry:
    """A field or an enum value; a root field has a sample document too."""

    name: str
    anchor: str
    description: str
    deprecated: str | None
    type: TypeRef | None = None
    arguments: tuple[Input, ...] = ()
    sample: Sample | None = None


@dataclass(frozen=True)
class TypeDoc:
    """A named type of the schema with whatever it consists of."""

    name: str
    anchor: str
    description: str
    one_of: bool = False
    interfaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True)
class Section:
    """One chapter of the page: root fields (`entries`) or types (`types`), never both."""

    title: str
    anchor: str
    entries: tuple[Entry, ...] = ()
    types: tuple[TypeDoc, ...] = ()


_KINDS: tuple[tuple[str, str, Callable[[object], bool]], ...] = (
    ("Types", "types", is_object_type),
    ("Interfaces", "interfaces", is_interface_type),
    ("Unions", "unions", is_union_type),
    ("Inputs", "inputs", is_input_object_type),
    ("Enums", "enums", is_enum_type),
    ("Scalars", "scalars", is_scalar_type),
)


def read_schema(schema: GraphQLSchema) -> list[Section]:
    """All of the schema but its introspection types, by chapter, in alphabetical order; empty chapters are left out."""
    roots = [("Queries", "query", schema.query_type), ("Mutations", "mutation", schema.mutation_type)]
    sections = [
        Section(title, title.lower(), entries=tuple(_root_fields(schema, kind, root.fields)))
        for title, kind, root in roots
        if root is not None
    ]
    root_types = {root for _, _, root in roots}
    named = sorted(
        (kind for name, kind in schema.type_map.items() if not name.startswith("__") and kind not in root_types),
        key=lambda kind: kind.name,
    )
    for title, anchor, matches in _KINDS:
        types = tuple(_type_doc(schema, kind) for kind in named if matches(kind))
        if types:
            sections.append(Section(title, anchor, types=types))
    return sections


def _root_fields(schema: GraphQLSchema, kind: str, fields: Mapping[str, GraphQLField]) -> Iterator[Entry]:
    for name in sorted(fields):
        yield _entry(f"{kind}-{name}", name, fields[name], sample_operation(schema, kind, name))


def _entry(anchor: str, name: str, field: GraphQLField, sample: Sample | None = None) -> Entry:
    return Entry(
        name=name,
        anchor=anchor,
        description=field.description or "",
        deprecated=field.deprecation_reason,
        type=_type_ref(field.type),
        arguments=tuple(_input(at, argument) for at, argument in field.args.items()),
        sample=sample,
    )


def _input(name: str, value: GraphQLArgument | GraphQLInputField) -> Input:
    default = get_default_value_ast(value)
    return Input(
        name=name,
        type=_type_ref(value.type),
        default=print_ast(default) if default else None,
        description=value.description or "",
        deprecated=value.deprecation_reason,
    )


def _type_ref(kind: object) -> TypeRef:
    before, name, after = re.fullmatch(r"(\[*)(\w+)(.*)", str(kind)).groups()  # type: ignore[union-attr]
    return TypeRef(before, name, after)


def _type_doc(schema: GraphQLSchema, kind: GraphQLNamedType) -> TypeDoc:
    name = kind.name
    entries: tuple[Entry, ...] = ()
    inputs: tuple[Input, ...] = ()
    if is_object_type(kind) or is_interface_type(kind):
        entries = tuple(_entry(f"{name}.{at}", at, field) for at, field in kind.fields.items())
    elif is_enum_type(kind):
        entries = tuple(
            Entry(at, f"{name}.{at}", value.description or "", value.deprecation_reason)
            for at, value in kind.values.items()
        )
    elif is_input_object_type(kind):
        inputs = tuple(_input(at, field) for at, field in kind.fields.items())
    possible = schema.get_possible_types(kind) if is_union_type(kind) or is_interface_type(kind) else ()
    return TypeDoc(
        name=name,
        anchor=f"type-{name}",
        description=kind.description or "",
        one_of=is_input_object_type(kind) and kind.is_one_of,
        interfaces=tuple(parent.name for parent in kind.interfaces) if is_object_type(kind) else (),
        members=tuple(sorted(member.name for member in possible)),
        entries=entries,
        inputs=inputs,
    )
