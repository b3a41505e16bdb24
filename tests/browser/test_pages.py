"""The pages in headless Chromium, which can reach no other host: they load, look whole, and work."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from models.account_link import LinkPurpose
from services.accounts import changing_password, registering
from tests.nodejs import run_script
from tests.routes.links import link_token
from wiring import Shop

VISIT = Path(__file__).with_name("visit.mjs")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def visit(address: str, folder: Path, link: str) -> Any:
    """What tests/browser/visit.mjs saw; its screenshots stay in `folder`."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert chromium, f"no Chromium on this machine: looked for {', '.join(CHROMIUMS)}"
    return run_script(VISIT, address, chromium, str(folder), link, seconds=180)


@pytest.mark.browser
def test_a_person_visits_the_pages(
    live_server: str, committing_shop: Shop, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    shop, email = committing_shop, "erin@example.com"
    registering.register_customer(shop.database, shop.passwords, name="Erin", email=email, password="correct horse")
    changing_password.request_password_reset(shop.database, email=email)
    token = link_token(shop, LinkPurpose.PASSWORD_RESET)
    seen = visit(live_server, tmp_path, f"/reset-password?token={token}")
    playground = seen["playground"]

    with subtests.test("every request went to this program"):
        assert [url for url in seen["requests"] if not url.startswith(f"{live_server}/")] == []
        assert seen["requests"]
    with subtests.test("nothing failed to load, the console is free of errors, no policy was broken"):
        assert seen["problems"] == []
    with subtests.test("home says where to go, and how the shop is"):
        assert seen["home"] == {"heading": "A shop behind one\N{NO-BREAK SPACE}address.", "health": "All is well"}
    with subtests.test("the search box of the documentation leaves what was searched"):
        assert "query-getOrders" in seen["docs"]["filtered"]
        assert "query-getProducts" not in seen["docs"]["filtered"]
    with subtests.test("the playground opens with examples"):
        assert playground["tabs"] == [
            "Products", "ProductById", "Find", "LogIn", "CreateProduct", "UpdateProduct", "CreateOrder", "Orders",
            "OrderById", "Quote",
        ]  # fmt: skip
        assert playground["headersEditor"] is True
    with subtests.test("its first example, run by the button, shows the products"):
        products = playground["products"]["data"]["getProducts"]
        assert len(products) == 100
        assert products[0].keys() == {"productId", "price", "stockCount", "lastUpdated"}
    with subtests.test("the token of a login is sent along until the person signs out"):
        assert playground["before"].startswith("Not signed in.")
        assert playground["after"].split() == ["Signed", "in", "as", "sam@example.com", "Sign", "out"]
        assert playground["created"]["data"]["createProduct"]["price"] == 29.99
        assert playground["refused"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert playground["asAlice"].split() == ["Signed", "in", "as", "alice@example.com", "Sign", "out"]
    with subtests.test("a sample of the documentation opens in the playground and runs"):
        assert "errors" not in seen["sample"]
        assert len(seen["sample"]["data"]["getProducts"]) == 5
    with subtests.test("a link from a mail is followed by a button, and leaves no token in the address"):
        assert seen["link"] == {"heading": "Your password is changed", "address": f"{live_server}/reset-password"}
    with subtests.test("no page is wider than a telephone"):
        assert seen["telephone"] == {page: {"overflows": False} for page in ("home", "docs", "playground", "link")}
    with subtests.test("screenshots of all of it are there"):
        assert [Path(shot).is_file() for shot in seen["screenshots"]] == [True] * 11
