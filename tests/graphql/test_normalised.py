"""What a client keeps under one id is right wherever it is shown: Apollo has one record for a type and an id."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import get_named_type, is_composite_type, is_required_argument

from graphql_api.schema import core_schema
from services.catalogue.products.families import Option, create_family
from services.catalogue.shelves.collections import CollectionDraft, create_collection
from services.catalogue.shelves.filling import set_collection_products
from tests.graphql.test_images import SHOW, SHOW_IN
from tests.services.acting import category_id, change, place
from tests.services.pricing import schedule_price
from tests.services.stored import image_row
from tests.support import ADMIN, SAM, GraphQLClient, codes, make_products
from utils import clock
from wiring import Shop

QUERIES = core_schema().query_type.fields  # type: ignore[union-attr]
# Connections and edges only wrap what is kept.
WRAPPERS = ("Connection", "Edge")
# How deep an answer is asked for where one level is too much (lists of lists), or little.
LEVELS = {"categories": 0, "collections": 0, "staffCollections": 0, "getOrderById": 2}
# Needs a file of products, which nothing else shows.
ELSEWHERE = {"importJob"}
Records = dict[tuple[str, str], dict[str, Any]]


def selection(kind: Any, levels: int, path: tuple[str, ...] = ()) -> str:
    """All that can be asked of this type without arguments, so many levels deep."""
    asked = ["__typename"]
    for name, field in getattr(kind, "fields", {}).items():
        inner, wraps = get_named_type(field.type), kind.name.endswith(WRAPPERS)
        if any(map(is_required_argument, field.args.values())):
            continue
        if not is_composite_type(inner):
            asked.append(name)
        elif (levels or wraps) and inner.name not in path:
            asked.append(f"{name} {selection(inner, levels if wraps else levels - 1, (*path, kind.name))}")
    return "{ " + " ".join(asked) + " }"


def document_of(name: str, given: dict[str, str]) -> str:
    """A query of this root field, with those of its arguments that are required, and a short list."""
    field = QUERIES[name]
    answered = get_named_type(field.type).name
    words = [f"{at}: {argument(at, answered, given)}" for at, each in field.args.items() if is_required_argument(each)]
    words += ["first: 2"] if "first" in field.args else []
    arguments = f"({', '.join(words)})" if words else ""
    return f"{{ {name}{arguments} {selection(get_named_type(field.type), LEVELS.get(name, 1))} }}"


def kept(found: Any, records: Records, faults: list[str]) -> Any:
    """What stands in an answer, with references in place of what has an id; that is kept, or differs from the kept."""
    if isinstance(found, list):
        return [kept(each, records, faults) for each in found]
    if not isinstance(found, dict):
        return found
    fields = {name: kept(each, records, faults) for name, each in found.items()}
    if "id" not in fields:
        return fields
    key = (fields["__typename"], fields["id"])
    known = records.setdefault(key, {})
    faults += [
        f"{'.'.join(key)}.{name}: {known[name]!r} and {value!r}"
        for name, value in fields.items()
        if name in known and not agree(known[name], value)
    ]
    known |= fields
    return key


def agree(one: Any, other: Any) -> bool:
    """Whether what stands in both is the same; of what has no id one document may ask more than another.

    A price is worked out anew at the moment at which it is asked for.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return all(agree(one[name], other[name]) for name in (one.keys() & other.keys()) - {"moment"})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agree, one, other))
    return bool(one == other)


@pytest.fixture
def given(shop: Shop, graphql: GraphQLClient) -> dict[str, str]:
    """A shop with something of everything, one picture shown all over it; the values of required arguments."""
    shelf, image, (one, two) = category_id(shop, "everything-else"), image_row(shop), make_products(shop, 2)
    acting: dict[str, Any] = {"actor": ADMIN, "cache": shop.cache}
    with shop.database.write() as session:
        family = create_family(session, "Tea", options=["Size"], **acting)
        filled = create_collection(session, CollectionDraft("Summer", is_published=True, image_id=image), **acting)
        set_collection_products(session, filled, [one, two], **acting)
    for product, alt in ((one, "A cup"), (two, "Tea, from above")):
        change(shop, "dana", product, family_id=family, options=[Option("Size", alt)], brand="Kettle")
        schedule_price(shop, product, "2", clock.now() + timedelta(days=1))
        images = [{"imageId": str(image), "alt": alt}]
        assert codes(graphql(SHOW, {"product": str(product), "images": images}, as_="dana")) == []
    assert codes(graphql(SHOW_IN, {"category": str(shelf), "image": str(image)}, as_="dana")) == []
    order = place(shop, "alice", (one, 2), (two, 1))
    document = 'mutation { createDiscount(input: {name: "A tenth", kind: PERCENT, percent: 10}) { id } }'
    discount = graphql(document, as_="dana")["data"]["createDiscount"]["id"]
    named: dict[str, object] = {"Product": one, "Category": shelf, "Collection": filled, "Order": order, "User": SAM}
    named |= {"Discount": discount, "customerId": SAM, "code": "DE", "country": "FR", "term": "goods"}
    bought = f'{{items: [{{productId: "{one}", quantity: 1}}, {{productId: "{two}", quantity: 2}}]}}'
    return {name: f'"{value}"' for name, value in named.items()} | {"input": bought}


def argument(name: str, returned: str, given: dict[str, str]) -> str:
    """The value of an argument that a field needs."""
    if name == "by":
        return f"{{ id: {given[returned]} }}"
    return given["Product" if name == "productId" else name if name in given else returned]


def test_one_id_always_has_the_same_values(graphql: GraphQLClient, given: dict[str, str]) -> None:
    records: Records = {}
    faults: list[str] = []
    for name in sorted(QUERIES.keys() - ELSEWHERE):
        body = graphql(document_of(name, given), as_="dana")
        assert codes(body) == [], name
        kept(body["data"], records, faults)
    assert faults == []
    # and nothing of this was missed
    asked = {type_name for type_name, _ in records}
    assert {"Image", "ProductImage", "Product", "Category", "Collection", "Order", "Orderitem", "Family"} <= asked
    alts = {record["alt"] for (type_name, _), record in records.items() if type_name == "ProductImage"}
    assert alts == {"A cup", "Tea, from above"}
