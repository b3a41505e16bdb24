"""What an import makes of a file: new products, changes of others, what stays, and what is told of it."""

import tracemalloc
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from models import Product
from models.import_job import ImportFormat, ImportStatus
from services.catalogue.importing.carrying_out import Wanted, import_products
from services.catalogue.importing.entering import MOST_TOLD
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row
from tests.services.importing import counts, csv_of, exported, rows, take, take_json, told
from wiring import Shop

TEA = "0190a000-0000-7000-8000-000000000001"
FULL = {
    "id": TEA,
    "sku": "T-1",
    "slug": "green-tea",
    "name": "Green Tea",
    "description": "Leaves.\n\n- one\n- two",
    "brand": "Kite & Co",
    "category": "tea",
    "price": 2.5,
    "currency": "USD",
    "stockCount": 12,
    "unit": "box",
    "contentAmount": 0.25,
    "contentUnit": "kg",
    "taxClass": "reduced",
    "barcode": "4006381333931",
    "tags": ["green", "a|b\\c"],
    "status": "draft",
    "publishFrom": "2027-01-01T01:00:00+01:00",
    "publishUntil": "2027-02-01T00:00:00Z",
    "family": "Teas",
    "options": {"Size": "250 g", "Kind": "a=b"},
    "lowStockAt": 3,
}


def test_a_whole_product_is_made(shop: Shop) -> None:
    outcome = take_json(shop, FULL)
    assert (outcome.status, outcome.records, counts(outcome)) == (ImportStatus.DONE, 1, (1, 0, 0, 0)), outcome
    tea = product_row(shop.database, UUID(TEA))
    assert tea is not None
    assert (tea.sku, tea.slug, tea.name, tea.price, tea.currency) == (
        "T-1",
        "green-tea",
        "Green Tea",
        Decimal("2.5"),
        "USD",
    )
    assert (tea.content_amount, tea.content_unit, tea.tax_class) == (Decimal("0.25"), "kg", "reduced")
    assert (tea.tags, tea.option_values, tea.low_stock_at) == (["green", "a|b\\c"], ["250 g", "a=b"], 3)
    assert (tea.status, tea.version, tea.unit) == ("draft", 1, "box")
    assert ledger_of(shop.database, UUID(TEA)) == [(12, "initial", None, None)]
    assert rows(shop, "SELECT price, currency, reason FROM price_changes") == [(Decimal("2.5"), "USD", "initial")]
    assert rows(shop, "SELECT name, slug FROM brands") == [("Kite & Co", "kite-co")]
    assert rows(shop, "SELECT name, options FROM families") == [("Teas", ["Size", "Kind"])]
    assert news_of(shop.database, "products.imported") == [{}]


@pytest.mark.parametrize("file_format", ImportFormat)
def test_what_was_exported_changes_nothing(shop: Shop, file_format: ImportFormat) -> None:
    take_json(shop, FULL)
    whole = exported(shop, file_format)
    for partial, dry_run in ((False, False), (True, False), (False, True)):
        with nothing_changed(shop.database):
            outcome = take(shop, whole, file_format=file_format, partial=partial, dry_run=dry_run)
        assert (outcome.status, counts(outcome)) == (ImportStatus.DONE, (0, 0, 1, 0)), told(outcome)


def test_price_and_stock_are_enough(shop: Shop) -> None:
    assert counts(take(shop, "price,stockCount\n9.99,0\n9.99,5\n")) == (2, 0, 0, 0)
    made = rows(shop, "SELECT name, slug, unit, status, right(id::text, 12), stock_count FROM products ORDER BY id")
    assert made == [
        (f"Product {each}", f"product-{each}", "each", "published", each, stock)
        for each, stock in [(made[0][4], 0), (made[1][4], 5)]
    ]
    # An empty shelf has no row in the ledger.
    assert rows(shop, "SELECT quantity, reason FROM stock_movements") == [(5, "initial")]
    assert rows(shop, "SELECT slug FROM categories WHERE id IN (SELECT category_id FROM products)") == [
        ("everything-else",)
    ]


