"""The short way of the executor answers exactly as graphql-core's own executor does, errors included."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple, NewType, cast
from uuid import UUID

import pytest
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    NoUnusedVariablesRule,
    Undefined,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import Executor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig

from graphql_api.execution import PlainFieldExecutor
from graphql_api.fields import READS
from graphql_api.schema import core_schema

Silent = NewType("Silent", str)
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
    "ProductStatus": st.sampled_from(["published", "withdrawn"]),
}
FAULTS = [None, None, Undefined, ValueError("a value that is a fault"), Raising("not loaded"), object, b"bytes"]
ODD = [2**31, 2**70, -0.5, float("nan"), float("inf"), Decimal("NaN"), "nonsense", [], ["x"], (), {}]
WRONG = st.sampled_from([*FAULTS, *ODD])
FORMS: st.SearchStrategy[Callable[[list[Any]], Any]] = st.sampled_from([list, list, tuple, iter, dict.fromkeys])


@st.composite
def values(draw: st.DrawFn, declared: Any) -> Any:
    """A value for a field of this type: mostly right, sometimes of a wrong kind, at any depth."""
    if draw(st.integers(0, 24)) == 0:
        return draw(WRONG)
    bare = get_nullable_type(declared)
    if bare is declared and draw(st.integers(0, 4)) == 0:
        return None
    if is_list_type(bare):
        return Objects(draw(FORMS), draw(st.lists(values(bare.of_type), max_size=2)))
    if is_object_type(bare):
        return {
            # What resolvers of some fields read of their source.
            "category_id": draw(st.sampled_from(["known", "unknown"])),
            **{attribute: draw(values(field.type)) for attribute, field in _attributes(bare)},
        }
    return draw(RIGHT[bare.name])


def _attributes(parent: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField]]:
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
            parts.append(f"{draw(st.sampled_from(['', 'kind: ']))}__typename {directive}")
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


CATEGORY = {"id": ID, "slug": "tea", "name": "Tea", "parent_id": None, "department": Raising("not loaded")}


def executed(executor: type[Executor[Any]], document: str, root: Any, maybe: bool | None) -> ExecutionResult:
    """The document's result; the sources are made anew."""
    return execute_sync(
        SCHEMA,
        parse(document),
        root_value=root,
        context_value=Context({"known": build(CATEGORY)}, {ID: None}),
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


# A document need not use every variable: the three are there for those that do.
RULES = [rule for rule in specified_rules if rule is not NoUnusedVariablesRule]


def same_answer(document: str, root: Any, maybe: bool | None) -> None:
    """Fails unless both executors tell the same."""
    assert validate(SCHEMA, parse(document), RULES) == []
    expected = executed(Executor, document, root, maybe)
    assert told(executed(PlainFieldExecutor, document, root, maybe)) == told(expected)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any], bool | None]:
    """A document, the sources its roots give, and a variable: null is a fault of the selection set it decides on."""
    document = draw(documents())
    root = {name: draw(values(declared)) for name, declared in ROOTS.items() if name in document}
    return document, root, draw(st.sampled_from([True, True, False, None]))


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def product(**changed: Any) -> dict[str, Any]:
    """A product without fault."""
    right = {"id": ID, "name": "Tea", "price": Decimal("2.50"), "stock_count": 3, "status": "published"}
    return {**right, "category_id": "known", **changed}


LEAVES = [name for name, field in PRODUCT.fields.items() if is_leaf_type(get_named_type(field.type))]


@pytest.mark.parametrize("field", LEAVES)
def test_every_value_in_every_leaf_is_told_as_the_library_does(field: str) -> None:
    attribute = dict(zip(PRODUCT.fields, (attribute for attribute, _ in _attributes(PRODUCT)), strict=True))[field]
    for value in [*FAULTS, *ODD, {}, datetime(2026, 1, 2, tzinfo=UTC), ID, "USD", "published", 5, True]:
        source = product(**{attribute: value})
        same_answer(f"{{ maybeProducts {{ name {field} unit }} }}", {"maybeProducts": Objects(list, [source])}, None)


@pytest.mark.parametrize(
    "document",
    [
        "{ connection { pageInfo { hasNextPage } nodes { id name @include(if: $maybe) } } }",
        "{ product { name ... @skip(if: $maybe) { price category { name } } } }",
        "{ maybeProducts { category { name department { id } } name } }",
    ],
)
def test_a_fault_of_a_selection_set_is_told_at_its_place(document: str) -> None:
    connection = {"page_info": {"has_next_page": True}, "nodes": Objects(list, [product()]), "edges": None}
    root = {"connection": connection, "product": product(), "maybeProducts": Objects(tuple, [product(), None])}
    same_answer(DECLARED + document, root, None)


