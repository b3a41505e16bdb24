"""The playground page: whole, strict, with examples that are valid, and the demo's people in development only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from demo.cast import CAST, PASSWORD
from graphql_api.schema import core_schema
from routes import pages
from routes.playground import playground_page
from routes.playground_examples import ALICE, DEMO_ACCOUNTS, DEMO_PASSWORD, example_tabs
from tests.routes.reading import read
from tests.routes.test_docs import problems_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own_app() -> Iterator[Flask]:
    """An application with nothing but the pages, inside a request."""
    app = Flask("pages", root_path=str(ROOT), static_folder=None)
    app.register_blueprint(pages.blueprint)
    with app.test_request_context():
        yield app


def start_of(page: Response) -> dict[str, Any]:
    """What the page hands to its script."""
    found = re.search(r'<script type="application/json" id="start">(.*?)</script>', page.get_data(as_text=True))
    assert found
    start: dict[str, Any] = json.loads(found[1])
    return start


def test_a_browser_at_the_address_of_the_api_gets_the_page(client: FlaskClient) -> None:
    answer = client.get("/graphql", headers=BROWSER)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "Accept" in answer.headers["Vary"]
    page = read(answer.text)
    assert page.inline == []
    assert [address.split("?")[0] for address in page.resources] == [
        f"/static/{name}"
        for name in (
            "icon.svg", "site.css", "vendor/graphiql.min.css", "playground.css", "vendor/react.min.js",
            "vendor/react-dom.min.js", "playground_nonce.js", "vendor/graphiql.min.js", "playground.js", "icon.svg",
        )
    ]  # fmt: skip
    for address in page.resources:
        assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_its_policy_admits_one_style_nonce_and_no_inline_script(client: FlaskClient) -> None:
    first, second = (client.get("/graphql", headers=BROWSER) for _ in range(2))

    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"style-src 'self' 'nonce-([\w-]{22})';", policy)
    assert nonce
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert f'nonce="{nonce[1]}"' in first.text
    assert nonce[1] not in second.text


def test_the_demos_people_stand_in_it_in_development_only(own_app: Flask) -> None:
    at_home = playground_page(development=True)
    outside = playground_page(development=False)

    assert [account["login"]["email"] for account in start_of(at_home)["accounts"]] == [person.email for person in CAST]
    assert start_of(outside)["accounts"] == []
    assert DEMO_PASSWORD in at_home.get_data(as_text=True)
    assert DEMO_PASSWORD not in outside.get_data(as_text=True)
    assert "@example.com" not in outside.get_data(as_text=True)


def test_its_accounts_are_those_of_the_demo_data() -> None:
    assert [(name, email, role) for name, email, role in DEMO_ACCOUNTS] == [
        (person.name.split()[0], person.email, person.role) for person in CAST
    ]
    assert PASSWORD == DEMO_PASSWORD
    assert str(CAST[0].id) == ALICE


@pytest.mark.parametrize("development", [True, False])
@pytest.mark.parametrize("at", range(9))
def test_every_example_is_valid_with_its_variables(at: int, development: bool) -> None:
    tab = example_tabs(development=development)[at]

    assert problems_of(core_schema(), tab["query"], tab.get("variables", "")) == []


def test_comments_are_as_wide_as_the_editor_at_most() -> None:
    lines = [line for tab in example_tabs(development=True) for line in tab["query"].splitlines()]

    assert [line for line in lines if line.startswith("#") and len(line) > 48] == []


def test_without_its_files_it_says_how_to_get_them(
    own_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("site.css", "icon.svg"):
        (tmp_path / name).write_bytes((pages.STATIC / name).read_bytes())
    monkeypatch.setattr(pages, "STATIC", tmp_path)

    answer = playground_page(development=False)

    assert answer.status_code == 200
    page = read(answer.get_data(as_text=True))
    assert page.texts["h1"] == ["The playground's files are not here yet"]
    assert ".venv/bin/python -m launch.assets" in page.texts["code"]
