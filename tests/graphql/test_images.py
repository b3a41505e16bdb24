"""Uploading images, and showing them: what comes back, who may, and what is noted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from models import Category, Image, Product, ProductImage, User
from models.user import Right
from tests.graphql.forms import field, file, form, run_upload, send, upload_of
from tests.services.acting import category_id
from tests.services.evidence import news_of
from tests.services.hiring import entries, hire
from tests.services.pictures import REFUSED, picture, zip_behind
from tests.services.stored import files_of, image_row, nothing_happened, uploaded, with_folder
from tests.support import SAM, GraphQLClient, codes, token_of
from wiring import Shop

Make = Callable[..., UUID]
SHOW = (
    "mutation($product: String!, $images: [ProductImageInput!]!, $version: Int) "
    "{ setProductImages(productId: $product, images: $images, version: $version) { id name } }"
)
SHOW_IN = (
    "mutation($category: String!, $image: UUID, $version: Int) "
    "{ setCategoryImage(categoryId: $category, imageId: $image, version: $version) { slug } }"
)
UNKNOWN = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with files of its own."""
    return with_folder(shop, tmp_path / "media")


def shown(shop: Shop, product: UUID) -> list[tuple[UUID, str]]:
    """What the product shows, in its order."""
    chosen = select(ProductImage).where(ProductImage.product_id == product).order_by(ProductImage.position)
    with shop.database.read() as session:
        return [(row.image_id, row.alt) for row in session.scalars(chosen)]


def test_an_upload_leaves_a_row_a_file_an_event_and_a_note(client: FlaskClient, shop: Shop) -> None:
    _, body = send(client, upload_of(picture("JPEG")), token_of(shop, "sam"))
    image = body["data"]["uploadImage"]
    with shop.database.read() as session:
        row = session.scalars(select(Image)).one()
    ((path, content),) = files_of(shop).items()
    assert path == f"{row.id.hex[-2:]}/{row.id.hex}/original.jpg"
    assert (str(row.id), row.content_type, row.width, row.height) == (image["id"], "image/jpeg", 40, 30)
    assert (row.byte_count, row.uploaded_by, row.thumbnails_made_at) == (len(content), SAM, None)
    assert news_of(shop.database, "image.uploaded") == [{"image": image["id"]}]
    (entry,) = entries(shop.database)
    assert (entry.action, entry.subject_type, entry.subject_id, entry.actor_id) == (
        "image.uploaded",
        "image",
        row.id,
        SAM,
    )
    facts = {"content_type": "image/jpeg", "width": 40, "height": 30, "byte_count": len(content)}
    assert (entry.before, entry.after) == (None, facts)


def test_the_addresses_of_an_image(client: FlaskClient, shop: Shop) -> None:
    sizes = ["THUMBNAIL", "CARD", "PAGE", "ORIGINAL"]
    urls = " ".join(f"{size.lower()}: url(size: {size})" for size in sizes)
    document = f"mutation($file: Upload!) {{ uploadImage(file: $file) {{ id url {urls} }} }}"
    headers = {"Authorization": f"Bearer {token_of(shop, 'sam')}"}
    image = run_upload(client, document, picture("WEBP"), headers)["data"]["uploadImage"]
    base = f"https://shop.example/media/{image['id']}"
    assert {name: url.removeprefix(base) for name, url in image.items() if name != "id"} == {
        "url": "/original.webp",
        "original": "/original.webp",
        "page": "/1080.webp",
        "card": "/480.webp",
        "thumbnail": "/160.webp",
    }


@pytest.mark.parametrize(
    "name", ["SVG", "HTML with the head of a PNG", "GIF", "half a JPEG", "a bomb of PNG", "nothing"]
)
def test_what_is_no_picture_leaves_no_trace(client: FlaskClient, shop: Shop, name: str) -> None:
    content, reason = REFUSED[name]
    token = token_of(shop, "dana")
    with nothing_happened(shop):
        status, body = send(client, upload_of(content), token)
    assert (status, codes(body), body["data"]) == (200, ["INVALID_IMAGE"], {"uploadImage": None})
    assert body["errors"][0]["extensions"]["reason"] == reason


def test_an_archive_behind_a_picture_does_not_come_in_with_it(client: FlaskClient, shop: Shop) -> None:
    _, body = send(client, upload_of(zip_behind(picture("JPEG"))), token_of(shop, "sam"))
    assert codes(body) == []
    assert b"PK\x03\x04" not in next(iter(files_of(shop).values()))


