"""The commands that take products in from a file, and write them into one."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text

from models.user import Right
from tests.commands.test_commands import call
from tests.faults.own import PROJECT, variables_of
from tests.services.evidence import nothing_changed
from tests.services.hiring import hire
from tests.services.importing import rows
from utils.cache import Cache
from utils.errors import Unavailable
from wiring import Shop

GOOD = "slug,category,price,stockCount\ntea,tea,2.50,5\nmilk,milk-and-cream,1,2\n"


def take(shop: Shop, folder: Path, content: str, *words: str, name: str = "products.csv") -> Result:
    (folder / name).write_text(content)
    return call(shop, "import-products", str(folder / name), *words)


def test_a_file_goes_in_and_comes_out(committing_shop: Shop, tmp_path: Path) -> None:
    shop = committing_shop
    done = take(shop, tmp_path, GOOD)
    assert (done.exit_code, done.stdout) == (0, "2 read: 2 created, 0 updated, 0 unchanged, 0 refused.\n"), done.output
    for name in ("out.csv", "out.jsonl"):
        assert call(shop, "export-products", str(tmp_path / name)).exit_code == 0
        with nothing_changed(shop.database):
            again = call(shop, "import-products", str(tmp_path / name))
        assert (again.exit_code, again.stdout) == (0, "2 read: 0 created, 0 updated, 2 unchanged, 0 refused.\n")
    assert (tmp_path / "out.csv").read_bytes() == call(shop, "export-products").stdout_bytes
    as_lines = call(shop, "export-products", "--format", "jsonl").stdout_bytes
    assert (tmp_path / "out.jsonl").read_bytes() == as_lines


def test_what_is_refused_is_told_by_line(committing_shop: Shop, tmp_path: Path) -> None:
    shop, bad = committing_shop, GOOD + "sugar,tea,-3,1\nsalt,tea\n"
    with nothing_changed(shop.database):
        refused = take(shop, tmp_path, bad)
    assert refused.exit_code == 1
    assert refused.stdout == "4 read, 2 refused: nothing was changed.\n"
    assert refused.stderr.splitlines() == [
        "line 4, price: price must not be negative.",
        "line 5: This line has 2 cells, and the header 4 columns.",
    ]
    with nothing_changed(shop.database):
        dry = take(shop, tmp_path, bad, "--partial", "--dry-run")
    told = "4 read: 2 would be created, 0 would be updated, 0 unchanged, 2 refused.\n"
    assert (dry.exit_code, dry.stdout) == (1, told)
    partly = take(shop, tmp_path, bad, "--partial")
    assert (partly.exit_code, partly.stdout) == (1, "4 read: 2 created, 0 updated, 0 unchanged, 2 refused.\n")


def test_redis_that_was_not_told_is_told_of(
    committing_shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(Cache, "renew", away)
    done = take(committing_shop, tmp_path, GOOD)
    assert (done.exit_code, done.stdout) == (0, "2 read: 2 created, 0 updated, 0 unchanged, 0 refused.\n")
    assert done.stderr == "Redis was not told of it: shoppers may be shown what was before for a minute.\n"
    assert take(committing_shop, tmp_path, GOOD).stderr == ""


def test_somebody_of_the_staff_does_it(committing_shop: Shop, tmp_path: Path) -> None:
    shop = committing_shop
    kim, ray = hire(shop, "kim", Right.PRODUCTS), hire(shop, "ray", Right.READ)
    with nothing_changed(shop.database):
        refused = take(shop, tmp_path, GOOD, "--as", kim.email)
    assert refused.stderr.splitlines()[0] == "line 2, category: This belongs to another department."
    for who, words in ((ray.email, "with the right PRODUCTS"), ("nobody@example.com", "Nobody has this address")):
        with nothing_changed(shop.database):
            refused = take(shop, tmp_path, GOOD, "--as", who)
        assert refused.exit_code == 1
        assert words in refused.output
    assert take(shop, tmp_path, "price,stockCount\n1,1\n", "--as", kim.email.upper()).exit_code == 0
    assert rows(shop, "SELECT actor_id FROM stock_movements") == [(kim.id,)]


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(committing_shop: Shop, tmp_path: Path) -> None:
    shop = committing_shop
    (tmp_path / "products.csv").write_text(GOOD)
    command = [sys.executable, "manage.py", "import-products"]
    environment = {**os.environ, **variables_of(shop), "TERM": "xterm", "COLUMNS": "100"}
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*command, str(tmp_path / "products.csv")],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=60,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.stdout == b"2 read: 2 created, 0 updated, 0 unchanged, 0 refused.\n"
    assert "2 products read" in shown
    assert "\u2501" in shown
    piped = subprocess.run(
        [*command, "-", "--format", "csv"],
        cwd=PROJECT,
        env=environment,
        input=GOOD.encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert (piped.stdout, piped.stderr) == (b"2 read: 0 created, 0 updated, 2 unchanged, 0 refused.\n", b"")


def test_the_ledger_is_sound_afterwards(committing_shop: Shop, tmp_path: Path) -> None:
    shop = committing_shop
    take(shop, tmp_path, GOOD)
    take(shop, tmp_path, "slug,stockCount\ntea,50\nmilk,0\n")
    assert call(shop, "check-stock").output == "Every stock count equals the sum of its ledger.\n"
    with shop.database.read() as session:
        assert session.execute(text("SELECT sum(quantity) FROM stock_movements")).scalar_one() == 50
