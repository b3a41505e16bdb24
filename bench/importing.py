"""How long a file of a hundred thousand new products takes."""

import csv
import time
from io import BytesIO, StringIO

from bench.grounds import Grounds
from demo.many import many_goods
from models.import_job import ImportFormat
from services.catalogue.importing.carrying_out import Wanted, import_products

COUNT = 100_000
_COLUMNS = ("sku", "name", "description", "brand", "category", "price", "stockCount", "unit", "tags")


def seconds(grounds: Grounds, *, count: int = COUNT) -> float:
    """From the first byte of the file to the commit. The products stay in the shop."""
    source = BytesIO(_file(count))
    with grounds.opened() as shop:
        began = time.monotonic()
        outcome = import_products(
            shop.database, source, Wanted(ImportFormat.CSV), cache=shop.cache, currency=shop.settings.currency
        )
        took = time.monotonic() - began
    if outcome.counts.created != count:
        raise RuntimeError(f"the import made {outcome.counts.created} of {count} products: {outcome.faults[:3]}")
    return took


def _file(count: int) -> bytes:
    sheet = StringIO()
    write = csv.writer(sheet)
    write.writerow(_COLUMNS)
    for number, good in enumerate(many_goods(count)):
        brand = " ".join(good.name.split()[:2])
        about = (good.name, good.description, brand, good.category_slug, good.price, good.stock_count, good.unit)
        write.writerow((f"BENCH-{number}", *about, f"bench|shelf {number % 50}"))
    return sheet.getvalue().encode()
