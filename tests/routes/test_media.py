"""The door for pictures: kept for a year once they are final, and nothing else is behind it."""

import io
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from gateways.storage.storage import Key, Kind, Rendition
from tests.services.stored import with_folder
from wiring import Shop

IMAGE, OTHER = (UUID(f"0198c0de-0000-7000-8000-0000000000{end}") for end in ("ab", "cd"))
FOREVER, FOR_A_MOMENT = "public, max-age=31536000, immutable", "public, max-age=60"


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with one picture, of which one smaller size is made."""
    shop = with_folder(shop, tmp_path / "media")
    shop.storage.put(Key(IMAGE, Rendition.ORIGINAL, Kind.JPEG), io.BytesIO(b"original"))
    shop.storage.put(Key(IMAGE, Rendition.CARD, Kind.WEBP), io.BytesIO(b"card"))
    (tmp_path / "media" / "secret.txt").write_bytes(b"secret")
    return shop


@pytest.mark.parametrize(
    ("name", "content", "content_type", "kept"),
    [
        ("original.jpg", b"original", "image/jpeg", FOREVER),
        ("480.webp", b"card", "image/webp", FOREVER),
        ("160.webp", b"original", "image/jpeg", FOR_A_MOMENT),
        ("1080.webp", b"original", "image/jpeg", FOR_A_MOMENT),
    ],
)
def test_a_picture(client: FlaskClient, name: str, content: bytes, content_type: str, kept: str) -> None:
    path = f"/media/{IMAGE}/{name}"
    answer = client.get(path, buffered=True)
    assert (answer.status_code, answer.data, answer.content_type) == (200, content, content_type)
    assert answer.headers["Cache-Control"] == kept
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Length"] == str(len(content))
    # nothing but its head
    head = client.head(path, buffered=True)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(content)))
    # and not again to whoever has it
    for sent in (answer.headers["ETag"], "*", f'"other", W/{answer.headers["ETag"]}'):
        again = client.get(path, headers={"If-None-Match": sent}, buffered=True)
        assert (again.status_code, again.data, again.headers["Cache-Control"]) == (304, b"", kept)
    assert client.get(path, headers={"If-None-Match": '"other"'}, buffered=True).status_code == 200


def test_a_smaller_size_is_another_file_than_the_original_in_its_place(client: FlaskClient, shop: Shop) -> None:
    path = f"/media/{IMAGE}/160.webp"
    before = client.get(path, buffered=True)
    shop.storage.put(Key(IMAGE, Rendition.THUMBNAIL, Kind.WEBP), io.BytesIO(b"thumbnail"))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]}, buffered=True)
    assert (after.status_code, after.data, after.headers["Cache-Control"]) == (200, b"thumbnail", FOREVER)


@pytest.mark.parametrize(
    "path",
    [
        f"{IMAGE}/original.png",
        f"{IMAGE}/original.svg",
        f"{IMAGE}/original",
        f"{IMAGE}/ORIGINAL.JPG",
        f"{IMAGE}/480.jpg",
        f"{IMAGE}/481.webp",
        f"{IMAGE}/",
        f"{IMAGE}",
        "",
        f"{OTHER}/original.jpg",
        f"{OTHER}/480.webp",
        f"{IMAGE.hex}/original.jpg",
        f"{IMAGE}%00/original.jpg",
        f"{IMAGE}/original.jpg%00.png",
        f"{IMAGE}/..%2foriginal.jpg",
        f"{IMAGE}/%2e%2e/original.jpg",
        "../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "incoming/secret.txt",
        f"{IMAGE.hex[-2:]}/{IMAGE.hex}/original.jpg",
        "x" * 5000 + "/original.jpg",
        f"{IMAGE}/" + "x" * 5000,
        "%ff%fe/original.jpg",
    ],
)
def test_nothing_else_is_behind_the_door(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/media/{path}", buffered=True)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "NOT_FOUND")
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_writes_through_the_door(client: FlaskClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.open(f"/media/{IMAGE}/original.jpg", method=method, buffered=True)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert client.get(f"/media/{IMAGE}/original.jpg", buffered=True).data == b"original"


def test_a_disk_that_is_away_is_told(client: FlaskClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gateways.storage.local.os.open", failing)
    answer = client.get(f"/media/{IMAGE}/original.jpg", buffered=True)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "UNAVAILABLE")
