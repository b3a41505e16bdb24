"""Everything that staff make is made once under one `Idempotency-Key`: the repetition answers with the first one's."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.graphql.forms import run_upload
from tests.services.acting import category_id, change, remove
from tests.services.evidence import nothing_changed
from tests.services.pictures import picture
from tests.services.pricing import cancel, scheduled_of
from tests.services.stored import files_of, with_folder
from tests.support import GraphQLClient, codes, token_of
from utils import clock
from wiring import Shop

Make = Callable[..., UUID]
KEY = {"Idempotency-Key": "a double click"}
# What is told to caches and the worker is told again, which harms nobody.
NEWS = ("outbox_events",)
# By field: the table, and the same request twice but for one argument.
MAKES: Mapping[str, tuple[str, str, str]] = {
    "createProduct": ("products", "input: {price: 1, stockCount: 2}", "input: {price: 1, stockCount: 3}"),
    "createFamily": ("families", 'name: "Tea", options: ["Size"]', 'name: "Tea", options: ["Kind"]'),
    "createCategory": (
        "categories",
        'input: {name: "Figs", parentId: "SHELF"}',
        'input: {name: "Figs", parentId: "SHELF", slug: "figs"}',
    ),
    "createCollection": ("collections", 'input: {name: "New"}', 'input: {name: "New", isPublished: true}'),
    "schedulePrice": (
        "scheduled_prices",
        'productId: "TEA", price: 8, from: "FROM", until: "UNTIL"',
        'productId: "TEA", price: 8, from: "FROM"',
    ),
    "createDiscount": (
        "discounts",
        'input: {name: "Sale", kind: PERCENT, percent: 10, targets: {productIds: ["TEA"]}}',
        'input: {name: "Sale", kind: PERCENT, percent: 20, targets: {productIds: ["TEA"]}}',
    ),
    "createRegion": (
        "regions",
        'input: {code: "NZ", name: "New Zealand", currency: "NZD"}',
        'input: {code: "NZ", name: "New Zealand", currency: "EUR"}',
    ),
    "setTaxRate": (
        "tax_rates",
        'input: {region: "DE", taxClass: STANDARD, name: "VAT", percent: 20, validFrom: "FROM"}',
        'input: {region: "DE", taxClass: STANDARD, name: "VAT", percent: 21, validFrom: "FROM"}',
    ),
}
UPLOADS: Mapping[str, tuple[str, str, str]] = {
    "importProducts": ("import_jobs", "file: $file, format: CSV", "file: $file, format: CSV, dryRun: true"),
    "uploadImage": ("images", "file: $file", "file: $file"),
}
CONTENTS = {"importProducts": b"price,stockCount\n1,1\n", "uploadImage": picture("PNG")}


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with files of its own."""
    return with_folder(shop, tmp_path / "media")


@pytest.fixture
def asked(shop: Shop, graphql: GraphQLClient, product: Make) -> Callable[..., Any]:
    """Sends a field with these arguments, as staff, under the key."""
    moment = clock.now()
    names = {
        "TEA": str(product(name="Tea")),
        "SHELF": str(category_id(shop, "fruit")),
        "FROM": moment.replace(year=moment.year + 1, day=1).isoformat(),
        "UNTIL": moment.replace(year=moment.year + 1, day=2).isoformat(),
    }

    def ask(field: str, arguments: str, *, alias: str = "", who: str = "dana", headers: Any = KEY) -> Any:
        for name, value in names.items():
            arguments = arguments.replace(name, value)
        return graphql(f"mutation {{ {alias}{field}({arguments}) {{ id }} }}", as_=who, headers=headers)

    return ask


def count(shop: Shop, table: str) -> int:
    with shop.database.read() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def made_by(body: dict[str, Any]) -> Any:
    """What the only field of the answer says, which is no refusal."""
    assert codes(body) == [], body
    [answer] = body["data"].values()
    assert answer
    return answer


