"""Kept answers and regions: what was made for one region, or for nobody, is never shown to another."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from models.product import TaxClass
from services.catalogue.changes import announce_everything
from services.pricing.regions import RegionChange, update_region
from services.pricing.tax_rates import TaxRateDraft, set_tax_rate
from tests.support import ADMIN, ALICE, codes, make_product, token_of
from tests.web.test_answers import get, kinds, post
from utils.tokens import Claims
from wiring import Shop

LIST = "{ products(first: 20) { nodes { name price currency } } }"
NAMED = '{ products(first: 20, region: "%s") { nodes { name price currency } } }'
Way = dict[str, str]


def bearer(shop: Shop, region: str | None = None) -> Way:
    """A header with a token of Alice's that names this region."""
    claims = shop.tokens.read(token_of(shop, "alice"))
    return {"Authorization": f"Bearer {shop.tokens.issue(replace(claims, region=region))}"}


def prices(answer: Any) -> list[tuple[str, float, str]]:
    """What the goods of a list cost."""
    nodes = answer.get_json()["data"]["products"]["nodes"]
    return [(each["name"], each["price"], each["currency"]) for each in nodes]


@pytest.fixture
def tea(shop: Shop) -> UUID:
    """A product for 10 dollars, and for 9 euros in Germany; nobody sells it in France."""
    with shop.database.write() as session:
        made = make_product(session, shop.cache, name="Tea", price="10")
        session.execute(text("INSERT INTO region_prices VALUES (:id, 'DE', 9, now(), now())"), {"id": made})
        announce_everything(session, shop.cache)
    return made


AT_HOME, IN_GERMANY = [("Tea", 10, "USD")], [("Tea", 9, "EUR")]


@pytest.mark.parametrize("ask", [post, get])
def test_each_region_and_each_kind_of_asker_has_an_answer_of_its_own(
    client: FlaskClient, shop: Shop, tea: UUID, ask: Callable[..., Any]
) -> None:
    # given, for nobody at home, what is first asked for
    german, plain = bearer(shop, "DE"), bearer(shop)
    ways: list[tuple[Way, list[Any]]] = [
        ({}, AT_HOME),
        ({"X-Region": "US"}, AT_HOME),
        ({"X-Region": "DE"}, IN_GERMANY),
        ({"X-Region": "FR"}, []),
        (plain, AT_HOME),
        (german, IN_GERMANY),
        ({**german, "X-Region": "US"}, AT_HOME),
        ({**german, "X-Region": "FR"}, []),
        ({**plain, "X-Region": "DE"}, IN_GERMANY),
    ]
    # then each is made once, right, and then kept apart from the others
    for _ in range(2):
        answers = [ask(client, LIST, **headers) for headers, _ in ways]
        assert [prices(each) for each in answers] == [expected for _, expected in ways]
    assert kinds(*answers) == ["hit"] * len(ways)
    client.application.extensions["answers"]._kept.clear()
    shop.cache.clear()
    assert kinds(*(ask(client, LIST, **headers) for headers, _ in ways)) == ["miss"] * len(ways)


