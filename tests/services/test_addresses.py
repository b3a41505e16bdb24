"""The address book: what an address can say, its two defaults, its size, and whose it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine

from models import Address, User
from services.accounts import addresses
from services.accounts.addresses import LONGEST, MOST_ADDRESSES, AddressChange, known_countries, list_addresses
from services.idempotency import Request
from tests.faults.rivals import together
from tests.services.evidence import nothing_changed
from tests.support import ALICE, BOB, actor_for
from utils import clock
from utils.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from utils.ids import new_id
from wiring import Shop

HOME = {"recipient": "Alice Moreno", "line1": "1 Long Street", "city": "Leeds", "country": "GB"}


def add(shop: Shop, who: str = "alice", *, request: Request | None = None, **said: Any) -> UUID:
    """Adds an address and returns its id."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        return addresses.add_address(session, AddressChange(**{**HOME, **said}), actor=actor, request=request)


def change(shop: Shop, address: UUID, who: str = "alice", **said: Any) -> None:
    """Changes an address."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        addresses.update_address(session, address, AddressChange(**said), actor=actor)


def remove(shop: Shop, address: UUID, who: str = "alice") -> None:
    """Removes an address."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        addresses.remove_address(session, address, actor=actor)


def book(shop: Shop, user_id: UUID = ALICE) -> list[Address]:
    """The addresses, as they are listed."""
    with shop.database.read() as session:
        return list(list_addresses(session, user_id))


def defaults(shop: Shop) -> tuple[list[UUID], list[UUID]]:
    """The addresses that are the default for goods, and those for bills."""
    listed = book(shop)
    goods = [each.id for each in listed if each.is_default_shipping]
    return goods, [each.id for each in listed if each.is_default_billing]


def test_an_address_is_kept_as_it_was_said_without_outer_spaces(shop: Shop) -> None:
    # when
    made = add(
        shop,
        recipient=" Alice Moreno ",
        company="Moreno & Co. ",
        line2="Flat 2",
        state="  ",
        postal_code=" LS1 4AP",
        country="gb",
        phone="+44 113 496 0000",
    )
    # then
    row = book(shop)[0]
    assert (row.id, row.user_id, row.recipient, row.company) == (made, ALICE, "Alice Moreno", "Moreno & Co.")
    assert (row.line1, row.line2, row.city, row.state) == ("1 Long Street", "Flat 2", "Leeds", None)
    assert (row.postal_code, row.country, row.phone) == ("LS1 4AP", "GB", "+441134960000")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        *[({name: "x" * (longest + 1)}, name) for name, longest in LONGEST.items() if name != "postal_code"],
        ({"postal_code": "x" * 21}, "postalCode"),
        ({"recipient": " "}, "recipient"),
        ({"line1": None}, "line1"),
        ({"city": "Le\neds"}, "city"),
        ({"company": "a\0b"}, "company"),
        ({"line2": "\x1b[31m"}, "line2"),
        ({"state": "\ud800"}, "state"),
        ({"phone": "0113 496 0000"}, "phone"),
        *[({"country": code}, "country") for code in ("", "G", "GBR", "UK", "XK", "EU", "ZZ", "ß", "G\0", "12")],
    ],
)
def test_what_no_address_says_is_refused(shop: Shop, said: dict[str, Any], field: str) -> None:
    made = add(shop)

    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        add(shop, **said)
    assert refusal.value.details == {"field": field}
    if None not in said.values():
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            change(shop, made, **said)
        assert refusal.value.details == {"field": field}


@pytest.mark.parametrize("name", [*LONGEST])
def test_the_longest_text_is_taken(shop: Shop, name: str) -> None:
    longest: dict[str, Any] = {name: "ü" * LONGEST[name]}
    add(shop, **longest)

    assert getattr(book(shop)[0], name) == longest[name]


def test_every_country_of_the_standard_is_known_and_nothing_else() -> None:
    assert len(known_countries()) == 249
    assert {"US", "GB", "DE", "AQ", "TF", "UM", "SS", "BQ"} <= known_countries()
    assert not {"UK", "XK", "EU", "AC", "AN", "ZZ", "001"} & known_countries()


def test_the_first_address_is_the_default_for_goods_and_for_bills(shop: Shop) -> None:
    first = add(shop)
    add(shop)

    assert defaults(shop) == ([first], [first])


def test_a_new_default_takes_the_place_of_the_old_one(shop: Shop) -> None:
    first = add(shop)
    second = add(shop, is_default_billing=True)
    assert defaults(shop) == ([first], [second])
    third = add(shop)
    change(shop, third, is_default_shipping=True, is_default_billing=True)
    assert defaults(shop) == ([third], [third])
    change(shop, first, is_default_shipping=True)
    assert defaults(shop) == ([first], [third])


def test_a_default_is_not_un_set(shop: Shop) -> None:
    first = add(shop)
    second = add(shop)
    for use, field in (("is_default_shipping", "isDefaultShipping"), ("is_default_billing", "isDefaultBilling")):
        unset: dict[str, Any] = {use: False}
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            change(shop, first, city="York", **unset)
        assert (refusal.value.message, refusal.value.details) == (
            "Make another address the default instead.",
            {"field": field},
        )
    change(shop, second, is_default_shipping=False, is_default_billing=False)
    assert defaults(shop) == ([first], [first])


