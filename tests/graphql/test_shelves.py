"""Categories, families and collections edge to edge: what staff write, shoppers see in the next answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.services.acting import category_id, place
from tests.services.evidence import nothing_changed
from tests.services.hiring import department_id
from tests.support import GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
CATEGORY = """
{ id slug name description position version parentId parent { slug } children { slug } breadcrumbs { slug name }
  department { slug name } image { id } }
"""
PRODUCT = """
{ id slug name description descriptionHtml unit price sku barcode tags taxClass contentAmount contentUnit version
  status publishFrom publishUntil lowStockAt brand { slug name } unitPrice { amount currency per } images { id }
  family { id name optionNames } options { name value } variants { slug options { value } category { slug } } }
"""


def sent(graphql: GraphQLClient, field: str, kind: str, value: dict[str, Any], selection: str) -> Any:
    """What a mutation with one input answers to Dana."""
    body = graphql(f"mutation($input: {kind}!) {{ {field}(input: $input) {selection} }}", {"input": value}, as_="dana")
    assert codes(body) == [], body
    return body["data"][field]


def test_a_category_in_full_and_by_either_name(graphql: GraphQLClient, shop: Shop) -> None:
    # given
    parent = str(category_id(shop, "fruit"))
    wanted = {"name": "Figs", "slug": "figs", "description": "Dried.", "parentId": parent}
    # when
    made = sent(graphql, "createCategory", "CategoryInput", wanted, CATEGORY)
    # then
    assert made == {
        "id": made["id"],
        "slug": "figs",
        "name": "Figs",
        "description": "Dried.",
        "position": 0,
        "version": 1,
        "parentId": parent,
        "parent": {"slug": "fruit"},
        "children": [],
        "breadcrumbs": [
            {"slug": "fresh-produce", "name": "Fresh Produce"},
            {"slug": "fruit", "name": "Fruit"},
            {"slug": "figs", "name": "Figs"},
        ],
        "department": {"slug": "fresh-food", "name": "Fresh Food"},
        "image": None,
    }
    look_up = f"query($by: CategoryBy!) {{ category(by: $by) {CATEGORY} }}"
    for by in ({"id": made["id"]}, {"slug": "figs"}):
        assert graphql(look_up, {"by": by}) == {"data": {"category": made}}
    for by in ({"id": str(new_id())}, {"slug": "moon"}, {"slug": "a\0"}):
        assert graphql(look_up, {"by": by}) == {"data": {"category": None}}
    assert codes(graphql(look_up, {"by": {"id": "1"}})) == ["INVALID_INPUT"]
    top = graphql('{ category(by: {slug: "fresh-produce"}) { parent { id } breadcrumbs { slug } children { slug } } }')
    assert top["data"]["category"] == {
        "parent": None,
        "breadcrumbs": [{"slug": "fresh-produce"}],
        "children": [{"slug": "fruit"}, {"slug": "vegetables"}, {"slug": "salads-and-herbs"}],
    }


def test_every_change_of_the_tree_is_in_the_next_answer(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given a product two levels down, and answers that are kept
    wanted = {"name": "Figs", "parentId": str(category_id(shop, "fruit"))}
    made = sent(graphql, "createCategory", "CategoryInput", wanted, "{ id }")
    fig = product(name="Fig", category="figs")
    document = (
        '{ product(by: {slug: "fig"}) { category { name slug department { name } breadcrumbs { slug } } } '
        "categories { slug } }"
    )

    def seen() -> tuple[Any, ...]:
        for _ in range(2):
            found = graphql(document)["data"]
        category = found["product"]["category"]
        crumbs = [each["slug"] for each in category["breadcrumbs"]]
        return category["name"], category["slug"], category["department"]["name"], crumbs

    assert seen() == ("Figs", "figs", "Fresh Food", ["fresh-produce", "fruit", "figs"])
    # when, then
    change = {"categoryId": made["id"], "name": "Fresh Figs", "slug": "fresh-figs"}
    sent(graphql, "updateCategory", "CategoryUpdateInput", change, "{ id }")
    assert seen() == ("Fresh Figs", "fresh-figs", "Fresh Food", ["fresh-produce", "fruit", "fresh-figs"])
    move = {"categoryId": made["id"], "parentId": str(category_id(shop, "cheese")), "version": 2}
    assert sent(graphql, "moveCategory", "MoveCategoryInput", move, "{ version parent { slug } }") == {
        "version": 3,
        "parent": {"slug": "cheese"},
    }
    assert seen()[3] == ["dairy-and-eggs", "cheese", "fresh-figs"]
    above = {"categoryId": str(category_id(shop, "cheese")), "parentId": None, "position": 0}
    sent(graphql, "moveCategory", "MoveCategoryInput", above, "{ id }")
    assert seen()[3] == ["cheese", "fresh-figs"]
    rename = 'mutation($id: String!) { renameDepartment(departmentId: $id, name: "Fresh") { name } }'
    graphql(rename, {"id": str(department_id(shop, "fresh-food"))}, as_="dana")
    assert seen()[2] == "Fresh"
    gone = graphql("mutation($id: String!) { deleteCategory(categoryId: $id) }", {"id": made["id"]}, as_="dana")
    assert codes(gone) == ["CONFLICT"]
    graphql("mutation($id: String!) { deleteProduct(productId: $id) }", {"id": str(fig)}, as_="dana")
    gone = graphql("mutation($id: String!) { deleteCategory(categoryId: $id) }", {"id": made["id"]}, as_="dana")
    assert gone == {"data": {"deleteCategory": True}}
    assert "fresh-figs" not in [each["slug"] for each in graphql("{ categories { slug } }")["data"]["categories"]]


def test_lists_of_moved_categories_are_right_in_the_next_answer(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    product(name="Apple", category="fruit")
    document = "query($id: UUID!) { products(filter: {categoryId: $id}) { totalCount nodes { slug } } }"

    def count(slug: str) -> int:
        for _ in range(2):
            found = graphql(document, {"id": str(category_id(shop, slug))})["data"]["products"]
        assert len(found["nodes"]) == found["totalCount"]
        return len(found["nodes"])

    assert [count("fruit"), count("fresh-produce"), count("dairy-and-eggs")] == [1, 1, 0]
    move = {"categoryId": str(category_id(shop, "fruit")), "parentId": str(category_id(shop, "dairy-and-eggs"))}
    sent(graphql, "moveCategory", "MoveCategoryInput", move, "{ id }")
    assert [count("fruit"), count("fresh-produce"), count("dairy-and-eggs")] == [1, 0, 1]


JAM: dict[str, Any] = {
    "price": "2.50",
    "stockCount": 7,
    "name": "Fig Jam",
    "slug": "fig-jam-small",
    "description": "*Sweet*, <b>[really](https://e.org)</b>.",
    "unit": "340 g",
    "brand": "Acme  Foods",
    "sku": "JAM-1",
    "barcode": "96385074",
    "tags": ["Sweet", "sweet ", "Fig"],
    "taxClass": "REDUCED",
    "contentAmount": 340,
    "contentUnit": "G",
    "publishFrom": "2026-01-01T00:00:00Z",
    "options": [{"name": "size", "value": "Small"}],
    "lowStockAt": 2,
}


def in_a_family(graphql: GraphQLClient) -> tuple[str, dict[str, Any]]:
    """A family, and a product of it in all that it can be."""
    family = graphql('mutation { createFamily(name: "Jam", options: ["Size"]) { id } }', as_="dana")
    family_id: str = family["data"]["createFamily"]["id"]
    return family_id, sent(graphql, "createProduct", "ProductInput", {**JAM, "familyId": family_id}, PRODUCT)


def test_a_product_in_full(graphql: GraphQLClient) -> None:
    family_id, made = in_a_family(graphql)
    assert made == {
        **{name: JAM[name] for name in ("name", "slug", "description", "unit", "sku", "barcode", "taxClass")},
        "id": made["id"],
        "descriptionHtml": '<p><em>Sweet</em>, &lt;b&gt;<a href="https://e.org" rel="nofollow noopener noreferrer">'
        "really</a>&lt;/b&gt;.</p>",
        "price": 2.5,
        "tags": ["sweet", "fig"],
        "contentAmount": 340.0,
        "contentUnit": "G",
        "version": 1,
        "status": "PUBLISHED",
        "publishFrom": "2026-01-01T00:00:00+00:00",
        "publishUntil": None,
        "lowStockAt": 2,
        "brand": {"slug": "acme-foods", "name": "Acme Foods"},
        "unitPrice": {"amount": 7.35, "currency": "USD", "per": "KG"},
        "images": [],
        "family": {"id": family_id, "name": "Jam", "optionNames": ["Size"]},
        "options": [{"name": "Size", "value": "Small"}],
        "variants": [],
    }


def test_siblings_come_change_and_go(graphql: GraphQLClient, product: Make) -> None:
    family_id, _ = in_a_family(graphql)
    large = str(product(name="Large Jam"))
    document = f'query {{ product(by: {{slug: "fig-jam-small"}}) {PRODUCT} }}'

    def variants() -> Any:
        for _ in range(2):
            found = graphql(document)["data"]["product"]["variants"]
        return found

    assert variants() == []
    for value in ("Large", "Extra Large"):
        change = {"productId": large, "familyId": family_id, "options": [{"name": "Size", "value": value}]}
        sent(graphql, "updateProduct", "ProductUpdateInput", change, "{ id }")
        assert variants() == [
            {"slug": "large-jam", "options": [{"value": value}], "category": {"slug": "everything-else"}}
        ]
    sent(graphql, "updateProduct", "ProductUpdateInput", {"productId": large, "status": "DRAFT"}, "{ id }")
    assert variants() == []


def test_what_can_be_taken_away_is_and_what_is_left_out_stays(graphql: GraphQLClient) -> None:
    _, made = in_a_family(graphql)
    gone = dict.fromkeys(("brand", "sku", "barcode", "contentAmount", "publishFrom", "familyId", "lowStockAt"))
    change = {"productId": made["id"], "version": 1, **gone}
    found = sent(graphql, "updateProduct", "ProductUpdateInput", change, PRODUCT)
    shown = (
        "brand",
        "sku",
        "barcode",
        "contentAmount",
        "contentUnit",
        "unitPrice",
        "publishFrom",
        "lowStockAt",
        "family",
    )
    assert {name: found[name] for name in shown} == dict.fromkeys(shown)
    assert (found["family"], found["options"], found["version"]) == (None, [], 2)
    assert (found["tags"], found["taxClass"], found["unit"]) == (["sweet", "fig"], "REDUCED", "340 g")


def test_a_lost_race_is_a_conflict_that_tells_the_version(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = str(product(name="Tea"))
    document = "mutation($input: ProductUpdateInput!) { updateProduct(input: $input) { version } }"
    change = {"productId": tea, "version": 1, "price": 3}
    assert graphql(document, {"input": change}, as_="dana") == {"data": {"updateProduct": {"version": 2}}}
    with nothing_changed(shop.database):
        body = graphql(document, {"input": change}, as_="dana")
    assert codes(body) == ["CONFLICT"]
    assert body["errors"][0]["extensions"]["version"] == 2


@pytest.mark.parametrize(
    ("value", "field"),
    [("abc", None), (True, None), ("1e99", None), (0, "contentAmount"), ("0.0001", "contentAmount")],
)
def test_a_measure_is_a_number_of_three_decimals(
    graphql: GraphQLClient, shop: Shop, value: object, field: str | None
) -> None:
    document = "mutation($input: ProductInput!) { createProduct(input: $input) { id } }"
    wanted = {"price": 1, "stockCount": 1, "contentAmount": value, "contentUnit": "KG"}
    with nothing_changed(shop.database):
        body = graphql(document, {"input": wanted}, as_="dana")
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"].get("field") == field
    taken = graphql(
        'mutation { createProduct(input: {price: 3, stockCount: 1, contentAmount: "1.5", contentUnit: L}) '
        "{ contentAmount unitPrice { amount per } } }",
        as_="dana",
    )
    assert taken["data"]["createProduct"] == {"contentAmount": 1.5, "unitPrice": {"amount": 2.0, "per": "L"}}


def test_of_two_changes_of_one_version_of_a_family_the_second_is_refused(graphql: GraphQLClient, shop: Shop) -> None:
    made = graphql('mutation { createFamily(name: "Tea", options: ["Size"]) { id version } }', as_="dana")
    family = made["data"]["createFamily"]
    document = (
        "mutation($id: String!, $name: String, $version: Int) "
        "{ updateFamily(familyId: $id, name: $name, version: $version) { name version } }"
    )
    given = {"id": family["id"], "version": family["version"]}
    first = graphql(document, {**given, "name": "Black Tea"}, as_="dana")
    assert first["data"]["updateFamily"] == {"name": "Black Tea", "version": 2}
    with nothing_changed(shop.database):
        second = graphql(document, {**given, "name": "Green Tea"}, as_="dana")
    assert codes(second) == ["CONFLICT"]
    assert second["errors"][0]["extensions"]["version"] == 2
    listed = graphql("{ families { name version } }", as_="sam")["data"]["families"]
    assert listed == [{"name": "Black Tea", "version": 2}]


def test_variants_are_shown_with_the_products_of_an_order(graphql: GraphQLClient, product: Make, shop: Shop) -> None:
    tea, other = product(name="Tea"), product(name="Other")
    family = graphql('mutation { createFamily(name: "Tea", options: ["Size"]) { id } }', as_="dana")
    for each, size in ((tea, "1"), (other, "2")):
        options = [{"name": "Size", "value": size}]
        change = {"productId": str(each), "familyId": family["data"]["createFamily"]["id"], "options": options}
        sent(graphql, "updateProduct", "ProductUpdateInput", change, "{ id }")
    order_id = place(shop, "alice", (tea, 1))
    shown = "{ items { product { family { name } variants { name family { name } } } } }"
    document = f"query($id: String!) {{ getOrderById(orderId: $id) {shown} }}"
    order = graphql(document, {"id": str(order_id)}, as_="alice")["data"]["getOrderById"]
    assert order["items"][0]["product"] == {
        "family": {"name": "Tea"},
        "variants": [{"name": "Other", "family": {"name": "Tea"}}],
    }


def test_collections_are_seen_by_shoppers_once_they_are_published(graphql: GraphQLClient, product: Make) -> None:
    # given
    goods = [str(product(name=f"P{number}")) for number in range(3)]
    made = sent(graphql, "createCollection", "CollectionInput", {"name": "Summer"}, "{ id slug isPublished }")
    assert made == {"id": made["id"], "slug": "summer", "isPublished": False}
    fill = (
        "mutation($id: String!, $of: [UUID!]!) { addToCollection(collectionId: $id, productIds: $of) "
        "{ version products { name } } }"
    )
    filled = graphql(fill, {"id": made["id"], "of": goods[::-1]}, as_="sam")["data"]["addToCollection"]
    assert filled == {"version": 2, "products": [{"name": "P2"}, {"name": "P1"}, {"name": "P0"}]}
    document = (
        "query($by: CollectionBy!) { collections { slug a: products(first: 2) { name } b: products(first: 1) "
        "{ name category { slug } } } collection(by: $by) { name products { slug } } }"
    )

    def seen(by: dict[str, str]) -> Any:
        for _ in range(2):
            found = graphql(document, {"by": by})["data"]
        return found

    assert seen({"slug": "summer"}) == {"collections": [], "collection": None}
    staff = graphql("{ staffCollections { slug isPublished products(first: 1) { name } } }", as_="sam")
    assert staff["data"]["staffCollections"] == [{"slug": "summer", "isPublished": False, "products": [{"name": "P2"}]}]
    # when
    change = {"collectionId": made["id"], "isPublished": True, "version": 2}
    sent(graphql, "updateCollection", "CollectionUpdateInput", change, "{ id }")
    # then
    expected = {
        "collections": [
            {
                "slug": "summer",
                "a": [{"name": "P2"}, {"name": "P1"}],
                "b": [{"name": "P2", "category": {"slug": "everything-else"}}],
            }
        ],
        "collection": {"name": "Summer", "products": [{"slug": "p2"}, {"slug": "p1"}, {"slug": "p0"}]},
    }
    assert seen({"slug": "summer"}) == seen({"id": made["id"]}) == expected
    order = "mutation($id: String!, $of: [UUID!]!) { setCollectionProducts(collectionId: $id, productIds: $of) { id } }"
    graphql(order, {"id": made["id"], "of": goods[:2]}, as_="sam")
    assert seen({"slug": "summer"})["collection"]["products"] == [{"slug": "p0"}, {"slug": "p1"}]
    sent(graphql, "updateProduct", "ProductUpdateInput", {"productId": goods[0], "slug": "q"}, "{ id }")
    assert seen({"slug": "summer"})["collection"]["products"] == [{"slug": "q"}, {"slug": "p1"}]
    for first in (0, -1, 101):
        assert codes(graphql(f"{{ collections {{ products(first: {first}) {{ id }} }} }}")) == ["INVALID_INPUT"]
    graphql("mutation($id: String!) { deleteCollection(collectionId: $id) }", {"id": made["id"]}, as_="sam")
    assert seen({"slug": "summer"}) == {"collections": [], "collection": None}