def test_tokens_without_a_region_share_and_malformed_ones_have_none(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    post(client, LIST, **bearer(shop))
    for sent in (f"Bearer {token_of(shop, 'sam')}", "Bearer of bad news", "Bearer a.b.c"):
        answer = post(client, LIST, Authorization=sent)
        assert (kinds(answer), prices(answer)) == (["hit"], AT_HOME)
    # What is no bearer's token is nobody's: for the view too, which would show a guest's prices.
    nobodys = [post(client, LIST, Authorization=sent) for sent in ("Basic YTpi", "")]
    assert kinds(*nobodys, post(client, LIST)) == ["miss", "hit", "hit"]


def test_the_argument_comes_before_the_header_and_the_header_before_the_token(
    client: FlaskClient, shop: Shop, tea: UUID
) -> None:
    for headers in ({}, {"X-Region": "FR"}, bearer(shop, "FR"), {**bearer(shop, "US"), "X-Region": "FR"}):
        assert prices(post(client, NAMED % "DE", **headers)) == IN_GERMANY
        assert prices(post(client, NAMED % "US", **headers)) == AT_HOME


def test_a_token_of_a_region_that_is_gone_names_none(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    assert prices(post(client, LIST, **bearer(shop, "ATLANTIS"))) == AT_HOME


def test_a_token_that_is_not_ours_may_name_a_region_and_nothing_else(
    client: FlaskClient, shop: Shop, tea: UUID
) -> None:
    ours = shop.tokens.issue(Claims(subject=ALICE, session_id=ALICE, role="admin", region="DE"))
    forged = {"Authorization": f"Bearer {ours.rpartition('.')[0]}.AAAA"}
    assert prices(post(client, LIST, **forged)) == IN_GERMANY
    assert codes(post(client, "{ me { id } }", **forged).get_json()) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("region", ["XX", "de", "D", "DE,US", "DEUTSCHLAND", "\xdf", "DE -"])
def test_an_unknown_region_is_refused_and_not_kept(client: FlaskClient, shop: Shop, tea: UUID, region: str) -> None:
    post(client, LIST, **bearer(shop, "DE"))
    for headers in ({"X-Region": region}, {"X-Region": region, **bearer(shop)}):
        answers = [post(client, LIST, **headers) for _ in range(2)]
        assert kinds(*answers) == ["bypass", "bypass"]
        for answer in answers:
            (error,) = answer.get_json()["errors"]
            assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_INPUT", "region")
    named = post(client, NAMED % region)
    assert (codes(named.get_json()), kinds(named)) == (["INVALID_INPUT"], ["bypass"])
    # What does not look at the region does not mind; but nothing is kept for what cannot be one.
    answers = [post(client, "{ regions { code } }", **{"X-Region": region}) for _ in range(2)]
    assert [codes(each.get_json()) for each in answers] == [[], []]
    assert kinds(*answers) == (["miss", "hit"] if region == "XX" else ["bypass", "bypass"])


def test_an_empty_header_names_no_region(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    assert prices(post(client, LIST, **{"X-Region": ""})) == AT_HOME
    assert prices(post(client, LIST, **{"X-Region": "", **bearer(shop, "DE")})) == IN_GERMANY


@pytest.mark.parametrize(
    "document",
    [
        '{ a: products(region: "DE") { nodes { id } } b: products(region: "FR") { nodes { id } } }',
        '{ a: products(region: "DE") { nodes { id } } b: products { nodes { id } } }',
        '{ a: products { nodes { id } } b: products(region: "DE") { nodes { id } } }',
    ],
)
def test_a_request_has_one_region(client: FlaskClient, tea: UUID, document: str) -> None:
    body = post(client, document).get_json()
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["field"] == "region"
    same = '{ a: products(region: "DE") { nodes { name } } b: products { nodes { name } } c: products(region: "DE") '
    assert codes(post(client, same + "{ nodes { name } } }", **{"X-Region": "DE"}).get_json()) == []
    home = '{ a: products(region: "US") { nodes { name } } b: products { nodes { name } } }'
    assert codes(post(client, home).get_json()) == []


def test_a_change_of_a_region_ends_what_shows_it_and_lets_the_rest_stand(
    client: FlaskClient, shop: Shop, tea: UUID
) -> None:
    shown = '{ region(code: "DE") { shippingPrice version taxRates { percent } } }'
    other = "{ categories { slug } }"
    assert kinds(post(client, shown), post(client, other), post(client, LIST)) == ["miss"] * 3
    with shop.database.write() as session:
        update_region(session, "DE", RegionChange(prices_include_tax=False), actor=ADMIN, cache=shop.cache)
    assert kinds(post(client, shown), post(client, other), post(client, LIST)) == ["miss", "hit", "hit"]
    with shop.database.write() as session:
        draft = TaxRateDraft(tax_class=TaxClass.STANDARD, name="Levy", percent=Decimal(1))
        set_tax_rate(session, "DE", draft, actor=ADMIN, cache=shop.cache)
    found = post(client, shown)
    assert kinds(found) == ["miss"]
    assert found.get_json()["data"]["region"] == {
        "shippingPrice": 0,
        "version": 3,
        "taxRates": [{"percent": 7}, {"percent": 1}, {"percent": 19}, {"percent": 0}],
    }
