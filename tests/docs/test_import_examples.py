"""The examples of docs/import.md are taken in, and its table names every column."""

import re
from pathlib import Path

from models.import_job import ImportFormat
from services.catalogue.importing.columns import COLUMNS
from tests.services.importing import counts, rows, take, told
from wiring import Shop

TEXT = (Path(__file__).resolve().parent.parent.parent / "docs" / "import.md").read_text()


def example(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


def test_the_examples_go_in(shop: Shop) -> None:
    made = take(shop, example("csv"))
    assert counts(made) == (2, 0, 0, 0), told(made)
    changed = take(shop, example("jsonl"), file_format=ImportFormat.JSONL)
    assert counts(changed) == (0, 2, 0, 0), told(changed)
    found = rows(shop, "SELECT sku, price, stock_count, tags, option_values FROM products ORDER BY sku")
    assert [(*row[:1], float(row[1]), *row[2:]) for row in found] == [
        ("TEA-250", 4.5, 118, ["green", "organic"], ["250 g"]),
        ("TEA-500", 8.5, 60, ["green"], ["500 g"]),
    ]


def test_the_table_names_every_column_in_order() -> None:
    table = TEXT.partition("## Columns")[2].partition("\n\nIn `tags`")[0]
    named = [
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    ]
    assert named == list(COLUMNS)
