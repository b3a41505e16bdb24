"""Writes a sample document, with variables, for each root field of a schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
    is_union_type,
)

# A value for each scalar, by the scalar's name; others are shown as a text.
_VALUES: dict[str, object] = {
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "Money": 29.99,
    "DateTime": "2030-01-31T12:00:00Z",
    "CurrencyCode": "USD",
    # A file comes beside the variables, which have null in its place.
    "Upload": None,
}
_AN_ID = "00000000-0000-0000-0000-000000000000"
# So many of a list, and one of a list in a list: whole ones would be too much for one document.
_A_FEW = 5
# Connections and edges only wrap what a reader looks for, so they do not count as a level.
_WRAPPERS = ("Connection", "Edge")


@dataclass(frozen=True)
class Sample:
    """A document that is valid for the schema, and the JSON of its variables (empty when it has none).

    `command` sends it from a terminal where a page cannot: with a file. It is empty where there is none to send.
    """

    document: str
    variables: str
    command: str = ""


def sample_operation(schema: GraphQLSchema, kind: str, name: str) -> Sample:
    """A document for the root field `name`: its required arguments as variables, its leaves and those one level below.

    `kind` is "query" or "mutation"; the schema must have that field.
    """
    root = schema.query_type if kind == "query" else schema.mutation_type
    assert root is not None
    field = root.fields[name]
    required = {at: argument for at, argument in field.args.items() if is_required_argument(argument)}
    title = name[0].upper() + name[1:]
    declared = ", ".join(f"${at}: {argument.type}" for at, argument in required.items())
    short = {"first": str(_A_FEW)} if "first" in field.args and "first" not in required else {}
    passed = ", ".join(f"{at}: {value}" for at, value in ({at: f"${at}" for at in required} | short).items())
    lines = [
        f"{kind} {title}{f'({declared})' if declared else ''} {{",
        f"  {name}{f'({passed})' if passed else ''}{_opening(field)}",
        *_selection(get_named_type(field.type), levels=1, path=(), indent="    "),
        *(["  }"] if is_composite_type(get_named_type(field.type)) else []),
        "}",
    ]
    values = {at: _value(argument, at) for at, argument in required.items()}
    document, files = "\n".join(lines), [at for at, argument in required.items() if _is_file(argument)]
    command = _command(document, values, files) if files else ""
    return Sample(document, json.dumps(values, indent=2) if values else "", command)


def _is_file(argument: GraphQLArgument) -> bool:
    return get_named_type(argument.type).name == "Upload"


def _command(document: str, values: dict[str, object], files: list[str]) -> str:
    """The operation as the GraphQL multipart request specification has it, with these variables as files."""
    operations = {"query": " ".join(document.split()), "variables": values}
    places = {str(at): [f"variables.{name}"] for at, name in enumerate(files)}
    lines = [
        "curl https://YOUR_SHOP/graphql",
        "-H 'Apollo-Require-Preflight: true'",
        '-H "Authorization: Bearer $TOKEN"',
        f"-F operations='{json.dumps(operations)}'",
        f"-F map='{json.dumps(places)}'",
        *(f"-F {at}=@YOUR_FILE" for at in places),
    ]
    return " \\\n  ".join(lines)


def _opening(field: GraphQLField) -> str:
    return " {" if is_composite_type(get_named_type(field.type)) else ""


def _selection(kind: GraphQLNamedType, *, levels: int, path: tuple[str, ...], indent: str) -> Iterator[str]:
    """The lines inside the braces of `kind`; a type that is already open above is not opened again."""
    if is_union_type(kind):
        yield f"{indent}__typename"
    if not (is_object_type(kind) or is_interface_type(kind)):
        return
    opened = (*path, kind.name)
    wraps = kind.name.endswith(_WRAPPERS)
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())):
            continue
        if not is_composite_type(inner):
            yield f"{indent}{name}"
        elif inner.name not in opened and (wraps or (levels and not inner.name.endswith(_WRAPPERS))):
            below = levels if wraps else levels - 1
            lines = list(_selection(inner, levels=below, path=opened, indent=indent + "  "))
            if lines:
                few = "(first: 1)" if "first" in field.args else ""
                yield from (f"{indent}{name}{few} {{", *lines, f"{indent}}}")


def _value(holder: GraphQLArgument | GraphQLInputField, name: str) -> object:
    return _value_of(holder.type, name)


def _value_of(kind: GraphQLInputType | GraphQLOutputType, name: str) -> object:
    if is_non_null_type(kind):
        return _value_of(kind.of_type, name)
    if is_list_type(kind):
        return [_value_of(kind.of_type, name)]
    if is_input_object_type(kind):
        fields = kind.fields.items()
        if kind.is_one_of:
            return {at: _value(field, at) for at, field in list(fields)[:1]}
        wanted = {at: _value(field, at) for at, field in fields if is_required_input_field(field)}
        return wanted or {at: _value(field, at) for at, field in list(fields)[:1]}
    if is_enum_type(kind):
        return next(iter(kind.values))
    scalar = str(kind)
    if scalar in ("ID", "UUID") or name.lower().endswith("id"):
        return _AN_ID
    return _VALUES.get(scalar, name.upper())
