"""The home page shows a person where to go, and lets nothing in from elsewhere."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.routes.reading import read

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def test_home_links_to_every_place_a_person_may_go(client: FlaskClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    page = read(answer.text)
    assert page.texts["h1"] == ["A shop behind one\N{NO-BREAK SPACE}address."]
    assert {"/", "/graphql", "/docs", "/schema.graphql", "/health"} <= set(page.links)
    for link in sorted(link for link in set(page.links) if link.startswith("/")):
        assert client.get(link, headers={"Accept": "text/html"}).status_code == 200, link


def test_home_shows_the_address_it_was_asked_under(client: FlaskClient) -> None:
    assert "curl https://shop.test/graphql" in client.get("/", base_url="https://shop.test").text


def test_home_has_the_headers_of_a_page(client: FlaskClient) -> None:
    headers = client.get("/").headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-cache"


def test_a_browser_that_has_the_page_is_told_so(client: FlaskClient) -> None:
    first = client.get("/")

    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_home_holds_nothing_that_its_own_policy_forbids(client: FlaskClient) -> None:
    page = read(client.get("/").text)

    assert page.inline == []
    assert page.resources
    assert [address for address in page.resources if not address.startswith("/static/")] == []


def test_home_can_only_be_read(client: FlaskClient) -> None:
    assert client.post("/").status_code == 405
