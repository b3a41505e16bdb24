"""Requests that bring files: read as the specification says, bounded, and refused whole when a part is not right."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from graphql_api import uploads
from tests.graphql.forms import MAP, OPERATIONS, PROOF, TYPE, UPLOAD, Part, field, file, form, send, upload_of
from tests.nodejs import run_script
from tests.services.pictures import picture
from tests.services.stored import files_of, nothing_happened, with_folder
from tests.serving import serving
from tests.support import codes, token_of
from wiring import Shop

PICTURE = picture()
OPERATIONS_FIELD, MAP_FIELD, FILE = field("operations", OPERATIONS), field("map", MAP), file(PICTURE)
Parts = list[Part]


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with files of its own."""
    return with_folder(shop, tmp_path / "media")


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files that were taken in, in which they come; each has to be closed afterwards."""
    taken: list[Any] = []

    def spool() -> Any:
        taken.append(tempfile.TemporaryFile())  # noqa: SIM115 - what is tested closes it
        return taken[-1]

    monkeypatch.setattr(uploads, "TemporaryFile", spool)
    return taken


def operations(variables: object, query: str = UPLOAD) -> Part:
    """The field `operations`."""
    return field("operations", {"query": query, "variables": variables})


def mapped(*paths: Any, name: str = "0") -> Part:
    """The field `map`, one file to these places."""
    return field("map", {name: list(paths)})


@pytest.mark.parametrize("header", uploads.PROOFS)
def test_a_file_comes_in(client: FlaskClient, shop: Shop, spooled: list[Any], header: str) -> None:
    status, body = send(client, upload_of(PICTURE), token_of(shop, "sam"), proof={header: "1"})
    image = body["data"]["uploadImage"]
    assert (status, codes(body)) == (200, [])
    assert (image["width"], image["height"], image["contentType"]) == (40, 30, "image/png")
    assert len(files_of(shop)) == 1
    assert [each.closed for each in spooled] == [True]


def test_a_browsers_form_comes_in(app: Flask, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(PICTURE)
    with serving(app) as url:
        script, token = Path(__file__).with_name("upload.mjs"), token_of(shop, "sam")
        answer = run_script(script, f"{url}/graphql", token, str(tmp_path / "picture"), seconds=30)
    image = {"width": 40, "height": 30, "contentType": "image/png"}
    assert answer == {"status": 200, "body": {"data": {"uploadImage": image}}}


def test_one_file_may_stand_in_two_places_and_two_files_in_lists_and_objects(client: FlaskClient, shop: Shop) -> None:
    query = (
        "mutation($a: Upload!, $b: Upload!) { a: uploadImage(file: $a) { width } b: uploadImage(file: $b) { width } }"
    )
    one = form(operations({"a": None, "b": None}, query), mapped("variables.a", "variables.b"), FILE)
    other = file(picture(size=(7, 7)), "1")
    both = field("map", {"0": ["variables.b"], "1": ["variables.a"]})
    two = form(operations({"a": None, "b": None}, query), both, other, FILE)
    sent = [send(client, each, token_of(shop, "sam"))[1]["data"] for each in (one, two)]
    assert [(each["a"]["width"], each["b"]["width"]) for each in sent] == [(40, 40), (7, 40)]


@pytest.mark.parametrize("place", ["variables.list.1", "variables.object.list.0.file"])
def test_places_deep_in_the_variables_are_found(place: str) -> None:
    variables = {"list": [None, None], "object": {"list": [{"file": None}]}}
    (found,) = uploads._places({"0": [place]}, variables)["0"]
    assert found.container[found.key] is None


UNMAPPED = {
    "outside the variables": mapped("query"),
    "the prototype": mapped("variables.__proto__"),
    "the prototype of the request": mapped("__proto__.variables.file"),
    "the constructor": mapped("variables.constructor.prototype"),
    "a name that is not there": mapped("variables.other"),
    "the variables themselves": mapped("variables"),
    "below a null": mapped("variables.file.0"),
    "nothing": mapped(""),
    "no text": mapped(7),
    "a null": mapped(None),
    "a file nowhere": mapped(),
    "one place twice": mapped("variables.file", "variables.file"),
    "one place for two files": field("map", {"0": ["variables.file"], "1": ["variables.file"]}),
    "no list": field("map", {"0": "variables.file"}),
    "a list": field("map", [["variables.file"]]),
    "no file": field("map", {}),
    "eleven files": field("map", {str(each): ["variables.file"] for each in range(11)}),
    "no JSON": field("map", b"{"),
    "null": field("map", None),
}
BAD_LISTS = ["variables.file.1", "variables.file.-1", "variables.file.01", "variables.file.0.0", "variables.file.²"]
MALFORMED: dict[str, Parts] = {
    **{f"a map to {name}": [OPERATIONS_FIELD, each, FILE] for name, each in UNMAPPED.items()},
    **{f"a map to {each}": [operations({"file": [None]}), mapped(each), FILE] for each in BAD_LISTS},
    "a place with a value": [operations({"file": "text"}), MAP_FIELD, FILE],
    "no variables": [operations(None), MAP_FIELD, FILE],
    "no parts": [],
    "the file alone": [FILE],
    "no map": [OPERATIONS_FIELD, FILE],
    "no operations": [MAP_FIELD, FILE],
    "the map first": [MAP_FIELD, OPERATIONS_FIELD, FILE],
    "the file first": [FILE, OPERATIONS_FIELD, MAP_FIELD],
    "the file before the map": [OPERATIONS_FIELD, FILE, MAP_FIELD],
    "operations twice": [OPERATIONS_FIELD, OPERATIONS_FIELD, MAP_FIELD, FILE],
    "operations as a file": [("operations", "blob", OPERATIONS_FIELD[2]), MAP_FIELD, FILE],
    "a batch": [field("operations", [OPERATIONS]), mapped("0.variables.file"), FILE],
    "operations that are no JSON": [field("operations", b"{"), MAP_FIELD, FILE],
    "operations nested deep": [field("operations", b"[" * 5000), MAP_FIELD, FILE],
    "no query": [field("operations", {"query": 7, "variables": {"file": None}}), MAP_FIELD, FILE],
    "a missing file": [OPERATIONS_FIELD, MAP_FIELD],
    "another file": [OPERATIONS_FIELD, MAP_FIELD, file(PICTURE, "1")],
    "one file too many": [OPERATIONS_FIELD, MAP_FIELD, FILE, file(PICTURE, "1")],
    "the file twice": [OPERATIONS_FIELD, MAP_FIELD, FILE, FILE],
    "the file as a field": [OPERATIONS_FIELD, MAP_FIELD, field("0", PICTURE)],
    "a field behind the file": [OPERATIONS_FIELD, MAP_FIELD, FILE, field("more", 1)],
    "a thousand files": [OPERATIONS_FIELD, MAP_FIELD, FILE, *[file(b"x", str(each)) for each in range(1_000)]],
    "a thousand fields": [field(str(each), each) for each in range(1_000)],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_as_the_specification_says_is_refused_whole(
    client: FlaskClient, shop: Shop, spooled: list[Any], name: str
) -> None:
    token = token_of(shop, "dana")
    with nothing_happened(shop):
        status, body = send(client, form(*MALFORMED[name]), token)
    assert (status, codes(body), "data" in body) == (400, ["BAD_REQUEST"], False)
    assert all(each.closed for each in spooled)


RAW = {
    "nothing": b"",
    "no form": b"query=1",
    "no end": form(OPERATIONS_FIELD, MAP_FIELD, FILE, end=b""),
    "an end in the middle": form(OPERATIONS_FIELD, MAP_FIELD, FILE)[:-80],
    "only an end": form(),
    "a part without a name": b"--a-boundary\r\n\r\nx\r\n--a-boundary--\r\n",
    "a part that is no form's": b"--a-boundary\r\nContent-Disposition: attachment\r\n\r\nx\r\n--a-boundary--\r\n",
    "a head that does not end": b"--a-boundary\r\nX: " + b"x" * 300_000,
    "bytes before the form": b"x" * 300_000,
    "a head in no script": form(field("name", b"x")).replace(b"name", b"\xff\xfe"),
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_form_is_refused(client: FlaskClient, shop: Shop, name: str) -> None:
    token = token_of(shop, "dana")
    with nothing_happened(shop):
        status, body = send(client, RAW[name], token)
    assert (status, codes(body)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'b' * 201}"],
)
def test_a_form_names_its_boundary(client: FlaskClient, shop: Shop, content_type: str) -> None:
    status, body = send(client, upload_of(PICTURE), token_of(shop, "dana"), content_type=content_type)
    assert (status, codes(body)) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("who", "proof", "status", "code"),
    [
        ("dana", {}, 403, "FORBIDDEN"),
        ("dana", {"Apollo-Require-Preflight": ""}, 403, "FORBIDDEN"),
        (None, {}, 403, "FORBIDDEN"),
        (None, PROOF, 401, "UNAUTHENTICATED"),
    ],
)
def test_a_foreign_form_or_a_stranger_is_refused_before_anything_is_read(
    client: FlaskClient, shop: Shop, who: str | None, proof: dict[str, str], status: int, code: str
) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("it was read")

    token = None if who is None else token_of(shop, who)
    headers = proof | ({} if token is None else {"Authorization": f"Bearer {token}"})
    with nothing_happened(shop):
        answer = client.post("/graphql", input_stream=Unread(), content_type=TYPE, content_length=99, headers=headers)
    assert (answer.status_code, codes(answer.get_json())) == (status, [code])


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", ""])
def test_a_token_that_is_not_ours_is_a_strangers(client: FlaskClient, shop: Shop, token: str) -> None:
    with nothing_happened(shop):
        status, body = send(client, upload_of(PICTURE), token)
    assert (status, codes(body)) == (401, ["UNAUTHENTICATED"])


@pytest.mark.parametrize(("who", "code"), [("alice", "FORBIDDEN"), ("bob", "FORBIDDEN")])
def test_a_customer_uploads_nothing(client: FlaskClient, shop: Shop, spooled: list[Any], who: str, code: str) -> None:
    with nothing_happened(shop):
        status, body = send(client, upload_of(PICTURE), token_of(shop, who))
    assert (status, codes(body), body["data"]) == (200, [code], {"uploadImage": None})
    assert [each.closed for each in spooled] == [True]


TOO_LARGE: dict[str, Callable[[], bytes]] = {
    "a file": lambda: upload_of(b"x" * 1_000_001),
    "all together": lambda: upload_of(b"x" * 3_100_000),
    "four files": lambda: form(
        operations(dict.fromkeys("abcd")),
        field("map", {name: [f"variables.{name}"] for name in "abcd"}),
        *[file(b"x" * 900_000, name) for name in "abcd"],
    ),
    "operations": lambda: form(operations({"file": None, "more": "x" * 1_000_000}), MAP_FIELD, FILE),
    "a map": lambda: form(OPERATIONS_FIELD, mapped("variables.file", "variables." + "x" * 10_000), FILE),
}


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused(
    client: FlaskClient, shop: Shop, spooled: list[Any], name: str, in_chunks: bool
) -> None:
    body, headers = TOO_LARGE[name](), PROOF | {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    stream: dict[str, Any] = {"data": body}
    if in_chunks:  # nobody says how long it is
        stream = {"input_stream": io.BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}
        headers["Transfer-Encoding"] = "chunked"
    with nothing_happened(shop):
        answer = client.post("/graphql", content_type=TYPE, headers=headers, **stream)
    assert (answer.status_code, codes(answer.get_json())) == (413, ["PAYLOAD_TOO_LARGE"])
    assert all(each.closed for each in spooled)


def test_a_file_of_the_largest_size_comes_in(client: FlaskClient, shop: Shop) -> None:
    largest = PICTURE + bytes(1_000_000 - len(PICTURE))
    status, body = send(client, upload_of(largest), token_of(shop, "sam"))
    assert (status, codes(body)) == (200, [])


def test_a_query_takes_no_files(client: FlaskClient, shop: Shop, spooled: list[Any]) -> None:
    body = form(
        operations({"file": None}, "query($file: String) { product(by: {slug: $file}) { id } }"), MAP_FIELD, FILE
    )
    status, answer = send(client, body, token_of(shop, "dana"))
    assert (status, codes(answer)) == (400, ["BAD_REQUEST"])
    assert [each.closed for each in spooled] == [True]


def test_a_form_is_posted(client: FlaskClient, shop: Shop) -> None:
    headers = PROOF | {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    with nothing_happened(shop):
        answer = client.get("/graphql", data=upload_of(PICTURE), content_type=TYPE, headers=headers)
        put = client.put("/graphql", data=upload_of(PICTURE), content_type=TYPE, headers=headers)
    assert (answer.status_code, codes(answer.get_json())) == (400, ["BAD_REQUEST"])
    assert put.status_code == 405


@pytest.mark.parametrize(
    "document",
    [
        'mutation { uploadImage(file: "variables.file") { id } }',
        "mutation { uploadImage(file: 7) { id } }",
        "mutation { uploadImage(file: null) { id } }",
        "mutation { uploadImage(file: {file: 1}) { id } }",
    ],
)
def test_a_file_never_stands_in_the_document(client: FlaskClient, shop: Shop, document: str) -> None:
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    with nothing_happened(shop):
        body = client.post("/graphql", json={"query": document}, headers=headers).get_json()
    assert codes(body) == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize("value", ["text", 7, None, {"file": 1}, ["x"]])
def test_a_file_is_nothing_that_json_can_say(client: FlaskClient, shop: Shop, value: object) -> None:
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    with nothing_happened(shop):
        answer = client.post("/graphql", json={"query": UPLOAD, "variables": {"file": value}}, headers=headers)
    assert codes(answer.get_json()) == ["INVALID_INPUT"]


def test_a_file_where_a_word_belongs_is_refused(client: FlaskClient, shop: Shop) -> None:
    query = "mutation($file: String!) { deleteProduct(productId: $file) }"
    with nothing_happened(shop):
        _, body = send(client, form(operations({"file": None}, query), MAP_FIELD, FILE), token_of(shop, "dana"))
    assert codes(body) == ["INVALID_INPUT"]
    assert "/" not in body["errors"][0]["message"]


def test_a_full_disk_is_told(client: FlaskClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _content: Any, /) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "TemporaryFile", Full)
    with nothing_happened(shop):
        status, body = send(client, upload_of(PICTURE), token_of(shop, "dana"))
    assert (status, codes(body)) == (503, ["UNAVAILABLE"])


@pytest.mark.parametrize(
    "filename",
    ["../../../etc/passwd", "a\0b.png", "C:\\\\evil.exe", "", "x" * 3_000, "<script>.svg", "..", "/etc/passwd"],
)
def test_what_a_client_calls_its_file_leads_nowhere(client: FlaskClient, shop: Shop, filename: str) -> None:
    _, body = send(client, upload_of(PICTURE, filename), token_of(shop, "sam"))
    image = body["data"]["uploadImage"]
    plain = image["id"].replace("-", "")
    assert list(files_of(shop)) == [f"{plain[-2:]}/{plain}/original.png"]
    assert image["url"] == f"https://shop.example/media/{image['id']}/original.png"
