"""Searching: words in whatever form, one slip, beginnings, exact names, and no sign with a meaning of its own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text

from models import Brand
from services.catalogue.finding.conditions import MOST_MATCHES
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.finding.terms import written
from services.catalogue.finding.words import is_one_slip
from services.catalogue.reader import reading
from services.catalogue.reading import (
    Page,
    count_products,
    find_product_by_barcode,
    find_product_by_sku,
    list_page,
)
from tests.services.acting import category_id, change
from tests.support import described
from utils import clock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def found(shop: Shop, term: str, **wanted: Any) -> Page:
    """The first page of a search."""
    query = PageQuery(**{"term": term, "sort": ProductSort.RELEVANCE, **wanted})
    with shop.database.read() as session:
        return list_page(reading(session, shop.cache), query)


def names(page: Page) -> list[str]:
    return [facts.name for facts in page.products]


def instead(page: Page) -> str | None:
    assert page.search is not None
    return None if page.search.instead is None else written(page.search.instead)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("tea", ["Green Tea"]),
        ("TEAS", ["Green Tea"]),
        ("tea green", ["Green Tea"]),
        ("green coffee", []),
        ("creme brulee", ["Crème Brûlée"]),
        ("CRÈME", ["Crème Brûlée"]),
        ("boxes", ["Box, 1.5 l"]),
        ("1.5", ["Box, 1.5 l"]),
        ("Low-Fat", ["Low-Fat Milk/Cream"]),
        ("fat low", ["Low-Fat Milk/Cream"]),
        ("cream", ["Low-Fat Milk/Cream"]),
        ("the tea", ["Green Tea"]),
        ("", ["Green Tea", "Crème Brûlée", "Box, 1.5 l", "Low-Fat Milk/Cream"]),
    ],
)
def test_words_are_found_in_whatever_form(shop: Shop, product: Make, term: str, expected: list[str]) -> None:
    for name in ("Low-Fat Milk/Cream", "Box, 1.5 l", "Crème Brûlée", "Green Tea"):
        product(name=name)
    assert names(found(shop, term, sort=ProductSort.NEWEST)) == expected


def test_name_comes_before_brand_and_tags_and_these_before_the_description(shop: Shop, product: Make) -> None:
    # given, in the order opposite to what is expected
    with shop.database.write() as session:
        brand = Brand(slug="juniper", name="Juniper")
        session.add(brand)
        session.flush()
        made_by = brand.id
    product(name="Water")
    described(shop, product(name="Gin"), description="With juniper and lemon.")
    described(shop, product(name="Bitter"), tags=["juniper", "lemon", "dry"])
    described(shop, product(name="Tonic"), brand_id=made_by)
    product(name="Juniper Berries")
    # then
    page = found(shop, "juniper")
    assert names(page)[0] == "Juniper Berries"
    assert set(names(page)[1:3]) == {"Tonic", "Bitter"}
    assert names(page)[3:] == ["Gin"]
    assert page.search is not None
    assert len(page.search.ranks) == 4


def test_what_staff_change_is_found_by_its_new_words_at_once(shop: Shop, product: Make) -> None:
    tea = product(name="Green Tea")
    assert names(found(shop, "green")) == ["Green Tea"]
    change(shop, "dana", tea, name="Black Coffee")
    assert names(found(shop, "green")) == []
    assert names(found(shop, "coffee")) == ["Black Coffee"]
    assert names(found(shop, "coffe")) == ["Black Coffee"]


@pytest.mark.parametrize("sign", list("%_*:&|!'\"\\()<>?$@#~+-={}[];,./^`§€"))
def test_no_sign_has_a_meaning(shop: Shop, product: Make, sign: str) -> None:
    product(name="Green Tea")
    product(name="Black Coffee")
    assert names(found(shop, f"{sign}tea{sign}")) == ["Green Tea"]
    for term in (sign, sign * 200, f"te{sign}", f"g{sign}n", f"green {sign} coffee", f"x{sign}y{sign}z"):
        assert names(found(shop, term)) in ([], ["Green Tea"])
    assert names(found(shop, f"green {sign}{sign} coffee")) == []


@pytest.mark.parametrize("term", ["the", "of the and", "%", "...", "''", "&&&", "\N{SNOWMAN}", "a" * 200, "🍎"])
def test_a_term_without_a_word_finds_nothing(shop: Shop, product: Make, term: str) -> None:
    product(name="Green Tea of the House")
    page = found(shop, term)
    assert (names(page), page.has_next, instead(page)) == ([], False, None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chocolat", "Chocolate"),
        ("chocolatte", "Chocolate"),
        ("cxocolate", "Chocolate"),
        ("hcocolate", "Chocolate"),
        ("chocolaet", "Chocolate"),
        ("chocolate", "Chocolate"),
        ("qchocolate", "Chocolate"),
        ("CHOCOLATÉ", "Chocolate"),
        ("peatr", "Pear"),
        ("peoar", "Pear"),
    ],
)
def test_one_slip_in_a_word_of_five_letters_is_forgiven(shop: Shop, product: Make, typed: str, meant: str) -> None:
    for name in ("Chocolate", "Pear", "Bread"):
        product(name=name)
    page = found(shop, typed)
    assert names(page) == [meant]
    known = typed in ("chocolate", "CHOCOLATÉ")
    assert instead(page) == (None if known else meant.lower())
    with shop.database.read() as session:
        query = PageQuery(term=typed)
        assert count_products(reading(session, shop.cache), query, page.search) == 1


@pytest.mark.parametrize("typed", ["paer", "perr", "ear", "xchocolatex", "chcolte", "cohoclate", "bre"])
def test_two_slips_or_one_in_a_short_word_are_not(shop: Shop, product: Make, typed: str) -> None:
    for name in ("Chocolate", "Pear"):
        product(name=name)
    page = found(shop, typed)
    assert (names(page), instead(page)) == ([], None)


def test_each_word_is_corrected_by_itself_and_all_must_be_there(shop: Shop, product: Make) -> None:
    for name in ("Early Grey Tea", "Yearly Planner", "Grey Teapot"):
        product(name=name)
    page = found(shop, "eerly gray teas")
    assert (names(page), instead(page)) == ([], None)  # gray has four letters
    page = found(shop, "earrly grey")
    assert names(page) == ["Early Grey Tea"]
    assert instead(page) == "early grey"
    page = found(shop, "earlyy planer")
    assert (names(page), instead(page)) == ([], None)  # early planner
    assert names(found(shop, "yearlyy planer")) == ["Yearly Planner"]


def test_several_words_may_be_meant(shop: Shop, product: Make) -> None:
    for name in ("Brown Sugar", "Crown Cork", "Drown Proof"):
        product(name=name)
    page = found(shop, "qrown")
    assert sorted(names(page)) == ["Brown Sugar", "Crown Cork", "Drown Proof"]
    assert instead(page) == "brown or crown or drown"


def test_the_last_word_may_be_the_beginning_of_one(shop: Shop, product: Make) -> None:
    for name in ("Green Chocolate", "Chocolates", "Chive"):
        product(name=name)
    # chocolates are found by the same word
    assert instead(found(shop, "choc")) == "chocolate"
    assert sorted(names(found(shop, "choc"))) == ["Chocolates", "Green Chocolate"]
    assert names(found(shop, "green choc")) == ["Green Chocolate"]
    assert names(found(shop, "choc green")) == []
    assert names(found(shop, "ch")) == []


def test_what_the_words_find_is_not_corrected(shop: Shop, product: Make) -> None:
    """Nobody who types a word of the shop is sent elsewhere, though a neighbour sells better."""
    product(name="Breads")
    product(name="Bready")
    page = found(shop, "breads")
    assert (names(page), instead(page)) == (["Breads"], None)


def test_a_word_that_is_on_sale_no_more_is_corrected(shop: Shop, product: Make) -> None:
    """The table of words forgets nothing; what shoppers cannot find is no word of the shop."""
    marmalade = product(name="Lime Marmelade")
    change(shop, "dana", marmalade, name="Lime Marmalade")
    page = found(shop, "marmelade")
    assert (names(page), instead(page)) == (["Lime Marmalade"], "marmalade")
    page = found(shop, "lime marmelade")
    assert (names(page), instead(page)) == (["Lime Marmalade"], "lime marmalade")


def test_words_of_drafts_are_none_that_shoppers_mean(shop: Shop, product: Make) -> None:
    product(name="Cucumber")
    described(shop, product(name="Cucmber"), status="draft")
    described(shop, product(name="Cucumbers Cucumbre"), status="draft")
    for term in ("cucmber", "cucum"):
        page = found(shop, term)
        assert (names(page), instead(page)) == (["Cucumber"], "cucumber"), term
    described(shop, product(name="Zucchini"), status="withdrawn")
    assert (names(found(shop, "zuchini")), instead(found(shop, "zuchini"))) == ([], None)


def test_a_longer_word_does_not_hide_those_one_slip_away(shop: Shop, product: Make) -> None:
    for name in ("Peasant Bread", "Peach", "Peas"):
        product(name=name)
    page = found(shop, "peasa")
    assert (sorted(names(page)), instead(page)) == (["Peas", "Peasant Bread"], "peas or peasant")
    product(name="Appliance")
    product(name="Apple")
    page = found(shop, "appli")
    assert (sorted(names(page)), instead(page)) == (["Apple", "Appliance"], "apple or appliance")


def test_of_many_words_that_begin_so_the_ones_beside_the_others_are_meant(shop: Shop, product: Make) -> None:
    """There are more words with the beginning than a search can look for; those of the earl are few."""
    product(name="Loose-Leaf Earl Grey")
    for letters in ("abcdef", "ghijkl", "mnopqr", "stuvwx"):
        product(name=" ".join(f"gre{a}{b}" for a in letters for b in "aeiou"))
    page = found(shop, "earl gre")
    assert (names(page), instead(page)) == (["Loose-Leaf Earl Grey"], "earl grey")
    assert (names(found(shop, "earl gren")), instead(found(shop, "earl gren"))) == ([], None)


def test_words_as_typed_stay_where_products_have_them(shop: Shop, product: Make) -> None:
    product(name="Green Chocolate")
    product(name="Greek Chocolate")
    page = found(shop, "green chocolatt")
    assert (names(page), instead(page)) == (["Green Chocolate"], "green chocolate")


def test_a_term_that_the_shop_has_is_not_corrected_where_a_filter_leaves_nothing(shop: Shop, product: Make) -> None:
    product(name="Bread", price="5.00")
    product(name="Broad", price="1.00")
    page = found(shop, "bread", price_max=Decimal(2))
    assert (names(page), instead(page)) == ([], None)
    page = found(shop, "broed", price_max=Decimal(2))
    assert (names(page), instead(page)) == (["Broad"], "broad")


def test_a_correction_counts_only_where_the_rest_of_the_filter_holds(shop: Shop, product: Make) -> None:
    product(name="Chocolate", category="fruit")
    assert names(found(shop, "chocolat", category_id=category_id(shop, "fresh-produce"))) == ["Chocolate"]
    page = found(shop, "chocolat", category_id=category_id(shop, "cheese"))
    assert (names(page), instead(page)) == ([], None)


def test_pages_of_a_corrected_search_keep_to_its_words(shop: Shop, product: Make) -> None:
    for number in range(5):
        product(name=f"Chocolate {number}")
    query = PageQuery(term="chocolat", sort=ProductSort.RELEVANCE, first=2)
    seen: list[str] = []
    while True:
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), query)
        seen += names(page)
        assert instead(page) == "chocolate"
        if not page.has_next:
            break
        # what was not a word of the shop is one now
        product(name="Chocolat Noir")
        after = query.cursors(page.products, page.search)[-1]
        query = PageQuery(term="chocolat", sort=ProductSort.RELEVANCE, first=2, after=after)
    assert sorted(seen) == [f"Chocolate {number}" for number in range(5)]
    assert names(found(shop, "chocolat"))[0] == "Chocolat Noir"


def test_what_comes_later_does_not_move_the_pages_of_a_search(shop: Shop, product: Make) -> None:
    for number in range(4):
        product(name=f"Tea {number}")
    query = PageQuery(term="tea", sort=ProductSort.PRICE_ASC, first=2)
    with shop.database.read() as session:
        page = list_page(reading(session, shop.cache), query)
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        product(name="Tea too dear", price="99")
        after = PageQuery(
            term="tea", sort=ProductSort.PRICE_ASC, first=2, after=query.cursors(page.products, page.search)[-1]
        )
        with shop.database.read() as session:
            later = list_page(reading(session, shop.cache), after)
    assert sorted(names(page) + names(later)) == [f"Tea {number}" for number in range(4)]
    assert not later.has_next


@pytest.mark.parametrize("term", ["ab-12 x", "AB-12 X", "4006381333931", " 04006381333931"])
def test_a_term_that_is_a_sku_or_a_barcode_finds_its_product_first(shop: Shop, product: Make, term: str) -> None:
    for name in ("AB 12 X AB 12 X", "4006381333931", "04006381333931", "Other"):
        product(name=name)
    described(shop, product(name="Pen"), sku="AB-12 X", barcode="4006381333931")
    page = found(shop, term)
    assert names(page)[0] == "Pen"
    assert len(names(page)) == 2
    assert page.search is not None
    assert page.search.ranks[0] == "Infinity"
    # and on pages of one
    query = PageQuery(term=term, sort=ProductSort.RELEVANCE, first=1)
    with shop.database.read() as session:
        first = list_page(reading(session, shop.cache), query)
    after = query.cursors(first.products, first.search)[-1]
    assert names(found(shop, term, first=1, after=after)) == names(page)[1:]


def test_a_sku_that_is_no_word_finds_its_product_alone(shop: Shop, product: Make) -> None:
    pen = described(shop, product(name="Pen", category="fruit"), sku="X_%*1", barcode="96385074")
    product(name="X 1")
    assert found(shop, "x_%*1").products[0].id == pen
    assert [each.id for each in found(shop, "96385074").products] == [pen]
    assert names(found(shop, "96385074", category_id=category_id(shop, "cheese"))) == []
    assert [each.id for each in found(shop, "0000096385074").products] == [pen]
    # nothing is cut off, and nothing else stands for noughts
    for other in ("9638507", "096385074", "000000963850741"):
        assert names(found(shop, other)) == []


def test_look_ups_by_sku_and_barcode(shop: Shop, product: Make) -> None:
    pen = described(shop, product(name="Pen"), sku="AB-12 X", barcode="96385074")
    with shop.database.read() as session:
        for sku in ("AB-12 X", "ab-12 x"):
            facts = find_product_by_sku(reading(session, shop.cache), sku)
            assert facts is not None
            assert (facts.id, facts.sku) == (pen, "AB-12 X")
        for barcode in ("96385074", " 96385074 ", "0000096385074", "00000096385074"):
            facts = find_product_by_barcode(reading(session, shop.cache), barcode)
            assert facts is not None
            assert (facts.id, facts.barcode) == (pen, "96385074")
        for wrong in ("", "\0", "6385074", "000000963850749", "9638507A"):
            assert find_product_by_barcode(reading(session, shop.cache), wrong) is None
        for wrong in ("", "AB-12", "\0", "%", "a" * 201, "96385074"):
            assert find_product_by_sku(reading(session, shop.cache), wrong) is None
    described(shop, pen, status="draft")
    with shop.database.read() as session:
        assert find_product_by_barcode(reading(session, shop.cache), "96385074") is None


def test_at_most_a_thousand_matches_are_looked_at_and_always_the_same(shop: Shop) -> None:
    # given
    with shop.database.write() as session:
        session.execute(
            text(
                "INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status,"
                " category_id, created_at, updated_at) SELECT gen_random_uuid(), 'many-' || n, 'Tea ' || n, '', 'each',"
                " n % 7, 'USD', 1, 'published', (SELECT id FROM categories LIMIT 1), :moment, :moment"
                " FROM generate_series(1, 1200) AS n"
            ),
            {"moment": clock.now() - timedelta(days=1)},
        )
    # when
    seen: list[UUID] = []
    query = PageQuery(term="tea", sort=ProductSort.PRICE_ASC, first=100)
    while True:
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), query)
            assert count_products(reading(session, shop.cache), query, page.search) == MOST_MATCHES
        seen += [facts.id for facts in page.products]
        if not page.has_next:
            break
        after = query.cursors(page.products, page.search)[-1]
        query = PageQuery(term="tea", sort=ProductSort.PRICE_ASC, first=100, after=after)
    # then
    assert len(seen) == len(set(seen)) == MOST_MATCHES


def test_another_thousand_words_bring_no_slips(shop: Shop, product: Make) -> None:
    product(name=" ".join(f"word{chr(97 + n)}" for n in range(26)))
    page = found(shop, "wordd wordé wordüxy")
    assert names(page) == []
    page = found(shop, "word1")
    assert page.search is not None
    assert page.search.instead is not None
    assert [len(each) for each in page.search.instead] == [10]


LETTERS = "abc"


def neighbours(word: str) -> set[str]:
    """All words one slip away, by the book."""
    at = range(len(word) + 1)
    shorter = {word[:n] + word[n + 1 :] for n in at}
    other = {word[:n] + letter + word[n + 1 :] for n in range(len(word)) for letter in LETTERS}
    longer = {word[:n] + letter + word[n:] for n in at for letter in LETTERS}
    turned = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)}
    return (shorter | other | longer | turned) - {word}


@pytest.mark.parametrize("word", ["abc", "aabb", "abab", "cabac", "aaaaa"])
def test_a_slip_is_one_letter_more_less_or_other_or_two_turned_around(word: str) -> None:
    every: Sequence[str] = [""]
    for _ in range(len(word) + 2):
        every = [*every, *{each + letter for each in every for letter in LETTERS}]
        every = list(dict.fromkeys(every))
    assert {each for each in every if is_one_slip(word, each)} == neighbours(word)
    assert not is_one_slip(word, new_id().hex)
