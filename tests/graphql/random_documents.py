"""Random documents over the real types, random sources under them, and all that can be told of a result."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    parse,
)
from graphql.execution import Executor
from hypothesis import strategies as st

from graphql_api.fields import READS
from graphql_api.schema import core_schema

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
TYPES = core_schema().type_map
PRODUCT, CONNECTION, ORDER = (
    cast("GraphQLObjectType", TYPES[name]) for name in ("Product", "ProductConnection", "Order")
)


def _from_source(name: str) -> Callable[..., Any]:
    def resolve(source: Any, _info: Any) -> Any:
        return build(source[name])

    return resolve


ROOTS: dict[str, Any] = {
    "product": PRODUCT,
    "surelyProduct": GraphQLNonNull(PRODUCT),
    "products": GraphQLNonNull(GraphQLList(GraphQLNonNull(PRODUCT))),
    "maybeProducts": GraphQLList(PRODUCT),
    "connection": GraphQLNonNull(CONNECTION),
    "order": ORDER,
    "orders": GraphQLList(GraphQLNonNull(ORDER)),
}
# The real types, under roots that give whatever a test wants them to give.
SCHEMA = GraphQLSchema(
    GraphQLObjectType(
        "Query", {name: GraphQLField(declared, resolve=_from_source(name)) for name, declared in ROOTS.items()}
    )
)


class Raising(NamedTuple):
    """An attribute that cannot be read, such as a relation that was not loaded."""

    message: str


class Objects(NamedTuple):
    """A list of sources, in one of the forms a resolver may give."""

    form: Callable[[list[Any]], Any]
    items: list[Any]


class Source:
    """A source with the attributes of a description."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self._attributes = attributes

    def __repr__(self) -> str:
        return "a source"  # stands in messages, and must be the same in both

    def __getattr__(self, name: str) -> Any:
        found = self._attributes[name] if name in self._attributes else Raising(f"no {name}")
        if isinstance(found, Raising):
            raise AttributeError(found.message)
        return build(found)


def build(described: Any) -> Any:
    """What a description stands for, made anew each time: an iterator can be read only once."""
    if isinstance(described, dict):
        return Source(described)
    if isinstance(described, Objects):
        return described.form([build(each) for each in described.items])
    return described


RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "ID": st.sampled_from([ID, "some-id", 7]),
    "String": st.sampled_from(["", "text", "naïve", ID, 5, True]),
    "Int": st.sampled_from([0, 5, -(2**31), 2**31 - 1]),
    "Boolean": st.booleans(),
    "Money": st.sampled_from([Decimal("29.99"), Decimal(0), 5, "1.50"]),
    "CurrencyCode": st.just("USD"),
    "DateTime": st.just(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    "UUID": st.just(ID),
    "Measure": st.sampled_from([Decimal("0.5"), Decimal("1.250"), 5]),
    "Float": st.just(1.5),
}
FAULTS = [None, None, Undefined, ValueError("a value that is a fault"), Raising("not loaded"), object, b"bytes"]
# Objects of objects: a category has a parent, a product has siblings. What stands deeper is not there.
DEEPEST = 2
ODD = [2**31, 2**70, -0.5, float("nan"), float("inf"), Decimal("NaN"), "nonsense", [], ["x"], (), {}]
WRONG = st.sampled_from([*FAULTS, *ODD])
FORMS: st.SearchStrategy[Callable[[list[Any]], Any]] = st.sampled_from([list, list, tuple, iter, dict.fromkeys])


@st.composite
def values(draw: st.DrawFn, declared: Any, depth: int = 0) -> Any:
    """A value for a field of this type: mostly right, sometimes of a wrong kind, at any depth but a bottomless one."""
    if draw(st.integers(0, 24)) == 0:
        return draw(WRONG)
    bare = get_nullable_type(declared)
    if bare is declared and draw(st.integers(0, 4)) == 0:
        return None
    if is_list_type(bare):
        return Objects(draw(FORMS), draw(st.lists(values(bare.of_type, depth), max_size=2)))
    if is_object_type(bare):
        return {
            # What resolvers of some fields read of their source.
            "category_id": draw(st.sampled_from(["known", "unknown"])),
            **{
                attribute: draw(values(field.type, depth + 1))
                for attribute, field in attributes(bare)
                if depth < DEEPEST or is_leaf_type(get_named_type(field.type))
            },
        }
    if is_enum_type(bare):
        return draw(st.sampled_from([each.value for each in bare.values.values()]))
    return draw(RIGHT[bare.name])


