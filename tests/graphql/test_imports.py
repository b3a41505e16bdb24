"""Imports by mutation: the file comes along, the worker carries it out, and whoever asks is told how far it is."""

from typing import Any

from flask.testing import FlaskClient

from models.user import Right
from tests.graphql.forms import run_upload
from tests.services.evidence import nothing_changed
from tests.services.hiring import Hired, hire
from tests.support import codes
from wiring import Shop
from workers.relay import relay_all

FIELDS = (
    "id format dryRun partial status createdAt startedAt finishedAt lines created updated unchanged refused "
    "errors(first: 2) { line field code message }"
)
IMPORT = f"mutation($file: Upload!) {{ importProducts(file: $file, format: CSV, partial: true) {{ {FIELDS} }} }}"
BAD = b"slug,category,price,stockCount\na,toys,1,1\nb,fruit,1,1\nc,toys,=1,1\nd,toys,x,y\n"


def ask(client: FlaskClient, who: Hired, document: str) -> dict[str, Any]:
    body: dict[str, Any] = client.post("/graphql", json={"query": document}, headers=who.headers).get_json()
    return body


def test_a_file_is_handed_in_and_followed(client: FlaskClient, shop: Shop) -> None:
    kim, lee = hire(shop, "kim", Right.PRODUCTS), hire(shop, "lee", Right.PRODUCTS)
    made = run_upload(client, IMPORT, BAD, kim.headers)["data"]["importProducts"]
    assert (made["status"], made["format"], made["dryRun"], made["partial"]) == ("WAITING", "CSV", False, True)
    assert (made["startedAt"], made["finishedAt"], made["lines"], made["errors"]) == (None, None, 0, [])
    relay_all(shop)
    read = f'{{ importJob(id: "{made["id"]}") {{ {FIELDS} }} importJobs {{ id }} }}'
    done = ask(client, kim, read)["data"]
    job = done["importJob"]
    counts = (job["status"], job["lines"], job["created"], job["updated"], job["unchanged"], job["refused"])
    assert counts == ("DONE", 4, 1, 0, 0, 3)
    assert [(each["line"], each["field"], each["code"]) for each in job["errors"]] == [
        (3, "category", "FORBIDDEN"),
        (4, "price", "INVALID_INPUT"),
    ]
    assert [each["id"] for each in done["importJobs"]] == [made["id"]]
    assert ask(client, lee, read)["data"] == {"importJob": None, "importJobs": []}


def test_what_is_asked_wrongly_is_refused(client: FlaskClient, shop: Shop) -> None:
    kim = hire(shop, "kim", Right.PRODUCTS)
    made = run_upload(client, IMPORT, BAD, kim.headers)["data"]["importProducts"]
    with nothing_changed(shop.database):
        for first in (0, 1_001):
            asked = f'{{ importJob(id: "{made["id"]}") {{ errors(first: {first}) {{ line }} }} }}'
            assert codes(ask(client, kim, asked)) == ["INVALID_INPUT"]
        assert codes(ask(client, kim, "{ importJobs(first: 101) { id } }")) == ["INVALID_INPUT"]
        assert codes(ask(client, kim, '{ importJob(id: "x") { id } }')) == ["INVALID_INPUT"]
        assert codes(run_upload(client, IMPORT, b"", kim.headers)) == ["INVALID_INPUT"]
    # As long as it is unless somebody says otherwise, the list of lists is not too much.
    assert ask(client, kim, "{ importJobs { id errors { line field code message } } }").get("errors") is None