def test_only_what_is_given_changes(shop: Shop) -> None:
    take_json(shop, FULL)
    before = product_row(shop.database, UUID(TEA))
    outcome = take(shop, "sku,price,stockCount\nT-1,3.00,20\n")
    assert counts(outcome) == (0, 1, 0, 0), told(outcome)
    after = product_row(shop.database, UUID(TEA))
    assert before is not None
    assert after is not None
    assert (after.price, after.stock_count, after.version) == (Decimal(3), 20, 2)
    assert after.updated_at > before.updated_at
    changed = {"price", "stock_count", "version", "updated_at"}
    columns = set(Product.__table__.columns.keys()) - changed
    assert {name: getattr(after, name) for name in columns} == {name: getattr(before, name) for name in columns}
    assert ledger_of(shop.database, UUID(TEA)) == [(12, "initial", None, None), (8, "imported", None, None)]
    history = rows(shop, "SELECT price, reason FROM price_changes ORDER BY id")
    assert history == [(Decimal("2.5"), "initial"), (Decimal(3), "imported")]


def test_an_empty_cell_takes_away_what_a_product_may_be_without(shop: Shop) -> None:
    take_json(shop, FULL)
    header = exported(shop).decode().partition("\r\n")[0]
    columns = header.split(",")
    outcome = take(shop, csv_of(header, [",".join(TEA if column == "id" else "" for column in columns)]))
    assert counts(outcome) == (0, 1, 0, 0), told(outcome)
    tea = product_row(shop.database, UUID(TEA))
    assert tea is not None
    taken = (tea.sku, tea.barcode, tea.brand_id, tea.content_amount, tea.content_unit, tea.publish_from)
    assert taken == (None,) * 6
    assert (tea.publish_until, tea.family_id, tea.low_stock_at, tea.description) == (None, None, None, "")
    assert (tea.tags, tea.option_values) == ([], [])
    kept = (tea.slug, tea.name, tea.price, tea.stock_count, tea.unit, tea.tax_class, tea.status)
    assert kept == ("green-tea", "Green Tea", Decimal("2.5"), 12, "box", "reduced", "draft")


def test_null_is_json_for_an_empty_cell(shop: Shop) -> None:
    take_json(shop, FULL)
    assert counts(take_json(shop, {"slug": "green-tea", "barcode": None, "tags": [], "unit": None})) == (0, 1, 0, 0)
    assert rows(shop, "SELECT barcode, tags, unit, sku FROM products") == [(None, [], "box", "T-1")]


def test_which_product_a_line_means(shop: Shop) -> None:
    take_json(
        shop,
        {"id": TEA, "sku": "A", "slug": "a", "price": 1, "stockCount": 1},
        {"sku": "B", "slug": "b", "price": 1, "stockCount": 1},
        {"slug": "c", "price": 1, "stockCount": 1},
    )
    # By the id whatever else it says, by the SKU before the slug, by the slug if nobody has the SKU.
    outcome = take_json(
        shop, {"id": TEA, "sku": "A2"}, {"sku": "b", "slug": "b2"}, {"sku": "C", "slug": "c", "price": 2}
    )
    assert counts(outcome) == (0, 3, 0, 0), told(outcome)
    assert rows(shop, "SELECT sku, slug, price FROM products ORDER BY slug") == [
        ("A2", "a", 1),
        ("b", "b2", 1),
        ("C", "c", 2),
    ]


def test_new_slugs_give_way(shop: Shop) -> None:
    take(shop, "slug,name,price,stockCount\ntea,Tea,1,1\n")
    outcome = take(shop, "slug,name,price,stockCount\n,Tea,1,1\n,Milk,1,1\nmilk,Other,1,1\n,Milk,1,1\n")
    assert counts(outcome) == (4, 0, 0, 0), told(outcome)
    found = rows(shop, "SELECT slug, right(id::text, 12), name FROM products ORDER BY id")
    assert [slug.removesuffix(f"-{tail}") for slug, tail, _ in found] == ["tea", "tea", "milk", "milk", "milk"]
    assert [slug for slug, tail, _ in found if not slug.endswith(tail)] == ["tea", "milk"]
    assert ("milk", "Other") in [(slug, name) for slug, _, name in found]


def test_one_brand_whatever_its_spelling(shop: Shop) -> None:
    take(shop, "slug,brand,price,stockCount\na,Kite & Co,1,1\nb,KITE & CO,1,1\nc,Kite  Co,1,1\nd,Kite & Co,1,1\n")
    assert rows(shop, "SELECT name, left(slug, 7) FROM brands ORDER BY name") == [
        ("Kite & Co", "kite-co"),
        ("Kite Co", "kite-co"),
    ]
    assert counts(take(shop, "slug,brand\na,kite & co\nb,kite co\n")) == (0, 1, 1, 0)
    assert rows(shop, "SELECT count(*) FROM brands") == [(2,)]


