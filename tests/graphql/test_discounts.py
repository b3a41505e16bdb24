"""Discounts through the counter: what staff say, what they are shown, and how little it costs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest

from models.discount import DiscountKind
from services.catalogue.products.brands import find_or_make_brand
from services.catalogue.shelves.collections import CollectionDraft, create_collection
from services.catalogue.shelves.filling import add_to_collection
from tests.services.acting import category_id, change
from tests.services.discounts_managed import LEAST, add_codes, create, goods, set_customers
from tests.services.evidence import nothing_changed
from tests.support import ADMIN, ALICE, BOB, DANA, GraphQLClient, codes, token_of
from wiring import Shop

Make = Callable[..., UUID]
Counted = Callable[[], AbstractContextManager[list[str]]]

ALL = (
    "id name kind appliesTo isActive percent amounts { amount currency } steps { quantity percent } buyQuantity "
    "getQuantity allGoods targets { productIds categoryIds collectionIds brandIds } "
    "boughtTargets { productIds categoryIds } tiers regionCodes forNamedCustomers customersCount firstOrderOnly "
    "minAmounts { amount currency } minQuantity startsAt endsAt windows { day from until } needsCode "
    "codes { totalCount nodes { code } } totalLimit perCustomerLimit usedCount priority exclusiveGroup combinesWith "
    "version createdBy"
)
CREATE = f"mutation($input: DiscountInput!) {{ createDiscount(input: $input) {{ {ALL} }} }}"
UPDATE = (
    "mutation($id: String!, $input: DiscountUpdateInput!, $version: Int) "
    f"{{ updateDiscount(discountId: $id, input: $input, version: $version) {{ {ALL} }} }}"
)
FRIDAY = {"day": "FRIDAY", "from": "16:00", "until": "20:00"}
NOTHING_SAID: dict[str, Any] = {
    "appliesTo": "PRODUCT",
    "isActive": True,
    "percent": None,
    "amounts": [],
    "steps": [],
    "buyQuantity": None,
    "getQuantity": None,
    "allGoods": True,
    "targets": None,
    "boughtTargets": None,
    "tiers": [],
    "regionCodes": [],
    "forNamedCustomers": False,
    "customersCount": 0,
    "firstOrderOnly": False,
    "minAmounts": [],
    "minQuantity": None,
    "startsAt": None,
    "endsAt": None,
    "windows": [],
    "needsCode": False,
    "codes": {"totalCount": 0, "nodes": []},
    "totalLimit": None,
    "perCustomerLimit": None,
    "usedCount": 0,
    "priority": 100,
    "exclusiveGroup": None,
    "combinesWith": [],
    "version": 1,
    "createdBy": str(DANA),
}


def done(body: dict[str, Any]) -> Any:
    """What the only field of an answer without errors says."""
    assert codes(body) == [], body
    [answer] = body["data"].values()
    return answer


def test_a_discount_with_everything_is_answered_as_it_was_said(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    # given
    tea, fruit = str(product()), str(category_id(shop, "fruit"))
    said = {
        "name": "Two teas, one fruit",
        "kind": "BUY_X_GET_Y",
        "percent": "50.5",
        "buyQuantity": 2,
        "getQuantity": 1,
        "targets": {"categoryIds": [fruit]},
        "boughtTargets": {"productIds": [tea]},
        "tiers": ["GOLD"],
        "regionCodes": ["US"],
        "firstOrderOnly": True,
        "minAmounts": [{"amount": 10.5, "currency": "USD"}],
        "minQuantity": 3,
        "startsAt": "2026-07-01T14:00:00+02:00",
        "endsAt": "2999-07-01T12:00:00Z",
        "windows": [FRIDAY, {"day": "MONDAY", "from": "00:00", "until": "24:00"}],
        "needsCode": True,
        "totalLimit": 10,
        "perCustomerLimit": 1,
        "priority": 0,
        "exclusiveGroup": "summer",
        "combinesWith": ["SHIPPING", "ORDER"],
    }
    # when
    made = done(graphql(CREATE, {"input": said}, as_="dana"))
    # then
    expected = (
        NOTHING_SAID
        | said
        | {
            "id": made["id"],
            "percent": 50.5,
            "allGoods": False,
            "targets": {"productIds": [], "categoryIds": [fruit], "collectionIds": [], "brandIds": []},
            "boughtTargets": {"productIds": [tea], "categoryIds": []},
            "startsAt": "2026-07-01T12:00:00+00:00",
            "endsAt": "2999-07-01T12:00:00+00:00",
            "windows": [{"day": "MONDAY", "from": "00:00", "until": "24:00"}, FRIDAY],
            "combinesWith": ["ORDER", "SHIPPING"],
        }
    )
    assert made == expected
    assert done(graphql(f'{{ discount(id: "{made["id"]}") {{ {ALL} }} }}', as_="dana")) == expected


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"kind": "PERCENT", "percent": 10}, {"percent": 10.0}),
        (
            {"kind": "AMOUNT", "appliesTo": "ORDER", "amounts": [{"amount": "5", "currency": "EUR"}]},
            {"appliesTo": "ORDER", "amounts": [{"amount": 5.0, "currency": "EUR"}]},
        ),
        (
            {"kind": "QUANTITY_STEPS", "steps": [{"quantity": 6, "percent": 5}, {"quantity": 12, "percent": 7.5}]},
            {"steps": [{"quantity": 6, "percent": 5.0}, {"quantity": 12, "percent": 7.5}]},
        ),
        (
            {"kind": "BUY_X_GET_Y", "buyQuantity": 2, "getQuantity": 1},
            {"percent": 100.0, "buyQuantity": 2, "getQuantity": 1},
        ),
        ({"kind": "FREE_SHIPPING"}, {"appliesTo": "SHIPPING"}),
        ({"kind": "FREE_SHIPPING", "amounts": None, "tiers": None, "targets": None}, {"appliesTo": "SHIPPING"}),
    ],
)
def test_each_kind_with_no_more_than_it_must_have(graphql: GraphQLClient, said: Any, shown: Any) -> None:
    made = done(graphql(CREATE, {"input": {"name": "Offer", **said}}, as_="dana"))
    assert made == NOTHING_SAID | {"id": made["id"], "name": "Offer", "kind": said["kind"]} | shown


def test_a_change_leaves_what_is_left_out_and_null_takes_away(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    tea = product()
    sale = create(shop, targets=goods(tea), min_quantity=2, exclusive_group="a", total_limit=3)
    before = done(graphql(f'{{ discount(id: "{sale}") {{ {ALL} }} }}', as_="dana"))
    # left out
    changed = done(graphql(UPDATE, {"id": str(sale), "input": {"isActive": False}, "version": 1}, as_="dana"))
    assert changed == before | {"isActive": False, "version": 2}
    # null: taken away, or stays where there must be one
    nulls = {"targets": None, "minQuantity": None, "totalLimit": None, "name": None, "priority": None, "tiers": None}
    changed = done(graphql(UPDATE, {"id": str(sale), "input": nulls}, as_="dana"))
    gone = {"targets": None, "allGoods": True, "minQuantity": None, "totalLimit": None}
    assert changed == before | {"isActive": False, "version": 3} | gone
    # said
    said = {"percent": "12.5", "windows": [FRIDAY], "targets": {"productIds": [str(tea)]}, "combinesWith": ["PRODUCT"]}
    changed = done(graphql(UPDATE, {"id": str(sale), "input": said}, as_="dana"))
    assert (changed["percent"], changed["windows"], changed["combinesWith"]) == (12.5, [FRIDAY], ["PRODUCT"])
    assert (changed["targets"], changed["exclusiveGroup"]) == (before["targets"], "a")


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"percent": 101}, "INVALID_INPUT", "percent"),
        ({"windows": [FRIDAY, FRIDAY | {"from": "20:00"}]}, "INVALID_INPUT", "windows.1.until"),
        ({"windows": [FRIDAY, FRIDAY | {"from": "19:00", "until": "21:00"}]}, "INVALID_INPUT", "windows.1.from"),
        ({"minAmounts": [{"amount": 0.001, "currency": "USD"}]}, "INVALID_INPUT", "minAmounts.0.amount"),
        ({"targets": {}}, "INVALID_INPUT", "targets"),
        ({"targets": {"brandIds": [str(ALICE)]}}, "INVALID_INPUT", "targets.brandIds"),
        ({"regionCodes": ["ZZ"]}, "INVALID_INPUT", "regionCodes"),
        ({"startsAt": "2026-01-01T00:00:00"}, "INVALID_INPUT", "startsAt"),
        ({"minAmounts": [{"amount": 1, "currency": "ABC"}]}, "INVALID_INPUT", None),
        ({"windows": [FRIDAY | {"day": "FREITAG"}]}, "INVALID_INPUT", None),
        ({"combinesWith": ["EVERYTHING"]}, "INVALID_INPUT", None),
        ({"percent": True}, "INVALID_INPUT", None),
        ({"totalLimit": 2**31}, "INVALID_INPUT", None),
        ({"targets": {"productIds": ["tea"]}}, "INVALID_INPUT", None),
    ],
)
def test_what_is_refused_says_where(graphql: GraphQLClient, shop: Shop, said: Any, code: str, field: str) -> None:
    sale = create(shop)
    for document, variables in (
        (CREATE, {"input": {"name": "A", "kind": "PERCENT", "percent": 1, **said}}),
        (UPDATE, {"id": str(sale), "input": said}),
    ):
        with nothing_changed(shop.database):
            body = graphql(document, variables, as_="dana")
        assert codes(body) == [code], body
        assert body["errors"][0]["extensions"].get("field") == field


def test_the_list_is_the_newest_first_page_by_page(graphql: GraphQLClient, shop: Shop) -> None:
    made = [str(create(shop, name=f"Offer {number}")) for number in range(5)]
    document = (
        "query($after: String) { discounts(first: 2, after: $after) { totalCount edges { cursor node { id } } "
        "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )
    seen, after = [], None
    for size, more in ((2, True), (2, True), (1, False)):
        page = done(graphql(document, {"after": after}, as_="dana"))
        assert (page["totalCount"], len(page["nodes"])) == (5, size)
        assert [each["node"] for each in page["edges"]] == page["nodes"]
        assert page["pageInfo"] == {
            "hasNextPage": more,
            "hasPreviousPage": after is not None,
            "startCursor": page["edges"][0]["cursor"],
            "endCursor": page["edges"][-1]["cursor"],
        }
        seen += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("{}", "EDCBA"),
        ("{active: true}", "EDBA"),
        ("{active: false}", "C"),
        ("{kind: FREE_SHIPPING}", "D"),
        ("{kind: PERCENT, active: true}", "EBA"),
        ("{appliesTo: SHIPPING}", "D"),
        ("{needsCode: true}", "E"),
        ("{needsCode: false, kind: PERCENT}", "CBA"),
        ('{term: "sUMMER"}', "BA"),
        ('{term: "50 %"}', "B"),
        ('{term: "5__"}', ""),
        ('{term: " hello-1 "}', "E"),
        ('{term: "hello"}', ""),
    ],
)
def test_conditions_of_the_list(graphql: GraphQLClient, shop: Shop, condition: str, found: str) -> None:
    made = {
        str(create(shop, name="Summer")): "A",
        str(create(shop, name="Late summer: 50 %")): "B",
        str(create(shop, name="Winter", is_active=False)): "C",
        str(create(shop, name="Free", kind=DiscountKind.FREE_SHIPPING)): "D",
        str(coded := create(shop, name="Coded", needs_code=True)): "E",
    }
    add_codes(shop, coded, "HELLO-1")
    listed = done(graphql(f"{{ discounts(filter: {condition}) {{ totalCount nodes {{ id }} }} }}", as_="dana"))
    assert "".join(made[each["id"]] for each in listed["nodes"]) == found
    assert listed["totalCount"] == len(found)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: 0", "first"),
        ("first: 101", "first"),
        ('after: "nonsense"', "after"),
        ('filter: {term: " "}', "term"),
        ('filter: {term: "a\\u0000"}', "term"),
    ],
)
def test_a_list_that_cannot_be_is_refused(graphql: GraphQLClient, arguments: str, field: str) -> None:
    body = graphql(f"{{ discounts({arguments}) {{ nodes {{ id }} }} }}", as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], field)


def test_what_is_no_id_finds_nothing(graphql: GraphQLClient) -> None:
    assert done(graphql('{ discount(id: "nonsense") { id } }', as_="dana")) is None


@pytest.fixture
def shelf(shop: Shop, product: Make) -> dict[str, Any]:
    """Two products, a category, a collection with one of them, and a brand."""
    acting: dict[str, Any] = {"actor": ADMIN, "cache": shop.cache}
    tea, rice = product(name="Tea"), product(name="Rice")
    with shop.database.write() as session:
        summer = create_collection(session, CollectionDraft("Summer"), **acting)
        winter = create_collection(session, CollectionDraft("Winter"), **acting)
        add_to_collection(session, summer, [tea], **acting)
        acme, best = find_or_make_brand(session, "Acme"), find_or_make_brand(session, "Best")
    change(shop, "dana", tea, brand="Acme")
    fruit, cheese = category_id(shop, "fruit"), category_id(shop, "cheese")
    return {
        "one": goods(tea, rice, categories=[fruit], collections=[summer, winter], brands=[best, acme]),
        "other": goods(rice, categories=[cheese, fruit], collections=[winter]),
    }


TARGETS = (
    "{ products { name brand { name } } categories { slug } collections { slug products(first: 2) { name } } "
    "brands { name } }"
)


def test_targets_are_shown_as_what_they_are(graphql: GraphQLClient, shop: Shop, shelf: dict[str, Any]) -> None:
    create(shop, **LEAST["buy"], targets=shelf["one"], bought=shelf["other"])
    [shown] = done(
        graphql(f"{{ discounts(first: 1) {{ nodes {{ targets {TARGETS} boughtTargets {TARGETS} }} }} }}", as_="dana")
    )["nodes"]
    assert shown == {
        "targets": {
            "products": [{"name": "Tea", "brand": {"name": "Acme"}}, {"name": "Rice", "brand": None}],
            "categories": [{"slug": "fruit"}],
            "collections": [{"slug": "summer", "products": [{"name": "Tea"}]}, {"slug": "winter", "products": []}],
            "brands": [{"name": "Acme"}, {"name": "Best"}],
        },
        "boughtTargets": {
            "products": [{"name": "Rice", "brand": None}],
            "categories": [{"slug": "fruit"}, {"slug": "cheese"}],
            "collections": [{"slug": "winter", "products": []}],
            "brands": [],
        },
    }
    first = done(graphql("{ discounts { nodes { targets { products(first: 1) { name } } } } }", as_="dana"))
    assert first["nodes"] == [{"targets": {"products": [{"name": "Tea"}]}}]
    body = graphql("{ discounts { nodes { targets { products(first: 0) { name } } } } }", as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "first")


def test_two_fields_show_the_collections_of_two_discounts(
    graphql: GraphQLClient, shop: Shop, shelf: dict[str, Any]
) -> None:
    one, other = create(shop, targets=shelf["other"]), create(shop, targets=shelf["one"])
    document = f'{{ a: discount(id: "{one}") {{ ...T }} b: discount(id: "{other}") {{ ...T }} }}'
    document += " fragment T on Discount { targets { collections { slug products(first: 2) { name } } } }"
    body = graphql(document, as_="dana")
    assert codes(body) == []
    winter, summer = {"slug": "winter", "products": []}, {"slug": "summer", "products": [{"name": "Tea"}]}
    assert [each["targets"]["collections"] for each in body["data"].values()] == [[winter], [summer, winter]]


NAMED: dict[str, Any] = {"for_named_customers": True}
# By document: SQL statements for any number of discounts, once the catalogue's parts are in the cache.
COSTS = {
    "{ discounts(first: 50) { nodes { id name amounts { amount } steps { percent } windows { day } tiers } } }": 1,
    "{ discounts(first: 50) { totalCount edges { cursor node { id } } } }": 2,
    "{ discounts(first: 50) { nodes { targets { productIds brandIds } boughtTargets { productIds } } } }": 2,
    "{ discounts(first: 50) { nodes { targets { products { name category { slug } } } } } }": 2,
    "{ discounts(first: 50) { nodes { targets { categories { slug department { slug } } } } } }": 2,
    # and the brands
    f"{{ discounts(first: 12) {{ nodes {{ targets {TARGETS} boughtTargets {TARGETS} }} }} }}": 3,
    "{ discounts(first: 50) { nodes { usedCount } } }": 2,
    "{ discounts(first: 50) { nodes { customersCount } } }": 2,
    # the accounts, how many; their departments, their tiers
    "{ discounts(first: 50) { nodes { customers(first: 3) { totalCount nodes { email } } } } }": 3,
    "{ discounts(first: 20) { nodes { customers { nodes { departments { id } tier } } } } }": 4,
    # the uses, how many
    "{ discounts(first: 50) { nodes { uses(first: 3) { totalCount nodes { code orderId amount } } } } }": 3,
    # the codes, how many there are
    "{ discounts(first: 50) { nodes { codes(first: 3) { totalCount nodes { code usedCount } } } } }": 3,
    # two ways to say one thing
    "{ discounts(first: 50) { nodes { codes { nodes { code } } } edges { node { codes { nodes { id } } } } } }": 2,
    f"{{ discounts(first: 12) {{ nodes {{ {ALL} }} }} }}": 6,
}


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("document", COSTS)
def test_a_list_costs_the_same_for_any_number_of_discounts(
    graphql: GraphQLClient, shop: Shop, shelf: dict[str, Any], counted_sql: Counted, document: str, rows: int
) -> None:
    for number in range(rows):
        made = create(shop, **LEAST["buy"], targets=shelf["one"], bought=shelf["other"], needs_code=True, **NAMED)
        set_customers(shop, made, add=[ALICE, BOB])
        add_codes(shop, made, *(f"{number}-{each}" for each in range(5)))
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    done(graphql(document, headers=headers))
    with counted_sql() as statements:
        done(graphql(document, headers=headers))
    assert len(statements) == COSTS[document]
