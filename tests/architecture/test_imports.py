"""The directions of imports are checked, and the check would notice: faults are planted in a copy of the program."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import PROJECT

CONTRACTS = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
# For each contract a line that breaks it, and the file it is planted in.
FAULTS = {
    "Layers: counter, business, records, ground": ("models/product.py", "import services.events"),
    "Inside services, facts go down": ("services/accounts/reading.py", "import services.orders.reading"),
    "The business knows no web, no GraphQL, no queue, and not who wires it": ("services/events.py", "import flask"),
    "Only the cache speaks Redis": ("services/catalogue/stock/stock.py", "import redis"),
    "Starting servers needs nothing of the shop but its settings": ("launch/errors.py", "import models.product"),
    "Nobody imports the web program": ("routes/home.py", "import app"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program's source, to plant faults in."""
    for name in CONTRACTS["root_packages"]:
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*PROJECT.glob("*.py"), PROJECT / "pyproject.toml"]:
        shutil.copy(path, tmp_path)
    return tmp_path


def _broken(copy: Path) -> set[str]:
    """The names of the contracts that are broken in the copy."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=copy, capture_output=True, text=True, timeout=120)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    broken = {
        contract["name"]
        for contract in CONTRACTS["contracts"]
        if any(line.startswith(f"{contract['name']} BROKEN") for line in lines)
    }
    assert (done.returncode != 0) == bool(broken), done.stdout
    return broken


def test_every_package_of_the_program_stands_under_the_contracts() -> None:
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}

    assert set(CONTRACTS["root_packages"]) == packages - {"bench"}


def test_the_program_keeps_every_contract(copy: Path) -> None:
    assert _broken(copy) == set()


def test_each_contract_notices_a_fault(copy: Path) -> None:
    for path, line in FAULTS.values():
        with (copy / path).open("a") as file:
            file.write(f"\n{line}\n")

    assert set(FAULTS) == {contract["name"] for contract in CONTRACTS["contracts"]}
    assert _broken(copy) == set(FAULTS)


def test_a_new_domain_must_be_given_its_place(copy: Path) -> None:
    (copy / "services" / "gifts").mkdir()
    (copy / "services" / "gifts" / "__init__.py").write_text('"""Gifts."""\n')
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=copy, capture_output=True, text=True, timeout=120)

    assert done.returncode != 0
    assert "gifts" in done.stdout + done.stderr