@pytest.mark.parametrize("value", [None, Undefined, ValueError("a value that is a fault")])
def test_what_is_no_object_has_no_name_of_its_type(value: object) -> None:
    same_answer("{ maybeProducts { __typename } }", {"maybeProducts": Objects(list, [product(), value])}, None)


def test_a_scalar_that_writes_nothing_is_refused_as_the_library_does() -> None:
    @strawberry.type
    class Thing:
        silent: Silent | None

    @strawberry.type
    class Query:
        @strawberry.field
        def thing(self) -> Thing:
            return Thing(silent=Silent("a value"))

    nothing = strawberry.scalar(name="Silent", serialize=lambda _: None, parse_value=str)
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={Silent: nothing}))._schema
    expected, found = (
        told(execute_sync(schema, parse("{ thing { silent } }"), executor_class=each))
        for each in (Executor, PlainFieldExecutor)
    )
    assert found == expected
    assert len(found[1]) == 1


@given(cases())
@settings(unhurried, max_examples=100)
def test_answers_as_the_library_does(case: tuple[str, dict[str, Any], bool | None]) -> None:
    same_answer(*case)


@pytest.mark.long
@given(cases())
@settings(unhurried, max_examples=5000)
def test_answers_as_the_library_does_for_long(case: tuple[str, dict[str, Any], bool | None]) -> None:
    same_answer(*case)


class Counting(PlainFieldExecutor):
    """Counts the fields that go the long way."""

    fields = 0

    def execute_field(self, *arguments: Any, **options: Any) -> Any:
        """As the library does."""
        Counting.fields += 1
        return super().execute_field(*arguments, **options)


def long_way_fields(document: str, products: list[Any]) -> tuple[ExecutionResult, int]:
    """The result, and how many fields were executed by the library."""
    Counting.fields = 0
    result = executed(Counting, document, {"products": Objects(list, products)}, maybe=None)
    return result, Counting.fields


def test_a_list_of_plain_objects_goes_the_short_way_whole() -> None:
    result, long = long_way_fields("{ products { __typename id name price stockCount status } }", [product()] * 20)
    assert long == 1
    assert result.errors is None
    assert result.data == {
        "products": [
            {
                "__typename": "Product",
                "id": str(ID),
                "name": "Tea",
                "price": 2.5,
                "stockCount": 3,
                "status": "PUBLISHED",
            }
        ]
        * 20
    }


def test_of_a_mixed_object_only_the_field_with_a_resolver_goes_the_long_way() -> None:
    result, long = long_way_fields("{ products { name category { name slug } price } }", [product()] * 3)
    assert long == 1 + 3
    one = {"name": "Tea", "category": {"name": "Tea", "slug": "tea"}, "price": 2.5}
    assert json.dumps(result.data) == json.dumps({"products": [one] * 3})  # in the order asked for, too


def test_one_value_that_is_not_plain_is_told_at_its_place() -> None:
    result, _ = long_way_fields("{ products { name price } }", [product(), product(name=None), product()])
    assert result.data is None
    assert [(error.message, error.path) for error in result.errors or []] == [
        ("Cannot return null for non-nullable field Product.name.", ["products", 1, "name"])
    ]


def test_a_field_with_an_extension_is_never_read_past_it() -> None:
    class Refusing(FieldExtension):
        def resolve(self, next_: Callable[..., Any], source: Any, info: Any, **kwargs: Any) -> Any:
            raise PermissionError("not for you")

    @strawberry.type
    class Secret:
        open: str
        hidden: str | None = strawberry.field(extensions=[Refusing()])

    @strawberry.type
    class Query:
        @strawberry.field
        def secret(self) -> Secret:
            return Secret(open="seen", hidden="unseen")

    schema = strawberry.Schema(Query)._schema
    result = execute_sync(schema, parse("{ secret { open hidden } }"), executor_class=PlainFieldExecutor)
    assert result.data == {"secret": {"open": "seen", "hidden": None}}
    assert [error.message for error in result.errors or []] == ["not for you"]


@pytest.mark.parametrize("given", [SimpleNamespace(name="x"), 5, "text"])
def test_what_is_no_list_is_refused_as_the_library_does(given: Any) -> None:
    root = {"maybeProducts": given}
    told_by = [
        told(executed(each, "{ maybeProducts { name } }", root, None)) for each in (Executor, PlainFieldExecutor)
    ]
    assert told_by[0] == told_by[1]
    assert told_by[0][1] != []
