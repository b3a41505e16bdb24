"""Codes that staff give to discounts, and the customers whom they name."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.catalogue.reader import reading
from services.pricing.discounts import naming
from services.pricing.discounts.code_reading import list_codes_together
from services.pricing.discounts.codes import find_codes
from services.pricing.discounts.customers import customer_facts
from tests.services.acting import place
from tests.services.discounts_managed import (
    add_codes,
    codes_in,
    create,
    delete,
    named_in,
    remove_code,
    row_of,
    set_customers,
    update,
    use,
)
from tests.services.evidence import news_of, nothing_changed
from tests.services.hiring import entries, erase
from tests.support import ALICE, BOB, CHARLIE, DANA
from utils.errors import Conflict, DomainError, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


@pytest.fixture
def sale(shop: Shop) -> UUID:
    """A discount that needs a code."""
    return create(shop, needs_code=True)


def test_codes_are_kept_in_capitals_in_the_order_they_were_given(shop: Shop, sale: UUID) -> None:
    first = add_codes(shop, sale, " summer-10 ", "AUTUMN_10", "a", use_limit=3)
    made = codes_in(shop, sale)
    assert [each.code for each in made] == ["SUMMER-10", "AUTUMN_10", "A"]
    assert {(each.use_limit, each.used_count, each.created_by) for each in made} == {(3, 0, DANA)}
    assert made[0].id == first
    assert row_of(shop, sale).version == 2
    with shop.database.read() as session:
        found = find_codes(session, ["Summer-10"], customer_id=ALICE)
        assert {each: given.code for each, given in found.by_rule.items()} == {sale: "SUMMER-10"}
        assert [each.code for each in list_codes_together(session, made[1].id)] == ["SUMMER-10", "AUTUMN_10", "A"]
    [entry] = [each for each in entries(shop.database) if each.action == "discount.codes_added"]
    assert (entry.subject_id, entry.actor_id) == (sale, DANA)
    assert entry.after == {"count": 3, "use_limit": 3, "codes": ["SUMMER-10", "AUTUMN_10", "A"]}
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": ["discounts"]}


def test_generated_codes_are_many_different_and_nowhere_else(shop: Shop, sale: UUID) -> None:
    add_codes(shop, sale, count=1000, prefix=" vip-")
    made = [each.code for each in codes_in(shop, sale)]
    assert len(set(made)) == 1000
    # 12 signs of 32, none of which is read as another: 60 bits
    assert [each for each in made if not re.fullmatch(r"VIP-[0-9A-HJKMNP-TV-Z]{12}", each)] == []
    # every sign at every place, none far more often than another: 12,000 signs, 375 of each expected
    for place_in_code in range(12):
        assert len({each[4 + place_in_code] for each in made}) == 32
    counts = [sum(each[4:].count(sign) for each in made) for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"]
    assert min(counts) > 250
    assert max(counts) < 500
    [entry] = [each for each in entries(shop.database) if each.action == "discount.codes_added"]
    assert entry.after == {"count": 1000, "use_limit": None, "prefix": "VIP-"}
    add_codes(shop, sale, count=1)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", codes_in(shop, sale)[-1].code)


@pytest.mark.parametrize(
    ("field", "codes", "wanted"),
    [
        ("codes", [], {}),
        ("codes", ["A"] * 1001, {}),
        ("codes.0", [""], {}),
        ("codes.1", ["A", " "], {}),
        ("codes.0", ["A" * 65], {}),
        ("codes.0", ["A B"], {}),
        ("codes.0", ["STRA\u00dfE"], {}),
        ("codes.0", ["A\0"], {}),
        ("codes.2", ["A", "B", " a "], {}),
        ("useLimit", ["A"], {"use_limit": 0}),
        ("useLimit", ["A"], {"use_limit": 1_000_000_001}),
        ("generate.count", [], {"count": 0}),
        ("generate.count", [], {"count": 1001}),
        ("generate.prefix", [], {"count": 1, "prefix": "a" * 21}),
        ("generate.prefix", [], {"count": 1, "prefix": "a b"}),
    ],
)
def test_what_are_no_codes_is_refused(
    shop: Shop, sale: UUID, field: str, codes: list[str], wanted: dict[str, Any]
) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        add_codes(shop, sale, *codes, **wanted)
    assert refusal.value.details == {"field": field}


def test_a_code_is_one_discounts_only(shop: Shop, sale: UUID) -> None:
    other = create(shop, needs_code=True)
    add_codes(shop, other, "TAKEN")
    for discount in (sale, other):
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            add_codes(shop, discount, "free", "taken")
        assert (refusal.value.message, refusal.value.details) == ("There is a code TAKEN already.", {"field": "codes"})


def test_codes_are_for_discounts_that_need_one(shop: Shop) -> None:
    automatic = create(shop)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        add_codes(shop, automatic, "A")
    assert refusal.value.details == {"field": "discountId"}
    with nothing_changed(shop.database), pytest.raises(NotFound):
        add_codes(shop, new_id(), "A")


def test_a_past_version_is_refused(shop: Shop, sale: UUID) -> None:
    update(shop, sale, for_named_customers=True)
    for act in (
        lambda: add_codes(shop, sale, "A", version=1),
        lambda: set_customers(shop, sale, add=[ALICE], version=1),
    ):
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.details == {"field": "version", "version": 2}


def test_a_code_nobody_used_is_taken_back(shop: Shop, sale: UUID) -> None:
    add_codes(shop, sale, "A", "B", use_limit=2)
    first, second = codes_in(shop, sale)
    assert remove_code(shop, first.id) == sale
    assert [each.id for each in codes_in(shop, sale)] == [second.id]
    [entry] = [each for each in entries(shop.database) if each.action == "discount.code_removed"]
    assert (entry.subject_id, entry.before) == (sale, {"code": "A", "use_limit": 2})
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": ["discounts"]}
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        remove_code(shop, first.id)
    assert refusal.value.details == {"field": "codeId"}


def test_a_code_that_was_used_stays(shop: Shop, sale: UUID, product: Make) -> None:
    add_codes(shop, sale, "A")
    [code] = codes_in(shop, sale)
    use(shop, sale, place(shop, "alice", (product(), 1)), ALICE, code.id)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        remove_code(shop, code.id)
    assert refusal.value.details == {"field": "codeId"}
    with nothing_changed(shop.database), pytest.raises(Conflict):
        delete(shop, sale)


def named(shop: Shop, customer: UUID) -> set[UUID]:
    """The discounts that name the customer, by the cache."""
    with shop.database.read() as session:
        return set(customer_facts(reading(session, shop.cache), customer).named_in)


def test_customers_are_named_and_told_at_once(shop: Shop) -> None:
    vip = create(shop, for_named_customers=True)
    assert [named(shop, each) for each in (ALICE, BOB)] == [set(), set()]
    set_customers(shop, vip, add=[BOB, ALICE, ALICE])
    assert [named(shop, each) for each in (ALICE, BOB)] == [{vip}, {vip}]
    # who is there stays, who is not is passed over
    set_customers(shop, vip, add=[BOB], remove=[ALICE, CHARLIE])
    assert [named(shop, each) for each in (ALICE, BOB)] == [set(), {vip}]
    assert row_of(shop, vip).version == 3
    news = news_of(shop.database, "catalogue.changed")[-4:]
    assert news == [
        {"tags": [f"customer:{each}" for each in sorted((ALICE, BOB))]},
        {"tags": ["discounts"]},
        {"tags": [f"customer:{ALICE}"]},
        {"tags": ["discounts"]},
    ]
    changes = [each for each in entries(shop.database) if each.action == "discount.customers_changed"]
    assert [(each.subject_id, each.before, each.after) for each in changes] == [
        (vip, {"removed": []}, {"added": [str(each) for each in sorted((ALICE, BOB))]}),
        (vip, {"removed": [str(ALICE)]}, {"added": []}),
    ]
    # and with the discount its names go
    delete(shop, vip)
    assert (named_in(shop, vip), named(shop, BOB)) == (set(), set())


@pytest.mark.parametrize(
    ("kind", "field", "wanted"),
    [
        (InvalidInput, "add", {}),
        (InvalidInput, "add", {"add": [new_id()]}),
        (InvalidInput, "remove", {"add": [ALICE, BOB], "remove": [BOB]}),
        (InvalidInput, "add", {"add": [UUID(int=each) for each in range(1001)]}),
        (InvalidInput, "add", {"add": [ALICE], "remove": [UUID(int=each) for each in range(1000)]}),
        (InvalidInput, "add", {"add": [CHARLIE]}),
    ],
)
def test_who_cannot_be_named_is_refused(
    shop: Shop, kind: type[DomainError], field: str, wanted: dict[str, Any]
) -> None:
    erase(shop, CHARLIE)
    vip = create(shop, for_named_customers=True)
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        set_customers(shop, vip, **wanted)
    assert refusal.value.details == {"field": field}


def test_a_discount_for_everybody_names_nobody(shop: Shop) -> None:
    everybodys = create(shop)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        set_customers(shop, everybodys, add=[ALICE])
    assert refusal.value.details == {"field": "discountId"}
    with nothing_changed(shop.database), pytest.raises(NotFound):
        set_customers(shop, new_id(), add=[ALICE])


def test_a_discount_names_at_most_ten_thousand(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert naming.MOST_NAMED == 10_000
    monkeypatch.setattr(naming, "MOST_NAMED", 2)
    vip, other = create(shop, for_named_customers=True), create(shop, for_named_customers=True)
    set_customers(shop, vip, add=[ALICE, BOB])
    set_customers(shop, other, add=[DANA])
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        set_customers(shop, vip, add=[BOB, DANA])
    assert refusal.value.details == {"field": "add"}
    # and whoever is there already may be named again, and one may come for another
    set_customers(shop, vip, add=[BOB])
    set_customers(shop, vip, add=[DANA], remove=[ALICE])
    assert named_in(shop, vip) == {BOB, DANA}


def test_of_very_many_customers_everybody_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert naming.MOST_CUSTOMERS == 1000
    vip = create(shop, for_named_customers=True)
    set_customers(shop, vip, add=[ALICE, BOB])
    monkeypatch.setattr(naming, "MOST_CUSTOMERS", 1)
    delete(shop, vip)
    assert news_of(shop.database, "catalogue.changed")[-2] == {"tags": [], "everything": True}
