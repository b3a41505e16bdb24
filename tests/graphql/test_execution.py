"""The short way of the executor answers exactly as graphql-core's own executor does, errors included."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NewType

import pytest
import strawberry
from graphql import (
    ExecutionResult,
    NoUnusedVariablesRule,
    Undefined,
    execute_sync,
    get_named_type,
    is_leaf_type,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import Executor
from hypothesis import HealthCheck, given, settings
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig

from graphql_api.execution import KnownDocument, PlainFieldExecutor
from tests.graphql.random_documents import (
    DECLARED,
    FAULTS,
    ID,
    ODD,
    PRODUCT,
    SCHEMA,
    Objects,
    attributes,
    cases,
    executed,
    told,
)

Silent = NewType("Silent", str)

# A document need not use every variable: the three are there for those that do.
RULES = [rule for rule in specified_rules if rule is not NoUnusedVariablesRule]


def same_answer(document: str, root: Any, maybe: bool | None) -> None:
    """Fails unless both executors tell the same: of a document that is read once, and of one that is kept."""
    assert validate(SCHEMA, parse(document), RULES) == []
    expected = told(executed(Executor, document, root, maybe))
    assert told(executed(PlainFieldExecutor, document, root, maybe)) == expected
    kept = KnownDocument.of(parse(document), document)
    for sources, variable in ((root, maybe), ({}, not maybe), (root, maybe)):
        found = told(executed(PlainFieldExecutor, kept, sources, variable))
        assert found == told(executed(Executor, document, sources, variable))


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def product(**changed: Any) -> dict[str, Any]:
    """A product without fault."""
    right = {"id": ID, "name": "Tea", "price": Decimal("2.50"), "stock_count": 3, "status": "published"}
    return {**right, "category_id": "known", **changed}


LEAVES = [name for name, field in PRODUCT.fields.items() if is_leaf_type(get_named_type(field.type))]


@pytest.mark.parametrize("field", LEAVES)
def test_every_value_in_every_leaf_is_told_as_the_library_does(field: str) -> None:
    attribute = dict(zip(PRODUCT.fields, (attribute for attribute, _ in attributes(PRODUCT)), strict=True))[field]
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
@settings(unhurried, max_examples=40)
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


def test_what_was_worked_out_for_a_document_is_kept_with_it() -> None:
    def kept_after(document: str) -> dict[Any, Any] | None:
        known = KnownDocument.of(parse(document), document)
        for _ in range(2):
            executed(PlainFieldExecutor, known, {"products": Objects(list, [product()])}, maybe=True)
        return known.completers

    kept = kept_after("{ products { name price } }")
    assert kept is not None
    assert len(kept) == 2  # the list, and its members
    assert kept_after(DECLARED + "{ products { name @include(if: $maybe) price } }") is None


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
