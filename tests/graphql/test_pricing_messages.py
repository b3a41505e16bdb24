"""What staff are told of prices, regions, taxes and discounts that cannot be: word by word, and nothing is changed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.pricing.discounts.drafts import Amount
from tests.services.discounts_managed import create
from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]

SET = 'mutation { setRegionPrice(productId: "TEA", region: "%s", price: 1) { price } }'
TAX = 'mutation { setTaxRate(input: {region: "%s", taxClass: REDUCED, name: "Levy", percent: null}) { code } }'
MAKE = 'mutation { createDiscount(input: {name: "A", kind: PERCENT, percent: 1, %s}) { id } }'
CHANGE = 'mutation { updateDiscount(discountId: "SALE", input: {%s}) { id } }'
AMOUNT = (
    'mutation { createDiscount(input: {name: "A", kind: AMOUNT, amounts: [{amount: 1, currency: %s}], %s}) { id } }'
)
CODES = 'mutation { addDiscountCodes(discountId: "CODED", %s) { id } }'
RENAME = 'mutation { updateRegion(input: {code: "de", name: "A"}) { code } }'
BUY = 'items: [{productId: "TEA", quantity: 1}], region: "de"'


def no_region(code: str) -> str:
    return f"There is no region {code}: codes are written in capitals, and the field `regions` lists them."


AT_HOME = "In the home region the product's own price counts: "
ENDED = "endsAt must not have passed; switch it off instead: isActive false."
PAST = 'endsAt: "2020-01-01T00:00:00Z"'
# By document: the field that is named, and what is said of it.
REFUSED: dict[str, tuple[str, str]] = {
    # regions
    SET % "de": ("region", no_region("de")),
    SET % "Deutschland, in Europe": ("region", no_region("of this code")),
    SET % "": ("region", no_region("of this code")),
    TAX % "de": ("region", no_region("de")),
    RENAME: ("code", no_region("de")),
    'mutation { updateRegion(input: {code: "IE", fallbackCode: "ZZ"}) { code } }': ("fallbackCode", no_region("ZZ")),
    'mutation { updateProfile(input: {region: "de"}) { id } }': ("region", no_region("de")),
    MAKE % 'regionCodes: ["US", "de"]': ("regionCodes.1", no_region("de")),
    MAKE % 'regionCodes: ["US", "ZZ"]': ("regionCodes", no_region("ZZ")),
    '{ scheduledPrices(region: "de") { nodes { id } } }': ("region", no_region("de")),
    '{ products(region: "de") { nodes { id } } }': ("region", no_region("de")),
    f"{{ quote(input: {{{BUY}}}) {{ totalAmount }} }}": ("region", no_region("de")),
    f"mutation {{ createOrder(input: {{{BUY}}}) {{ id }} }}": ("region", no_region("de")),
    # prices and taxes
    SET % "US": ("region", f"{AT_HOME}`updateProduct` sets it."),
    'mutation { removeRegionPrice(productId: "TEA", region: "US") { price } }': (
        "region",
        f"{AT_HOME}`updateProduct` sets it.",
    ),
    'mutation { schedulePrice(productId: "TEA", region: "US", price: 1) { id } }': (
        "region",
        f"{AT_HOME}leave region out.",
    ),
    TAX % "DE": ("name", "This region has no tax of that name and class at that moment: there is nothing to end."),
    # codes
    CODES % 'codes: ["A"], generate: {count: 1}': ("codes", "Give `codes` or `generate`, not both."),
    CODES % "useLimit: 1": ("codes", "Give codes, or say how many to generate."),
    CODES % 'codes: ["A", ""]': ("codes.1", "codes.1 must be of 1 to 64 letters of ASCII, digits, - and _."),
    CODES % 'generate: {count: 1, prefix: " "}': (
        "generate.prefix",
        "generate.prefix must be of 1 to 20 letters of ASCII, digits, - and _.",
    ),
    # what could never count
    MAKE % PAST: ("endsAt", ENDED),
    CHANGE % PAST: ("endsAt", ENDED),
    AMOUNT % ('"USD"', 'regionCodes: ["DE"]'): ("amounts", "amounts must name EUR, the currency of DE."),
    AMOUNT % ('"USD"', 'regionCodes: ["JP", "DE", "IE"]'): (
        "amounts",
        "amounts must name EUR or JPY, the currencies of DE and IE and JP.",
    ),
    MAKE % 'regionCodes: ["DE"], minAmounts: [{amount: 1, currency: "USD"}, {amount: 1, currency: "JPY"}]': (
        "minAmounts",
        "minAmounts must name EUR, the currency of DE.",
    ),
    CHANGE % 'regionCodes: ["DE"]': ("minAmounts", "minAmounts must name EUR, the currency of DE."),
}

OTHERWISE = {TAX % "de": "NOT_FOUND", RENAME: "NOT_FOUND", TAX % "DE": "CONFLICT"}


@pytest.mark.parametrize("document", REFUSED)
def test_what_is_refused_is_said_word_by_word(graphql: GraphQLClient, shop: Shop, product: Make, document: str) -> None:
    # given
    dollars = create(shop, min_amounts=[Amount(Decimal(1), "USD")])
    call = document
    for name, value in (("TEA", product()), ("SALE", dollars), ("CODED", create(shop, needs_code=True))):
        call = call.replace(f'"{name}"', f'"{value}"')
    # when
    with nothing_changed(shop.database):
        body = graphql(call, as_="dana")
    # then
    [error] = body["errors"]
    assert (error["extensions"].get("field"), error["message"]) == REFUSED[document]
    assert codes(body) == [OTHERWISE.get(document, "INVALID_INPUT")]


def test_the_header_is_told_the_same(graphql: GraphQLClient) -> None:
    body = graphql("{ products { nodes { id } } }", headers={"X-Region": "de"})
    assert body["errors"][0]["message"] == no_region("de")
    assert body["errors"][0]["extensions"]["field"] == "region"


@pytest.mark.parametrize("moment", ["2026-13-01T00:00:00Z", "yesterday", "", "2026-01-31T12:00:00+", 5, True, ["a"]])
def test_what_is_no_moment_is_told_how_one_is_written(graphql: GraphQLClient, shop: Shop, moment: Any) -> None:
    said = "A DateTime is a moment with its offset, such as 2026-01-31T12:00:00Z."
    document = 'mutation($at: DateTime) { createDiscount(input: {name: "A", kind: FREE_SHIPPING, endsAt: $at}) { id } }'
    with nothing_changed(shop.database):
        body = graphql(document, {"at": moment}, as_="dana")
        [error] = body["errors"]
        assert (codes(body), error["message"]) == (["INVALID_INPUT"], f"Variable '$at' has invalid value: {said}")
        if isinstance(moment, str):
            literal = document.replace("mutation($at: DateTime)", "mutation").replace("$at", f'"{moment}"')
            assert [each["message"] for each in graphql(literal, as_="dana")["errors"]] == [said]


@pytest.mark.parametrize("field", ["productIds", "categoryIds", "collectionIds", "brandIds"])
def test_unknown_targets_are_named(graphql: GraphQLClient, shop: Shop, product: Make, field: str) -> None:
    one, other = sorted(str(new_id()) for _ in range(2))
    known = str(product())
    ids = ", ".join(f'"{each}"' for each in (other, one, *([known] if field == "productIds" else [])))
    kind = {"productIds": "product", "categoryIds": "category", "collectionIds": "collection", "brandIds": "brand"}
    sale = create(shop)
    for document in (MAKE, CHANGE.replace("SALE", str(sale))):
        with nothing_changed(shop.database):
            body = graphql(document % f"targets: {{{field}: [{ids}]}}", as_="dana")
        [error] = body["errors"]
        assert error["message"] == f"There is no {kind[field]} {one}."
        assert error["extensions"]["ids"] == [one, other]
        assert (codes(body), error["extensions"]["field"]) == (["INVALID_INPUT"], f"targets.{field}")


def test_an_amount_in_one_currency_of_its_regions_is_taken(graphql: GraphQLClient) -> None:
    one_of_them = AMOUNT % ('"JPY"', 'regionCodes: ["JP", "DE"]')
    assert codes(graphql(one_of_them, as_="dana")) == []
    # and without regions any currency
    assert codes(graphql(AMOUNT % ('"KWD"', "priority: 1"), as_="dana")) == []