def test_what_a_removed_address_was_the_default_for_passes_to_the_newest_that_is_left(shop: Shop) -> None:
    with time_machine.travel(datetime.fromisoformat("2030-01-01T00:00Z"), tick=False) as clocks:
        made = []
        for _ in range(4):
            made.append(add(shop))
            clocks.shift(timedelta(minutes=1))
        change(shop, made[1], is_default_billing=True)
        remove(shop, made[0])
        assert defaults(shop) == ([made[3]], [made[1]])
        remove(shop, made[2])
        assert defaults(shop) == ([made[3]], [made[1]])
        remove(shop, made[3])
        assert defaults(shop) == ([made[1]], [made[1]])
        remove(shop, made[1])
        assert book(shop) == []
        again = add(shop)
        assert defaults(shop) == ([again], [again])


def test_the_defaults_come_first_and_then_the_newest(shop: Shop) -> None:
    with time_machine.travel(datetime.fromisoformat("2030-01-01T00:00Z"), tick=False) as clocks:
        made = []
        for _ in range(4):
            made.append(add(shop))
            clocks.shift(timedelta(minutes=1))
    change(shop, made[2], is_default_shipping=True)

    assert [each.id for each in book(shop)] == [made[2], made[0], made[3], made[1]]
    assert [each.created_at.minute for each in book(shop)] == [2, 0, 3, 1]


def test_what_is_not_said_of_an_address_stays_and_what_is_empty_goes(shop: Shop) -> None:
    made = add(shop, company="Moreno & Co.", line2="Flat 2", phone="+14155550123")
    change(shop, made, city="York", line2="", phone="")

    row = book(shop)[0]
    assert (row.recipient, row.city, row.company, row.line2, row.phone) == (
        "Alice Moreno",
        "York",
        "Moreno & Co.",
        None,
        None,
    )


def test_a_book_has_at_most_fifty_addresses(shop: Shop) -> None:
    made = [add(shop) for _ in range(MOST_ADDRESSES)]
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        add(shop)
    assert refusal.value.message == "An address book has at most 50 addresses. Remove one first."
    remove(shop, made[7])
    add(shop)
    assert len(book(shop)) == 50


@pytest.mark.parametrize("act", [change, remove])
def test_another_persons_address_is_as_if_it_did_not_exist(shop: Shop, act: Callable[..., None]) -> None:
    theirs, unknown, told = add(shop, "bob"), new_id(), []
    for address in (theirs, unknown):
        with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
            act(shop, address)
        told.append((refusal.value.message, refusal.value.details))

    assert told == [("You have no such address.", {"field": "addressId"})] * 2


@pytest.mark.parametrize(
    "act",
    [
        lambda shop, _address: add(shop),
        lambda shop, address: change(shop, address, city="York"),
        lambda shop, address: remove(shop, address),
    ],
)
def test_a_deleted_account_has_no_address_book(shop: Shop, act: Callable[[Shop, UUID], object]) -> None:
    made = add(shop)
    with shop.database.write() as session:
        session.get_one(User, ALICE).deleted_at = clock.now()

    with nothing_changed(shop.database), pytest.raises(Unauthenticated):
        act(shop, made)


def test_a_repeated_request_adds_one_address(shop: Shop) -> None:
    request = Request(caller=str(ALICE), key="k", field="addAddress", arguments={"city": "Leeds"})
    made = add(shop, request=request)
    with nothing_changed(shop.database):
        assert add(shop, request=request) == made
    other = Request(caller=str(ALICE), key="k", field="addAddress", arguments={"city": "York"})
    with nothing_changed(shop.database), pytest.raises(Conflict):
        add(shop, request=other)


def test_two_who_set_a_default_at_one_moment_leave_exactly_one(committing_shop: Shop) -> None:
    shop = committing_shop
    made = [add(shop) for _ in range(4)]
    uses: dict[str, Any] = {"is_default_shipping": True, "is_default_billing": True}
    for _ in range(5):
        acts = [partial(change, shop, each, **uses) for each in made[1:]]
        assert together([*acts, lambda: add(shop, **uses)])[:3] == [None] * 3
        goods, bills = defaults(shop)
        assert (len(goods), goods) == (1, bills)


def test_two_who_remove_the_defaults_at_one_moment_leave_one(committing_shop: Shop) -> None:
    shop = committing_shop
    made = [add(shop) for _ in range(3)]
    change(shop, made[1], is_default_billing=True)

    assert together([partial(remove, shop, each) for each in made[:2]]) == [None] * 2
    assert defaults(shop) == ([made[2]], [made[2]])


def test_two_who_add_the_fiftieth_address_at_one_moment_leave_fifty(committing_shop: Shop) -> None:
    shop = committing_shop
    for _ in range(MOST_ADDRESSES - 1):
        add(shop)

    results = together([lambda: add(shop)] * 4)
    assert sorted(type(each).__name__ for each in results) == ["Conflict", "Conflict", "Conflict", "UUID"]
    assert len(book(shop)) == 50


def test_two_first_addresses_at_one_moment_have_one_default(committing_shop: Shop) -> None:
    shop = committing_shop
    results = together([lambda: add(shop)] * 4)

    assert {type(each).__name__ for each in results} == {"UUID"}
    assert [len(each) for each in defaults(shop)] == [1, 1]
    assert book(shop, BOB) == []