def attributes(parent: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField]]:
    """The attribute that each field of this type reads of its source."""
    for field in parent.fields.values():
        declared = field.extensions["strawberry-definition"]
        yield declared.metadata.get(READS, declared.python_name), field


TRUE_ONES = ["@include(if: $yes)", "@skip(if: $no)", "@include(if: $maybe)"]
FALSE_ONES = ["@skip(if: true)", "@include(if: $no) @skip(if: $no)"]
DIRECTIVES = st.sampled_from(["", "", "", "", *TRUE_ONES, *FALSE_ONES])


@st.composite
def selections(draw: st.DrawFn, parent: Any, fragments: dict[str, str]) -> str:
    """A selection set of this type: fields, aliases, __typename, fragments of both kinds, directives."""
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        directive = draw(DIRECTIVES)
        kind = draw(st.sampled_from(["field"] * 8 + ["typename", "inline", "spread"]))
        if kind == "typename":
            parts.append(f"{draw(st.sampled_from(['', 'sort: ']))}__typename {directive}")
        elif kind == "inline":
            condition = draw(st.sampled_from(["", f"on {parent.name}"]))
            parts.append(f"... {condition} {directive} {draw(selections(parent, fragments))}")
        elif kind == "spread":
            body = draw(selections(parent, fragments))
            name = f"F{len(fragments)}"
            fragments[name] = f"fragment {name} on {parent.name} {body}"
            parts.append(f"...{name} {directive}")
        else:
            name = draw(st.sampled_from(sorted(parent.fields)))
            below = get_named_type(parent.fields[name].type)
            # An alias always stands for the same field, so that whatever comes together can be merged.
            alias = draw(st.sampled_from(["", "", f"{name}Again: "]))
            body = draw(selections(below, fragments)) if is_object_type(below) else ""
            parts.append(f"{alias}{name} {directive} {body}")
    return "{ " + " ".join(parts) + " }"


DECLARED = "query ($yes: Boolean!, $no: Boolean!, $maybe: Boolean = true)"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A valid operation over the roots."""
    fragments: dict[str, str] = {}
    body = draw(selections(SCHEMA.query_type, fragments))
    return "\n".join([f"{DECLARED} {body}", *fragments.values()])


class Context(NamedTuple):
    """What the resolvers of single fields ask of the request."""

    categories: dict[Any, Any]
    products: dict[Any, Any]
    order_prices: Mapping[Any, Any]
    order_traces: Mapping[Any, Any]

    def category(self, category_id: Any) -> Any:
        """As the request's context has it."""
        return self.categories[category_id]


NOTHING: Mapping[Any, Any] = defaultdict(lambda: None)
CATEGORY = {"id": ID, "slug": "tea", "name": "Tea", "parent_id": None, "department": Raising("not loaded")}


def executed(
    executor: type[Executor[Any]], document: str | DocumentNode, root: Any, maybe: bool | None
) -> ExecutionResult:
    """The document's result; the sources are made anew."""
    return execute_sync(
        SCHEMA,
        parse(document) if isinstance(document, str) else document,
        root_value=root,
        context_value=Context({"known": build(CATEGORY)}, {ID: None}, NOTHING, NOTHING),
        variable_values={"yes": True, "no": False, "maybe": maybe},
        executor_class=executor,
    )


def told(result: ExecutionResult) -> tuple[str, list[Any]]:
    """All that can be seen of a result: data in its order and types, errors in their order."""
    errors = [
        (error.message, error.path, error.locations, type(error.original_error), str(error.original_error))
        for error in result.errors or []
    ]
    return json.dumps(result.data), errors


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any], bool | None]:
    """A document, the sources its roots give, and a variable: null is a fault of the selection set it decides on."""
    document = draw(documents())
    root = {name: draw(values(declared)) for name, declared in ROOTS.items() if name in document}
    return document, root, draw(st.sampled_from([True, True, False, None]))
