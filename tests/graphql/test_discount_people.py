"""Whom a discount names and who used it, through the counter: page by page, and only for whoever may know."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from models.user import Right
from tests.graphql.test_discounts import done
from tests.services.acting import place
from tests.services.discounts_managed import add_codes, create, set_customers
from tests.services.hiring import hire
from tests.services.regional import set_price
from tests.support import ALICE, BOB, CHARLIE, GraphQLClient, codes
from wiring import Shop

Make = Callable[..., UUID]

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
CUSTOMERS = (
    "query($id: String!, $after: String) { discount(id: $id) { customers(first: 2, after: $after) { totalCount "
    f"edges {{ cursor node {{ id email tier }} }} nodes {{ id email tier }} {PAGE} }} }} }}"
)
NODES = "nodes { orderId customerId code amount currency createdAt }"
USES = (
    "query($id: String!, $after: String) { discount(id: $id) { uses(first: 2, after: $after) { totalCount "
    f"edges {{ cursor node {{ orderId }} }} {NODES} {PAGE} }} }} }}"
)


def shown(id: UUID, email: str) -> dict[str, str]:
    return {"id": str(id), "email": email, "tier": "BRONZE"}


def test_named_customers_page_by_page(graphql: GraphQLClient, shop: Shop) -> None:
    # given one that names three, and another that names one of them
    vip, other = create(shop, for_named_customers=True), create(shop, for_named_customers=True)
    set_customers(shop, vip, add=[CHARLIE, BOB, ALICE])
    set_customers(shop, other, add=[BOB])
    by_id = sorted([(ALICE, "alice@example.com"), (BOB, "bob@example.com"), (CHARLIE, "charlie@example.com")])
    # when, then
    first = done(graphql(CUSTOMERS, {"id": str(vip)}, as_="dana"))["customers"]
    assert first["nodes"] == [shown(*each) for each in by_id[:2]] == [each["node"] for each in first["edges"]]
    begin, end = (each["cursor"] for each in first["edges"])
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": begin,
        "endCursor": end,
    }
    rest = done(graphql(CUSTOMERS, {"id": str(vip), "after": end}, as_="dana"))["customers"]
    assert (rest["totalCount"], rest["nodes"]) == (3, [shown(*by_id[2])])
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    # and of each discount of a list its own
    listed = done(graphql("{ discounts { nodes { customers(first: 2) { nodes { id } } } } }", as_="dana"))["nodes"]
    ids = [[UUID(node["id"]) for node in each["customers"]["nodes"]] for each in listed]
    assert ids == [[BOB], [each for each, _ in by_id[:2]]]
    # and whose name is taken away is not shown any more
    set_customers(shop, other, remove=[BOB])
    empty = done(graphql(CUSTOMERS, {"id": str(other)}, as_="dana"))["customers"]
    assert (empty["totalCount"], empty["nodes"], empty["pageInfo"]["endCursor"]) == (0, [], None)


def test_uses_are_the_newest_first_with_code_and_amount(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    tea = product(stock=50, price="10.00")
    set_price(shop, tea, "DE", "20.00")
    coded = create(shop, needs_code=True)
    add_codes(shop, coded, "HELLO")
    first = place(shop, "alice", (tea, 1), codes=["hello"])
    second = place(shop, "bob", (tea, 3), codes=["hello"])
    third = place(shop, "bob", (tea, 2), codes=["hello"], region="DE")

    def use(order: UUID, who: UUID, amount: float, currency: str, code: str | None = "HELLO") -> dict[str, Any]:
        moment = done(graphql(f'{{ getOrderById(orderId: "{order}") {{ createdAt }} }}', as_="dana"))["createdAt"]
        said = {"orderId": str(order), "customerId": str(who), "code": code}
        return {**said, "amount": amount, "currency": currency, "createdAt": moment}

    # when, then
    page = done(graphql(USES, {"id": str(coded)}, as_="dana"))["uses"]
    assert page["nodes"] == [use(third, BOB, 4.0, "EUR"), use(second, BOB, 3.0, "USD")]
    assert [each["node"]["orderId"] for each in page["edges"]] == [str(third), str(second)]
    begin, end = (each["cursor"] for each in page["edges"])
    assert (page["totalCount"], page["pageInfo"]) == (
        3,
        {"hasNextPage": True, "hasPreviousPage": False, "startCursor": begin, "endCursor": end},
    )
    newest = done(graphql(USES.replace("first: 2", "first: 1"), {"id": str(coded)}, as_="dana"))["uses"]
    assert newest["nodes"] == page["nodes"][:1]
    rest = done(graphql(USES, {"id": str(coded), "after": end}, as_="dana"))["uses"]
    assert rest["nodes"] == [use(first, ALICE, 1.0, "USD")]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    # an order that is cancelled used nothing
    cancel = f'mutation {{ recordOrderStatus(orderId: "{second}", status: CANCELLED) {{ id }} }}'
    assert done(graphql(cancel, as_="dana"))
    page = done(graphql(USES, {"id": str(coded)}, as_="dana"))["uses"]
    assert (page["totalCount"], [each["orderId"] for each in page["nodes"]]) == (2, [str(third), str(first)])
    # and of each discount of a list its own; this one came by itself
    free = create(shop)
    fourth = place(shop, "alice", (tea, 2))
    listed = done(graphql(f"{{ discounts {{ nodes {{ id uses(first: 1) {{ {NODES} }} }} }} }}", as_="dana"))["nodes"]
    assert listed == [
        {"id": str(free), "uses": {"nodes": [use(fourth, ALICE, 2.0, "USD", None)]}},
        {"id": str(coded), "uses": {"nodes": [use(third, BOB, 4.0, "EUR")]}},
    ]


@pytest.mark.parametrize("document", [CUSTOMERS, USES])
def test_a_cursor_is_of_one_list_of_one_discount(
    graphql: GraphQLClient, shop: Shop, product: Make, document: str
) -> None:
    one, other = create(shop, for_named_customers=True), create(shop, for_named_customers=True)
    set_customers(shop, one, add=[ALICE])
    place(shop, "alice", (product(), 1))
    ends = {
        each: next(iter(done(graphql(each, {"id": str(one)}, as_="dana")).values()))["pageInfo"]["endCursor"]
        for each in (CUSTOMERS, USES)
    }
    assert None not in ends.values()
    assert codes(graphql(document, {"id": str(one), "after": ends.pop(document)}, as_="dana")) == []
    [of_other_list] = ends.values()
    own = next(iter(done(graphql(document, {"id": str(one)}, as_="dana")).values()))["pageInfo"]["endCursor"]
    for wanted, after in ((other, own), (one, of_other_list), (one, "nonsense"), (one, "")):
        body = graphql(document, {"id": str(wanted), "after": after}, as_="dana")
        assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "after")
    body = graphql(document.replace("first: 2", "first: 101"), {"id": str(one)}, as_="dana")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "first")


@pytest.mark.parametrize(
    ("rights", "refused"),
    [
        ([Right.DISCOUNTS], ["customers", "uses"]),
        ([Right.DISCOUNTS, Right.READ], ["customers"]),
        ([each for each in Right if each is not Right.READ], ["customers", "uses"]),
        (list(Right), ["customers"]),
    ],
)
def test_who_may_know_whom_it_names_and_who_used_it(
    graphql: GraphQLClient, shop: Shop, rights: list[Right], refused: list[str]
) -> None:
    create(shop, for_named_customers=True)
    create(shop)
    don = hire(shop, "don", *rights)
    document = "{ discounts { nodes { name customers { nodes { id } } uses { nodes { orderId } } } } }"
    body = graphql(document, headers=don.headers)
    # then the rest is shown
    nothing: dict[str, Any] = {"nodes": []}
    shown = {each: None if each in refused else nothing for each in ("customers", "uses")}
    assert body["data"] == {"discounts": {"nodes": [{"name": "Offer", **shown}] * 2}}
    assert codes(body) == ["FORBIDDEN"] * 2 * len(refused)
    assert {each["path"][-1] for each in body["errors"]} == set(refused)
