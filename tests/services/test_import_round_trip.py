"""Export and import, there and back: the same bytes from an empty shop, and nothing changed in the same one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import hypothesis
import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from models.import_job import ImportFormat
from tests.services.evidence import nothing_changed
from tests.services.importing import counts, empty, exported, take, told
from utils.ids import new_id
from wiring import Shop

# What makes trouble in cells, in quotes, in lists, at the ends of lines, and beyond the first plane of Unicode.
SIGNS = st.one_of(
    st.sampled_from("='+-@|\\\",; \u2028\u00df\u0130\u1e9e\u200b\ufeff\uff1d\U0001f375%{}aB"),
    st.characters(exclude_categories=("Cs", "Cc")),
)
LINES = st.text(SIGNS, min_size=1, max_size=12).filter(lambda text: text.strip() != "")
PROSE = st.text(st.one_of(SIGNS, st.sampled_from("\n\r\t")), max_size=40)
SKUS = st.text(st.sampled_from("='+-@|\\\",; aB1"), min_size=1, max_size=8).filter(lambda text: text.strip() == text)
MOMENTS = st.sampled_from(["2026-01-01T00:00:00Z", "2026-06-01T12:30:00.000001+05:45"])
PRICES = st.decimals(0, 99_999_999, places=2)


def given_or_not(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


CONTENT = st.tuples(st.decimals(Decimal("0.001"), 999, places=3), st.sampled_from(["g", "l", "m2"]))
PRODUCTS = st.fixed_dictionaries(
    {
        "sku": given_or_not(SKUS),
        "name": LINES,
        "description": PROSE,
        "brand": given_or_not(LINES),
        "category": st.sampled_from(["tea", "fruit"]),
        "price": PRICES,
        "stockCount": st.integers(0, 1_000),
        "unit": LINES,
        "content": given_or_not(CONTENT),
        "taxClass": st.sampled_from(["standard", "zero"]),
        "tags": st.lists(LINES, max_size=3),
        "status": st.sampled_from(["draft", "published", "withdrawn"]),
        "publishFrom": given_or_not(MOMENTS),
        "options": given_or_not(st.tuples(LINES, LINES)),
        "lowStockAt": given_or_not(st.integers(0, 5)),
    }
)


def in_json(product: dict[str, Any]) -> dict[str, Any]:
    """The product as a line of JSON, in a family of its own if it has options."""
    made = {"id": str(new_id()), **product, "price": str(product["price"])}
    amount, unit = made.pop("content") or (None, None)
    made |= {"contentAmount": amount and str(amount), "contentUnit": unit}
    if made["options"] is not None:
        name, value = made["options"]
        made |= {"familyId": str(new_id()), "family": name, "options": {name: value}}
    return made


def round_trip(shop: Shop, products: list[dict[str, Any]]) -> None:
    empty(shop)
    content = b"".join(orjson.dumps(in_json(each)) + b"\n" for each in products)
    made = take(shop, content, file_format=ImportFormat.JSONL, partial=True)
    # Two texts may be one to the shop, such as SKUs that differ in case only.
    hypothesis.assume(made.counts.created)
    whole = {each: exported(shop, each) for each in ImportFormat}
    for file_format, written in whole.items():
        with nothing_changed(shop.database):
            again = take(shop, written, file_format=file_format)
        assert counts(again) == (0, 0, made.counts.created, 0), told(again)
        empty(shop)
        there = take(shop, written, file_format=file_format)
        assert counts(there) == (made.counts.created, 0, 0, 0), there.faults
        assert {each: exported(shop, each) for each in ImportFormat} == whole


def examples(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    # All examples share one transaction; each begins with an empty shop.
    return hypothesis.settings(max_examples=count, suppress_health_check=[HealthCheck.function_scoped_fixture])


MANY = st.lists(PRODUCTS, min_size=1, max_size=8)


@examples(8)
@given(products=MANY)
def test_there_and_back(shop: Shop, products: list[dict[str, Any]]) -> None:
    round_trip(shop, products)


@pytest.mark.long
@examples(300)
@given(products=MANY)
def test_there_and_back_again_and_again(shop: Shop, products: list[dict[str, Any]]) -> None:
    round_trip(shop, products)


def test_the_shape_is_the_same_beyond_one_page(shop: Shop) -> None:
    content = "slug,price,stockCount\n" + "".join(f"p{each},1,1\n" for each in range(1_203))
    take(shop, content)
    assert exported(shop).count(b"\r\n") == 1_204
    round_trip_of_all = take(shop, exported(shop))
    assert counts(round_trip_of_all) == (0, 0, 1_203, 0)
