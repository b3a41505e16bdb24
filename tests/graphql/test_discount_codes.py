"""Codes, customers and uses of discounts through the counter, and who may not come near them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from models.user import Right
from services.pricing.discounts.drafts import Amount
from tests.graphql.test_discounts import ALL, CREATE, done
from tests.services.acting import place
from tests.services.discounts_managed import LEAST, add_codes, codes_in, create, goods, set_customers, use
from tests.services.evidence import nothing_changed
from tests.services.hiring import hire
from tests.support import ALICE, BOB, DANA, GraphQLClient, codes
from wiring import Shop

Make = Callable[..., UUID]


def test_codes_page_by_page(graphql: GraphQLClient, shop: Shop) -> None:
    sale, other = create(shop, needs_code=True), create(shop, needs_code=True)
    add_codes(shop, sale, *"ABCDE", use_limit=2)
    add_codes(shop, other, "Z")
    document = (
        "query($id: String!, $after: String) { discount(id: $id) { codes(first: 3, after: $after) { totalCount "
        "edges { cursor node { code useLimit usedCount createdBy } } nodes { code } "
        "pageInfo { hasNextPage hasPreviousPage endCursor } } } }"
    )
    first = done(graphql(document, {"id": str(sale)}, as_="dana"))["codes"]
    assert [each["code"] for each in first["nodes"]] == ["A", "B", "C"]
    assert first["edges"][0]["node"] == {"code": "A", "useLimit": 2, "usedCount": 0, "createdBy": str(DANA)}
    end = first["pageInfo"].pop("endCursor")
    assert (first["totalCount"], first["pageInfo"]) == (5, {"hasNextPage": True, "hasPreviousPage": False})
    rest = done(graphql(document, {"id": str(sale), "after": end}, as_="dana"))["codes"]
    assert [each["code"] for each in rest["nodes"]] == ["D", "E"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    # a cursor is of one discount
    for wanted, after in ((other, end), (sale, "nonsense"), (sale, "")):
        body = graphql(document, {"id": str(wanted), "after": after}, as_="dana")
        assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "after")
    # two discounts of one request, each with its own
    both = f'{{ a: discount(id: "{sale}") {{ ...C }} b: discount(id: "{other}") {{ ...C }} }}'
    both += " fragment C on Discount { codes { totalCount } }"
    assert graphql(both, as_="dana")["data"] == {"a": {"codes": {"totalCount": 5}}, "b": {"codes": {"totalCount": 1}}}


ADD = (
    "mutation($id: String!, $codes: [String!], $generate: GenerateCodesInput, $limit: Int, $version: Int) { "
    "addDiscountCodes(discountId: $id, codes: $codes, generate: $generate, useLimit: $limit, version: $version) "
    "{ id code useLimit usedCount } }"
)


def test_codes_are_added_made_up_and_taken_back(graphql: GraphQLClient, shop: Shop) -> None:
    sale = str(create(shop, needs_code=True))
    added = done(graphql(ADD, {"id": sale, "codes": ["b", "a"], "limit": 1}, as_="dana"))
    assert [(each["code"], each["useLimit"], each["usedCount"]) for each in added] == [("B", 1, 0), ("A", 1, 0)]
    made = done(graphql(ADD, {"id": sale, "generate": {"count": 1000, "prefix": "vip-"}}, as_="dana"))
    assert len({each["code"] for each in made}) == 1000
    assert {each["code"][:4] for each in made} == {"VIP-"}
    [lone] = done(graphql(ADD, {"id": sale, "generate": {"count": 1}, "version": 3}, as_="dana"))
    remove = f'mutation {{ removeDiscountCode(codeId: "{lone["id"]}") {{ version codes {{ totalCount }} }} }}'
    assert done(graphql(remove, as_="dana")) == {"version": 5, "codes": {"totalCount": 1002}}
    with nothing_changed(shop.database):
        assert codes(graphql(remove, as_="dana")) == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({}, "INVALID_INPUT", "codes"),
        ({"codes": ["A"], "generate": {"count": 1}}, "INVALID_INPUT", "codes"),
        ({"codes": []}, "INVALID_INPUT", "codes"),
        ({"codes": ["B", "a b"]}, "INVALID_INPUT", "codes.1"),
        ({"generate": {"count": 1001}}, "INVALID_INPUT", "generate.count"),
        ({"generate": {"count": 1, "prefix": "é"}}, "INVALID_INPUT", "generate.prefix"),
        ({"codes": ["A"], "limit": 0}, "INVALID_INPUT", "useLimit"),
        ({"codes": ["taken"]}, "CONFLICT", "codes"),
        ({"codes": ["A"], "version": 1}, "CONFLICT", "version"),
        ({"id": "nonsense", "codes": ["A"]}, "INVALID_INPUT", "discountId"),
    ],
)
def test_codes_that_are_refused(graphql: GraphQLClient, shop: Shop, said: Any, code: str, field: str) -> None:
    sale = create(shop, needs_code=True)
    add_codes(shop, sale, "TAKEN")
    with nothing_changed(shop.database):
        body = graphql(ADD, {"id": str(sale), **said}, as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == ([code], field)


def test_a_double_click_makes_the_same_codes(graphql: GraphQLClient, shop: Shop) -> None:
    sale = str(create(shop, needs_code=True))
    variables, key = {"id": sale, "generate": {"count": 3}}, {"Idempotency-Key": "k1"}
    first = done(graphql(ADD, variables, as_="dana", headers=key))
    with nothing_changed(shop.database, but=("outbox_events",)):
        assert done(graphql(ADD, variables, as_="dana", headers=key)) == first
    with nothing_changed(shop.database):
        other = {"id": sale, "generate": {"count": 4}}
        assert codes(graphql(ADD, other, as_="dana", headers=key)) == ["CONFLICT"]
    again = done(graphql(ADD, variables, as_="dana", headers={"Idempotency-Key": "k2"}))
    assert not {each["code"] for each in first} & {each["code"] for each in again}
    assert len(codes_in(shop, UUID(sale))) == 6


def test_a_double_click_makes_one_discount_however_its_targets_are_ordered(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    ids = [str(product()) for _ in range(20)]
    key = {"Idempotency-Key": "k1"}
    said = {"name": "A", "kind": "PERCENT", "percent": 1, "targets": {"productIds": ids}}
    first = done(graphql(CREATE, {"input": said}, as_="dana", headers=key))
    said = said | {"targets": {"productIds": ids[::-1]}}
    with nothing_changed(shop.database, but=("outbox_events",)):
        assert done(graphql(CREATE, {"input": said}, as_="dana", headers=key)) == first
    said = said | {"targets": {"productIds": ids[1:]}}
    with nothing_changed(shop.database):
        assert codes(graphql(CREATE, {"input": said}, as_="dana", headers=key)) == ["CONFLICT"]


def test_customers_are_counted_and_not_told(graphql: GraphQLClient, shop: Shop) -> None:
    vip = str(create(shop, for_named_customers=True))
    document = (
        "mutation($id: String!, $add: [UUID!], $remove: [UUID!], $version: Int) { setDiscountCustomers("
        "discountId: $id, add: $add, remove: $remove, version: $version) { customersCount version } }"
    )
    added = done(graphql(document, {"id": vip, "add": [str(ALICE), str(BOB)]}, as_="dana"))
    assert added == {"customersCount": 2, "version": 2}
    removed = done(graphql(document, {"id": vip, "remove": [str(BOB)], "version": 2}, as_="dana"))
    assert removed == {"customersCount": 1, "version": 3}
    with nothing_changed(shop.database):
        body = graphql(document, {"id": vip, "add": [str(BOB)], "version": 2}, as_="dana")
        assert (codes(body), body["errors"][0]["extensions"]["version"]) == (["CONFLICT"], 3)
    shown = json.dumps(graphql(f'{{ discount(id: "{vip}") {{ {ALL} }} }}', as_="dana"))
    assert str(ALICE) not in shown


def test_uses_are_counted_with_a_limit_and_without(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=50)
    free, coded = create(shop), create(shop, needs_code=True)
    add_codes(shop, coded, "A")
    [code] = codes_in(shop, coded)
    for number in range(3):
        order = place(shop, "alice", (tea, 1))
        if number:
            use(shop, coded, order, ALICE, code.id)
    limited = create(
        shop, total_limit=5, **LEAST["amount"] | {"amounts": [Amount(LEAST["percent"]["percent"] / 10, "USD")]}
    )
    listed = done(graphql("{ discounts { nodes { id usedCount codes { nodes { usedCount } } } } }", as_="dana"))[
        "nodes"
    ]
    assert {each["id"]: (each["usedCount"], each["codes"]["nodes"]) for each in listed} == {
        str(free): (3, []),
        str(coded): (2, [{"usedCount": 2}]),
        str(limited): (0, []),
    }


def test_no_other_right_is_enough(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    others = [each for each in Right if each is not Right.DISCOUNTS]
    eve = hire(shop, "eve", *others)
    sale = create(shop, targets=goods(product()))
    documents = (
        "{ discounts { nodes { id } } }",
        f'{{ discount(id: "{sale}") {{ id }} }}',
        f'mutation {{ updateDiscount(discountId: "{sale}", input: {{isActive: false}}) {{ id }} }}',
        f'mutation {{ deleteDiscount(discountId: "{sale}") }}',
    )
    for document in documents:
        with nothing_changed(shop.database):
            assert codes(graphql(document, headers=eve.headers)) == ["FORBIDDEN"]
    don = hire(shop, "don", Right.DISCOUNTS)
    for document in documents:
        assert codes(graphql(document, headers=don.headers)) == []


def test_named_customers_of_a_discount_are_admins_business(graphql: GraphQLClient, shop: Shop) -> None:
    vip = create(shop, for_named_customers=True)
    set_customers(shop, vip, add=[ALICE])
    don = hire(shop, "don", Right.DISCOUNTS)
    document = f'mutation {{ setDiscountCustomers(discountId: "{vip}", remove: ["{ALICE}"]) {{ id }} }}'
    with nothing_changed(shop.database):
        assert codes(graphql(document, headers=don.headers)) == ["FORBIDDEN"]
