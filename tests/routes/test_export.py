"""The door to the whole catalogue as a file: for staff, streamed, counted."""

import tracemalloc
from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from models.import_job import ImportFormat
from models.user import Right
from services.catalogue.exporting import export_products
from tests.services.evidence import nothing_changed
from tests.services.hiring import hire
from tests.services.importing import csv_of, exported, take
from wiring import Shop

DOOR = "/api/v1/products/export"


@pytest.mark.parametrize(
    ("query", "file_format", "content_type"),
    [
        ("", ImportFormat.CSV, "text/csv; charset=utf-8"),
        ("?format=csv", ImportFormat.CSV, "text/csv; charset=utf-8"),
        ("?format=jsonl", ImportFormat.JSONL, "application/jsonl; charset=utf-8"),
    ],
)
def test_staff_take_the_catalogue_away(
    client: FlaskClient,
    shop: Shop,
    product: Callable[..., UUID],
    query: str,
    file_format: ImportFormat,
    content_type: str,
) -> None:
    product(name="Tea")
    take(shop, "slug,status,price,stockCount\nhidden,draft,1,1\n")
    kim = hire(shop, "kim", Right.PRODUCTS)
    answer = client.get(DOOR + query, headers=kim.headers)
    assert (answer.status_code, answer.content_type) == (200, content_type)
    assert answer.data == exported(shop, file_format)
    assert b"hidden" in answer.data
    assert answer.headers["Content-Disposition"] == f'attachment; filename="products.{file_format}"'
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.get(DOOR + query, headers=kim.headers)
    assert (again.status_code, again.get_json()["error"]["code"]) == (429, "RATE_LIMITED")
    other = {ImportFormat.CSV: ImportFormat.JSONL, ImportFormat.JSONL: ImportFormat.CSV}[file_format]
    assert client.get(f"{DOOR}?format={other}", headers=kim.headers).status_code == 200


def test_nobody_else_does(client: FlaskClient, shop: Shop) -> None:
    ray = hire(shop, "ray", Right.READ, Right.ORDERS)
    kim = hire(shop, "kim", Right.PRODUCTS)
    cases = [
        ({}, "", 401, "UNAUTHENTICATED"),
        ({"Authorization": "Bearer nonsense"}, "", 401, "UNAUTHENTICATED"),
        (ray.headers, "", 403, "FORBIDDEN"),
        (kim.headers, "?format=xml", 400, "INVALID_INPUT"),
    ]
    with nothing_changed(shop.database):
        for headers, query, status, code in cases:
            answer = client.get(DOOR + query, headers=headers)
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_a_session_that_ended_exports_nothing(client: FlaskClient, shop: Shop) -> None:
    kim = hire(shop, "kim", Right.PRODUCTS)
    assert client.post("/auth/logout", headers=kim.headers).status_code == 204
    assert client.get(DOOR, headers=kim.headers).status_code == 401


def test_its_memory_does_not_grow_with_the_shop(shop: Shop) -> None:
    text = "x" * 5_000
    take(shop, csv_of("slug,description,price,stockCount", [f"p{each},{text},1,1" for each in range(1_000)]))
    tracemalloc.start()
    try:
        length = sum(len(piece) for piece in export_products(shop.database, ImportFormat.CSV))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length > 5_000_000
    assert peak < 4_500_000