def test_ten_pictures_come_in_one_request_and_a_refused_one_hides_none(client: FlaskClient, shop: Shop) -> None:
    variables = {f"f{each}": None for each in range(10)}
    query = (
        f"mutation({', '.join(f'${each}: Upload!' for each in variables)}) "
        f"{{ {' '.join(f'{each}: uploadImage(file: ${each}) {{ width }}' for each in variables)} }}"
    )
    places = {each: [f"variables.{each}"] for each in variables}
    files = [file(b"<svg/>" if each == "f3" else picture(size=(9, 9)), each) for each in variables]
    body = form(field("operations", {"query": query, "variables": variables}), field("map", places), *files)
    _, answer = send(client, body, token_of(shop, "sam"))
    assert codes(answer) == ["INVALID_IMAGE"]
    assert answer["data"] == {each: None if each == "f3" else {"width": 9} for each in variables}
    assert len(files_of(shop)) == 9


def test_an_account_that_is_gone_leaves_no_file(client: FlaskClient, shop: Shop) -> None:
    # given a token whose account was removed since, while its session still counts as living
    ann = hire(shop, "ann", Right.PRODUCTS)
    with shop.database.write() as session:
        session.execute(delete(User).where(User.id == ann.id))
    with nothing_happened(shop):
        _, body = send(client, upload_of(picture()), ann.access_token)
    assert codes(body) == ["UNAUTHENTICATED"]


def test_a_product_shows_images_in_their_order(
    graphql: GraphQLClient, shop: Shop, product: Make, tmp_path: Path
) -> None:
    # given
    tea = product()
    one, two = (uploaded(shop, tmp_path / "picture") for _ in range(2))
    known = len(entries(shop.database))

    def show(*images: dict[str, Any], version: int | None = None) -> dict[str, Any]:
        return graphql(SHOW, {"product": str(tea), "images": list(images), "version": version}, as_="sam")

    # when it shows two, then the same the other way round, then none
    first = show({"imageId": str(one), "alt": " A cup "}, {"imageId": str(two)})
    assert (codes(first), shown(shop, tea)) == ([], [(one, "A cup"), (two, "")])
    second = show({"imageId": str(two), "alt": "A pot"}, {"imageId": str(one)}, version=2)
    assert (codes(second), shown(shop, tea)) == ([], [(two, "A pot"), (one, "")])
    third = show(version=3)
    # then
    assert (codes(third), shown(shop, tea)) == ([], [])
    with shop.database.read() as session:
        row = session.get_one(Product, tea)
    assert row.version == 4
    noted = entries(shop.database)[known:]
    assert [(each.action, each.subject_id, each.actor_id) for each in noted] == [("product.changed", tea, SAM)] * 3
    assert noted[1].before == {"images": [[str(one), "A cup"], [str(two), ""]]}
    assert noted[1].after == {"images": [[str(two), "A pot"], [str(one), ""]]}
    assert {f"product:{tea}"} == {
        tag for each in news_of(shop.database, "catalogue.changed")[-3:] for tag in each["tags"]
    }


@pytest.mark.parametrize(
    ("images", "version", "code"),
    [
        ([{"imageId": "IMAGE"}] * 2, None, "INVALID_INPUT"),
        ([{"imageId": "IMAGE"}, {"imageId": UNKNOWN}], None, "INVALID_INPUT"),
        ([{"imageId": "IMAGE", "alt": "x" * 301}], None, "INVALID_INPUT"),
        ([{"imageId": "IMAGE", "alt": "a\0b"}], None, "INVALID_INPUT"),
        ([{"imageId": "IMAGE", "alt": "a\nb"}], None, "INVALID_INPUT"),
        ([{"imageId": "../../etc/passwd"}], None, "INVALID_INPUT"),
        ([{"imageId": "IMAGE"}], 2, "CONFLICT"),
        ([{"imageId": "IMAGE"}], 0, "CONFLICT"),
    ],
)
def test_what_a_product_cannot_show(
    graphql: GraphQLClient, shop: Shop, product: Make, images: list[dict[str, str]], version: int | None, code: str
) -> None:
    tea, image = product(), image_row(shop)
    wanted = [each | {"imageId": each["imageId"].replace("IMAGE", str(image))} for each in images]
    with nothing_happened(shop):
        body = graphql(SHOW, {"product": str(tea), "images": wanted, "version": version}, as_="sam")
    assert codes(body) == [code]


