"""Static files: kept for a year under an address that names their content, asked for anew under any other."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

A_YEAR = "public, max-age=31536000, immutable"


def address_of(client: FlaskClient, name: str) -> str:
    """The address under which the home page loads this file."""
    found = re.search(rf'"(/static/{re.escape(name)}\?v=[0-9a-f]{{16}})"', client.get("/").text)
    assert found
    return found[1]


def test_a_file_asked_for_by_its_content_is_kept_for_a_year(client: FlaskClient) -> None:
    answer = client.get(address_of(client, "site.css"))

    assert (answer.status_code, answer.content_type) == (200, "text/css; charset=utf-8")
    assert answer.headers["Cache-Control"] == A_YEAR
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?v=0000000000000000"])
def test_under_any_other_address_it_is_asked_for_anew(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/static/site.css{query}")
    again = client.get(f"/static/site.css{query}", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["A" * 300, "none.css", "../app.py", "%2e%2e/app.py", "vendor"])
def test_what_is_no_file_of_the_folder_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404
