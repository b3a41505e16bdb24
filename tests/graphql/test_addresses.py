"""The address book edge to edge: whose it is, what is left out, and what is said twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes, token_of
from wiring import Shop

ALL = (
    "id recipient company line1 line2 city state postalCode country phone isDefaultShipping isDefaultBilling createdAt"
)
ADD = f"mutation($input: AddressInput!) {{ addAddress(input: $input) {{ {ALL} }} }}"
UPDATE = (
    "mutation($id: String!, $input: AddressUpdateInput!) "
    f"{{ updateAddress(addressId: $id, input: $input) {{ {ALL} }} }}"
)
REMOVE = "mutation($id: String!) { removeAddress(addressId: $id) }"
MINE = f"{{ myAddresses {{ {ALL} }} }}"
HOME = {"recipient": "Alice Moreno", "line1": "1 Long Street", "city": "Leeds", "country": "gb"}
FULL = {
    **HOME,
    "company": "Moreno",
    "line2": "Flat 2",
    "state": "Yorkshire",
    "postalCode": "LS1",
    "phone": "+14155550123",
}
Counted = Callable[[], AbstractContextManager[list[str]]]


def added(graphql: GraphQLClient, who: str = "alice", **said: Any) -> dict[str, Any]:
    """A new address."""
    made: dict[str, Any] = graphql(ADD, {"input": {**HOME, **said}}, as_=who)["data"]["addAddress"]
    return made


def test_people_see_the_addresses_they_added_and_nobody_elses(graphql: GraphQLClient) -> None:
    made = added(graphql, **FULL)
    assert made == {
        **FULL,
        "id": made["id"],
        "country": "GB",
        "isDefaultShipping": True,
        "isDefaultBilling": True,
        "createdAt": made["createdAt"],
    }
    assert graphql(MINE, as_="alice") == {"data": {"myAddresses": [made]}}
    assert graphql(MINE, as_="bob") == {"data": {"myAddresses": []}}
    assert graphql(MINE, as_="dana") == {"data": {"myAddresses": []}}
    assert codes(graphql(MINE)) == ["UNAUTHENTICATED"]


def test_what_is_left_out_stays_and_null_removes_what_need_not_be(graphql: GraphQLClient) -> None:
    made = added(graphql, **FULL)
    same = graphql(UPDATE, {"id": made["id"], "input": {}}, as_="alice")
    assert same["data"]["updateAddress"] == made
    given = dict.fromkeys(["recipient", "line1", "city", "country", "company", "line2", "phone"], None)
    changed = graphql(UPDATE, {"id": made["id"], "input": {**given, "state": "", "postalCode": " "}}, as_="alice")
    gone = dict.fromkeys(["company", "line2", "phone", "state", "postalCode"], None)
    assert changed["data"]["updateAddress"] == {**made, **gone}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"country": "UK"}, "country"),
        ({"postalCode": "1" * 21}, "postalCode"),
        ({"recipient": ""}, "recipient"),
        ({"phone": "123"}, "phone"),
    ],
)
def test_a_bad_address_is_refused(graphql: GraphQLClient, shop: Shop, said: dict[str, str], field: str) -> None:
    made = added(graphql)
    with nothing_changed(shop.database):
        for body in (
            graphql(ADD, {"input": {**HOME, **said}}, as_="alice"),
            graphql(UPDATE, {"id": made["id"], "input": said}, as_="alice"),
        ):
            assert codes(body) == ["INVALID_INPUT"]
            assert body["errors"][0]["extensions"]["field"] == field


@pytest.mark.parametrize("who", ["bob", "sam", "dana"])
def test_somebody_elses_address_is_answered_as_one_that_does_not_exist(
    graphql: GraphQLClient, shop: Shop, who: str
) -> None:
    theirs, unknown = added(graphql)["id"], "0198c0de-0000-7000-8000-000000000001"
    token_of(shop, who)
    for document, more in ((UPDATE, {"input": {"city": "York"}}), (REMOVE, {})):
        with nothing_changed(shop.database):
            bodies = [graphql(document, {"id": each, **more}, as_=who) for each in (theirs, unknown)]
        for body in bodies:
            body["errors"][0]["extensions"].pop("requestId")
        assert codes(bodies[0]) == ["NOT_FOUND"]
        assert bodies[0] == bodies[1]


def test_what_is_no_id_is_refused(graphql: GraphQLClient, shop: Shop) -> None:
    with nothing_changed(shop.database):
        assert codes(graphql(REMOVE, {"id": "nonsense"}, as_="alice")) == ["INVALID_INPUT"]
        assert codes(graphql(UPDATE, {"id": "", "input": {}}, as_="alice")) == ["INVALID_INPUT"]


def test_a_removed_address_is_gone(graphql: GraphQLClient) -> None:
    first, second = added(graphql)["id"], added(graphql)["id"]
    assert graphql(REMOVE, {"id": first}, as_="alice") == {"data": {"removeAddress": True}}
    left = graphql(MINE, as_="alice")["data"]["myAddresses"]
    assert [(each["id"], each["isDefaultShipping"], each["isDefaultBilling"]) for each in left] == [
        (second, True, True)
    ]
    assert codes(graphql(REMOVE, {"id": first}, as_="alice")) == ["NOT_FOUND"]


def test_a_double_click_adds_one_address(graphql: GraphQLClient) -> None:
    key = {"Idempotency-Key": "a double click"}
    first = graphql(ADD, {"input": HOME}, as_="alice", headers=key)
    assert graphql(ADD, {"input": HOME}, as_="alice", headers=key) == first
    assert codes(graphql(ADD, {"input": {**HOME, "city": "York"}}, as_="alice", headers=key)) == ["CONFLICT"]
    assert (
        graphql(ADD, {"input": HOME}, as_="bob", headers=key)["data"]["addAddress"]["id"]
        != (first["data"]["addAddress"]["id"])
    )
    assert len(graphql(MINE, as_="alice")["data"]["myAddresses"]) == 1
    graphql(REMOVE, {"id": first["data"]["addAddress"]["id"]}, as_="alice")
    assert graphql(ADD, {"input": HOME}, as_="alice", headers=key) == {"data": {"addAddress": None}}


def test_two_addresses_of_one_document_are_two_under_one_key(graphql: GraphQLClient) -> None:
    document = (
        "mutation($input: AddressInput!) { a: addAddress(input: $input) { id } b: addAddress(input: $input) { id } }"
    )
    key = {"Idempotency-Key": "k"}
    made = graphql(document, {"input": HOME}, as_="alice", headers=key)["data"]
    assert made["a"]["id"] != made["b"]["id"]
    assert graphql(document, {"input": HOME}, as_="alice", headers=key)["data"] == made


def test_the_statements_of_each_act_do_not_depend_on_the_length_of_the_book(
    graphql: GraphQLClient, shop: Shop, counted_sql: Counted
) -> None:
    token = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
    found = []
    for _ in range(2):
        ids = [added(graphql)["id"] for _ in range(5)]
        counts = []
        for document, given in (
            (MINE, None),
            (ADD, {"input": HOME}),
            (UPDATE, {"id": ids[0], "input": {"city": "York"}}),
            (REMOVE, {"id": ids[1]}),
        ):
            with counted_sql() as statements:
                assert codes(graphql(document, given, headers=token)) == []
            counts.append(len(statements))
        found.append(counts)

    # One; lock, count, insert, the answer; lock, read, update, the answer; lock, read, delete.
    assert found == [[1, 4, 4, 3]] * 2