@pytest.mark.parametrize("field", MAKES)
def test_a_double_click_makes_one(shop: Shop, asked: Callable[..., Any], field: str) -> None:
    # given
    table, arguments, others = MAKES[field]
    before = count(shop, table)
    first = asked(field, arguments)
    rows = count(shop, table)
    assert rows - before == (len(made_by(first)) if field == "schedulePrice" else 1)
    # when, then
    with nothing_changed(shop.database, but=NEWS):
        assert asked(field, arguments) == first
    with nothing_changed(shop.database):
        refused = asked(field, others)
        assert codes(refused) == ["CONFLICT"]
        assert refused["errors"][0]["extensions"]["field"] == "idempotencyKey"
        assert codes(asked(field, arguments, headers={"Idempotency-Key": ""})) == ["INVALID_INPUT"]
    if field in ("schedulePrice", "createRegion", "setTaxRate"):
        return  # two for one moment, or with one code, are refused in any case
    # and without the key, under another name or by somebody else it is another one
    ids = {made_by(first)["id"]}
    ids |= {made_by(asked(field, arguments, **more))["id"] for more in ({"headers": None}, {"alias": "a: "})}
    assert len(ids) == 3
    assert count(shop, table) == rows + 2


@pytest.mark.parametrize("field", UPLOADS)
def test_a_file_that_is_sent_twice_is_taken_in_once(client: FlaskClient, shop: Shop, field: str) -> None:
    # given
    table, arguments, others = UPLOADS[field]
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}", **KEY}

    def send(given: str, content: bytes, **more: str) -> Any:
        return run_upload(client, f"mutation($file: Upload!) {{ {field}({given}) {{ id }} }}", content, headers | more)

    content = CONTENTS[field]
    first = send(arguments, content)
    made_by(first)
    files = files_of(shop)
    # when, then
    with nothing_changed(shop.database):
        assert send(arguments, content) == first
        assert codes(send(others, content + b"\n")) == ["CONFLICT"]
    assert files_of(shop) == files
    assert made_by(send(arguments, content, **{"Idempotency-Key": "k2"})) != made_by(first)
    assert count(shop, table) == 2


def test_a_repetition_answers_with_the_thing_as_it_is_now(shop: Shop, asked: Callable[..., Any]) -> None:
    arguments = 'input: {name: "Tea", slug: "black-tea", price: 1, stockCount: 2}'
    first = asked("createProduct", arguments)
    made = UUID(made_by(first)["id"])
    change(shop, "dana", made, slug="green-tea", status="withdrawn")
    assert asked("createProduct", arguments) == first


def test_of_what_was_removed_meanwhile_a_repetition_says_so_and_makes_no_other(
    shop: Shop, asked: Callable[..., Any], graphql: GraphQLClient
) -> None:
    for field, removal in (("createFamily", "deleteFamily(familyId"), ("createCategory", "deleteCategory(categoryId")):
        made = made_by(asked(field, MAKES[field][1]))["id"]
        made_by(graphql(f'mutation {{ {removal}: "{made}") }}', as_="dana"))
    remove(shop, "dana", UUID(made_by(asked("createProduct", MAKES["createProduct"][1]))["id"]))
    for field in ("createFamily", "createCategory", "createProduct"):
        with nothing_changed(shop.database):
            body = asked(field, MAKES[field][1])
        assert codes(body) == ["NOT_FOUND"]
        assert body["errors"][0]["extensions"]["field"] == "idempotencyKey"


def test_a_repetition_shows_both_prices_also_when_one_was_called_off(shop: Shop, asked: Callable[..., Any]) -> None:
    arguments = MAKES["schedulePrice"][1]
    first = asked("schedulePrice", arguments)
    begin, _ = (UUID(each["id"]) for each in made_by(first))
    cancel(shop, begin)
    assert asked("schedulePrice", arguments) == first
    with shop.database.read() as session:
        product = session.execute(text("SELECT product_id FROM scheduled_prices LIMIT 1")).scalar_one()
    assert len(scheduled_of(shop.database, product)) == 2


def test_a_refused_request_may_be_made_well_and_repeated_under_its_key(shop: Shop, asked: Callable[..., Any]) -> None:
    with nothing_changed(shop.database):
        assert codes(asked("createProduct", "input: {price: -1, stockCount: 2}")) == ["INVALID_INPUT"]
    made_by(asked("createProduct", "input: {price: 1, stockCount: 2}"))


def test_keys_belong_to_their_caller(shop: Shop, asked: Callable[..., Any]) -> None:
    arguments = MAKES["createCollection"][1]
    ids = {made_by(asked("createCollection", arguments, who=who))["id"] for who in ("dana", "sam", "dana", "sam")}
    assert (len(ids), count(shop, "collections")) == (2, 2)