def test_a_family_is_made_once_and_found_by_its_name(shop: Shop) -> None:
    made = take(
        shop,
        "slug,family,options,price,stockCount\na,Tea,Size=1|Kind=x,1,1\nb,Tea,kind=x|size=2,1,1\n",
    )
    assert counts(made) == (2, 0, 0, 0), told(made)
    joined = take(shop, "slug,family,options,price,stockCount\nc,Tea,Kind=y|Size=1,1,1\n")
    assert counts(joined) == (1, 0, 0, 0), told(joined)
    assert rows(shop, "SELECT options FROM families") == [(["Size", "Kind"],)]
    assert rows(shop, "SELECT option_values FROM products ORDER BY slug") == [
        (["1", "x"],),
        (["2", "x"],),
        (["1", "y"],),
    ]
    assert counts(take(shop, "slug,options\nc,Size=3|Kind=y\n")) == (0, 1, 0, 0)


PLENTY = MOST_TOLD + 1


@pytest.mark.parametrize(("count", "everything"), [(2, False), (PLENTY, True)])
def test_the_cache_is_told(shop: Shop, count: int, everything: bool) -> None:
    take(shop, csv_of("slug,price,stockCount", [f"p{each},1,1" for each in range(count)]))
    [news] = news_of(shop.database, "catalogue.changed")
    assert news.get("everything", False) is everything
    ids = {f"product:{row[0]}" for row in rows(shop, "SELECT id FROM products")}
    assert (ids <= set(news["tags"])) is not everything
    assert everything or {"list:all", "stocked:all"} <= set(news["tags"])


def test_stock_marks_are_told_for_a_few_products_only(shop: Shop) -> None:
    header = "slug,price,stockCount"
    take(shop, csv_of(header, [f"p{each},1,1" for each in range(PLENTY)]))
    take(shop, csv_of(header, ["p0,1,0"]))
    assert [news["stockCount"] for news in news_of(shop.database, "stock.out")] == [0]
    take(shop, csv_of(header, [f"p{each},1,0" for each in range(1, PLENTY)]))
    assert len(news_of(shop.database, "stock.out")) == PLENTY  # five hundred more
    take(shop, csv_of(header, [f"p{each},1,5" for each in range(PLENTY)]))
    assert news_of(shop.database, "stock.back") == []


def test_a_dry_run_tells_what_the_real_one_does(shop: Shop) -> None:
    take(shop, "slug,price,stockCount\na,1,1\nb,1,1\n")
    content = "slug,price,stockCount\na,1,1\nb,2,1\nc,1,1\nd,-1,1\n"
    for partial, expected in ((False, (0, 0, 0, 1)), (True, (1, 1, 1, 1))):
        with nothing_changed(shop.database):
            dry = take(shop, content, dry_run=True, partial=partial)
        assert counts(dry) == expected
        real = take(shop, content, partial=partial)
        assert (real.status, counts(real), told(real)) == (dry.status, counts(dry), told(dry))


def test_a_price_whose_time_has_come_is_settled_first(shop: Shop) -> None:
    take(shop, "slug,price,stockCount\na,10,1\n")
    with shop.database.write() as session:
        session.execute(
            text(
                "INSERT INTO scheduled_prices (id, product_id, price, starts_at, created_at)"
                " SELECT id, id, 7, created_at, created_at FROM products"
            )
        )
    assert counts(take(shop, "slug,price\na,8\n")) == (0, 1, 0, 0)
    assert rows(shop, "SELECT price FROM products") == [(8,)]
    history = rows(shop, "SELECT price, reason FROM price_changes ORDER BY effective_from, id")
    assert history == [(10, "initial"), (7, "scheduled"), (8, "imported")]


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(shop: Shop, tmp_path: Path) -> None:
    path, description = tmp_path / "products.csv", "x" * 9_000
    path.write_text(
        csv_of("slug,description,price,stockCount", (f"p{each},{description},1,1" for each in range(2_500)))
    )
    wanted = Wanted(ImportFormat.CSV, dry_run=True)
    tracemalloc.start()
    try:
        with path.open("rb") as source:
            outcome = import_products(shop.database, source, wanted, cache=shop.cache, currency="USD")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts(outcome) == (2_500, 0, 0, 0)
    assert path.stat().st_size > 22_500_000
    assert peak < 12_000_000