def test_a_product_shows_twenty_images_at_most(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea, images = product(), [{"imageId": str(image_row(shop))} for _ in range(21)]
    with nothing_happened(shop):
        assert codes(graphql(SHOW, {"product": str(tea), "images": images}, as_="sam")) == ["INVALID_INPUT"]
    assert codes(graphql(SHOW, {"product": str(tea), "images": images[:20]}, as_="sam")) == []
    assert [str(each) for each, _ in shown(shop, tea)] == [each["imageId"] for each in images[:20]]


@pytest.mark.parametrize(
    ("who", "code"), [(None, "UNAUTHENTICATED"), ("alice", "FORBIDDEN"), ("sam", "FORBIDDEN"), ("dana", None)]
)
def test_staff_of_another_department_show_nothing(
    graphql: GraphQLClient, shop: Shop, product: Make, who: str | None, code: str | None
) -> None:
    apple, image = product(category="fruit"), image_row(shop)
    documents: dict[str, dict[str, Any]] = {
        SHOW: {"product": str(apple), "images": [{"imageId": str(image)}]},
        SHOW_IN: {"category": str(category_id(shop, "fruit")), "image": str(image)},
    }
    for document, given in documents.items():
        if code is None:
            assert codes(graphql(document, given, as_=who)) == []
        else:
            with nothing_happened(shop):
                assert codes(graphql(document, given, as_=who)) == [code]


def test_what_is_not_there_shows_nothing(graphql: GraphQLClient, shop: Shop) -> None:
    image = str(image_row(shop))
    with nothing_happened(shop):
        assert codes(graphql(SHOW, {"product": UNKNOWN, "images": [{"imageId": image}]}, as_="dana")) == ["NOT_FOUND"]
        assert codes(graphql(SHOW_IN, {"category": UNKNOWN, "image": image}, as_="dana")) == ["NOT_FOUND"]
        assert codes(graphql(SHOW_IN, {"category": "nonsense", "image": image}, as_="dana")) == ["INVALID_INPUT"]


def test_a_category_shows_an_image_or_none(graphql: GraphQLClient, shop: Shop) -> None:
    shelf, image = category_id(shop, "everything-else"), image_row(shop)

    def show(image_id: UUID | str | None, version: int | None = None) -> list[str]:
        given = {"category": str(shelf), "image": None if image_id is None else str(image_id), "version": version}
        return codes(graphql(SHOW_IN, given, as_="sam"))

    def now() -> tuple[UUID | None, int]:
        with shop.database.read() as session:
            row = session.get_one(Category, shelf)
            return row.image_id, row.version

    before = now()[1]
    assert (show(image), now()) == ([], (image, before + 1))
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": ["categories"]}
    for wrong, version, code in ((UNKNOWN, None, "INVALID_INPUT"), (image, before, "CONFLICT")):
        with nothing_happened(shop):
            assert show(wrong, version) == [code]
    assert (show(None, before + 1), now()) == ([], (None, before + 2))
    noted = [each for each in entries(shop.database) if each.action == "category.changed"]
    assert [(each.before, each.after) for each in noted] == [
        ({"image_id": None}, {"image_id": str(image)}),
        ({"image_id": str(image)}, {"image_id": None}),
    ]


def test_a_new_image_is_seen_by_the_next_shopper(
    graphql: GraphQLClient, shop: Shop, product: Make, tmp_path: Path
) -> None:
    tea, image = product(), uploaded(shop, tmp_path / "picture")
    document = "query($id: String!) { getProductsById(id: $id) { images { imageId alt url(size: CARD) } } }"
    given = {"id": str(tea)}
    assert graphql(document, given)["data"]["getProductsById"] == {"images": []}
    graphql(SHOW, {"product": str(tea), "images": [{"imageId": str(image), "alt": "A cup"}]}, as_="sam")
    url = f"https://shop.example/media/{image}/480.webp"
    assert graphql(document, given)["data"]["getProductsById"] == {
        "images": [{"imageId": str(image), "alt": "A cup", "url": url}]
    }


@pytest.mark.parametrize("count", [1, 20])
def test_showing_images_costs_the_same_for_any_number_of_them(
    graphql: GraphQLClient, shop: Shop, product: Make, counted_sql: Callable[[], Any], count: int
) -> None:
    tea, images = product(), [{"imageId": str(image_row(shop))} for _ in range(count)]
    headers = {"Authorization": f"Bearer {token_of(shop, 'sam')}"}
    with counted_sql() as statements:
        assert codes(graphql(SHOW, {"product": str(tea), "images": images}, headers=headers)) == []
    # lock; images; before; delete; insert; update; audit; news for the cache, and for others; the answer
    assert len(statements) == 10
