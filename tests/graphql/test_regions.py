"""Regions and their taxes edge to edge: what everybody reads, and what admins do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
ALL = """{ id code name currency isHome countries pricesIncludeTax fallbackCode shippingPrice shippingTaxClass version
    taxRates { name taxClass percent validFrom validUntil } }"""
GERMANY: dict[str, Any] = {
    "id": "DE",
    "code": "DE",
    "name": "Germany",
    "currency": "EUR",
    "isHome": False,
    "countries": ["DE"],
    "pricesIncludeTax": True,
    "fallbackCode": None,
    "shippingPrice": 0,
    "shippingTaxClass": "STANDARD",
    "version": 1,
    "taxRates": [
        {
            "name": "VAT",
            "taxClass": tax_class,
            "percent": percent,
            "validFrom": "2021-01-01T00:00:00+00:00",
            "validUntil": None,
        }
        for tax_class, percent in (("REDUCED", 7), ("STANDARD", 19), ("ZERO", 0))
    ],
}


def act(graphql: GraphQLClient, name: str, given: dict[str, Any], **more: Any) -> Any:
    """A mutation by Dana; what it answers, which is no refusal."""
    kind = {"createRegion": "RegionInput", "updateRegion": "RegionUpdateInput", "setTaxRate": "TaxRateInput"}[name]
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {ALL} }}"
    body = graphql(document, {"input": given}, as_="dana", **more)
    assert codes(body) == [], body
    return body["data"][name]


def test_regions_are_listed_by_name_and_found_by_code_and_country(graphql: GraphQLClient) -> None:
    body = graphql(
        f'{{ regions {ALL} region(code: "DE") {ALL} a: regionOfCountry(country: " de ") {{ code }} '
        'b: regionOfCountry(country: "AQ") { code } c: region(code: "de") { code } '
        'd: regionOfCountry(country: "\N{LATIN SMALL LETTER SHARP S}") { code } }'
    )
    assert codes(body) == []
    data = body["data"]
    names = [each["name"] for each in data["regions"]]
    assert (names, len(names)) == (sorted(names), 14)
    assert [each["code"] for each in data["regions"] if each["isHome"]] == ["US"]
    assert data["region"] == GERMANY == next(each for each in data["regions"] if each["code"] == "DE")
    assert (data["a"], data["b"], data["c"], data["d"]) == ({"code": "DE"}, None, None, None)


def test_a_region_is_made_and_changed(graphql: GraphQLClient) -> None:
    made = act(graphql, "createRegion", {"code": "NZ", "name": "New Zealand", "currency": "NZD"})
    expected = {
        **GERMANY,
        "id": "NZ",
        "code": "NZ",
        "name": "New Zealand",
        "currency": "NZD",
        "countries": [],
        "pricesIncludeTax": False,
        "taxRates": [],
    }
    assert made == expected
    given = {"countries": ["NZ", "CK"], "shippingPrice": "6.50", "shippingTaxClass": "REDUCED", "version": 1}
    changed = act(graphql, "updateRegion", {"code": "NZ", "pricesIncludeTax": True, **given})
    assert changed == {**expected, **given, "countries": ["CK", "NZ"], "shippingPrice": 6.5, "version": 2} | {
        "pricesIncludeTax": True
    }
    assert graphql(f'{{ regionOfCountry(country: "CK") {ALL} }}')["data"]["regionOfCountry"] == changed
    assert act(graphql, "updateRegion", {"code": "IE", "fallbackCode": "DE"})["fallbackCode"] == "DE"
    assert act(graphql, "updateRegion", {"code": "IE", "name": "Eire"})["fallbackCode"] == "DE"
    assert act(graphql, "updateRegion", {"code": "IE", "fallbackCode": None})["fallbackCode"] is None


@pytest.mark.parametrize(("currency", "decimals"), [("RSD", 0), ("COP", 2), ("HUF", 2), ("KWD", 3)])
def test_a_region_says_how_its_amounts_are_written(graphql: GraphQLClient, currency: str, decimals: int) -> None:
    act(graphql, "createRegion", {"code": "NEW", "name": "New", "currency": currency})
    assert graphql('{ region(code: "NEW") { currency decimals } }')["data"]["region"] == {
        "currency": currency,
        "decimals": decimals,
    }


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": "DE", "countries": ["FR"]}, "CONFLICT", "countries"),
        ({"code": "DE", "shippingPrice": -1}, "INVALID_INPUT", "shippingPrice"),
        ({"code": "DE", "fallbackCode": "US"}, "INVALID_INPUT", "fallbackCode"),
        ({"code": "US", "currency": "EUR"}, "CONFLICT", "currency"),
        ({"code": "XX", "name": "Nowhere"}, "NOT_FOUND", "code"),
        ({"code": "DE", "name": "Other", "version": 7}, "CONFLICT", "version"),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(
    graphql: GraphQLClient, shop: Shop, given: dict[str, Any], code: str, field: str
) -> None:
    document = "mutation($input: RegionUpdateInput!) { updateRegion(input: $input) { code } }"
    with nothing_changed(shop.database):
        body = graphql(document, {"input": given}, as_="dana")
    assert (codes(body), body["data"]) == ([code], {"updateRegion": None})
    assert body["errors"][0]["extensions"]["field"] == field


def test_rates_are_shown_that_hold_and_that_are_to_come(graphql: GraphQLClient) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        begin, end = (NOON + timedelta(seconds=each) for each in (10, 20))
        vat: dict[str, Any] = {"region": "DE", "taxClass": "STANDARD", "name": "VAT"}
        act(graphql, "setTaxRate", {**vat, "percent": 20.5, "validFrom": begin.isoformat()})
        act(graphql, "setTaxRate", {**vat, "percent": None, "validFrom": end.isoformat()})

        def shown() -> list[tuple[Any, ...]]:
            found = graphql(f'{{ region(code: "DE") {ALL} }}')["data"]["region"]["taxRates"]
            return [
                (each["percent"], each["validFrom"][11:19], (each["validUntil"] or "")[11:19])
                for each in found
                if each["taxClass"] == "STANDARD"
            ]

        now, later, over = (19, "00:00:00", "12:00:10"), (20.5, "12:00:10", "12:00:20"), (None, "12:00:20", "")
        for expected in ([now, later, over], [later, over], [], []):
            assert shown() == shown() == expected
            traveller.shift(timedelta(seconds=10))


def test_a_rate_to_come_is_called_off_by_its_id(graphql: GraphQLClient, shop: Shop) -> None:
    begin = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    given = {"region": "DE", "taxClass": "STANDARD", "name": "VAT", "percent": 20, "validFrom": begin}
    act(graphql, "setTaxRate", given)
    ids = '{ region(code: "DE") { taxRates { id percent } } }'
    rates = {each["percent"]: each["id"] for each in graphql(ids)["data"]["region"]["taxRates"]}
    call = 'mutation { cancelTaxRate(taxRateId: "%s") { version taxRates { percent } } }'
    assert graphql(call % rates[20], as_="dana")["data"]["cancelTaxRate"] == {
        "version": 3,
        "taxRates": [{"percent": 7}, {"percent": 19}, {"percent": 0}],
    }
    for rate, code in ((rates[19], "CONFLICT"), (rates[20], "NOT_FOUND"), ("1", "INVALID_INPUT")):
        with nothing_changed(shop.database):
            body = graphql(call % rate, as_="dana")
        assert (codes(body), body["errors"][0]["extensions"]["field"]) == ([code], "taxRateId")


def test_what_is_no_percent_is_refused_before_anything_runs(graphql: GraphQLClient, shop: Shop) -> None:
    for percent in ("20 %", True, "1e999", [20]):
        with nothing_changed(shop.database):
            body = graphql(
                "mutation($p: Measure) { setTaxRate(input: "
                '{region: "DE", taxClass: STANDARD, name: "VAT", percent: $p}) { code } }',
                {"p": percent},
                as_="dana",
            )
        assert codes(body) == ["INVALID_INPUT"]
