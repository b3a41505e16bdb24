"""How many SQL statements an operation costs: exact, and the same for one row as for fifty."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from flask import Flask

from app import create_app
from models.user import Right, Role
from services.accounts.granting import Post
from services.accounts.inviting import invite_staff
from services.catalogue.products.families import Option, create_family
from services.catalogue.shelves.collections import CollectionDraft, create_collection
from services.catalogue.shelves.filling import set_collection_products
from tests.services.acting import category_id, change, place
from tests.services.hiring import department_id, departments, hire
from tests.services.offers import offer
from tests.services.pricing import adjust, schedule_price
from tests.support import ADMIN, BOB, SAM, GraphQLClient, codes, make_products, token_of
from utils import clock
from wiring import Shop
from workers.relay import relay_all

Counted = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def app(shop: Shop) -> Flask:
    """The web program without whole answers in the cache: what operations cost that have to be run."""
    return create_app(replace(shop, settings=shop.settings.model_copy(update={"answer_cache_megabytes": 0})))


DEEP = "{ id name price category { slug department { slug } } }"

# Reads of the catalogue: statements of the first call, which fills the cache with the list and its products; of
# the second; and of every later one.
LISTS = {
    "{ getProducts(first: 50) { id price } }": [1, 0, 0],
    # The tree of categories is one statement for all, and none once it is known.
    "{ getProducts(first: 50) { id category { slug } } }": [2, 0, 0],
    f"{{ getProducts(first: 50) {DEEP} }}": [2, 0, 0],
    f"{{ products(first: 50) {{ nodes {DEEP} }} }}": [2, 0, 0],
    f"{{ products(first: 50) {{ edges {{ cursor node {DEEP} }} nodes {DEEP} }} }}": [2, 0, 0],
    "{ products(first: 50) { totalCount nodes { id } } }": [2, 1, 1],
    '{ products(first: 50, sort: PRICE_ASC, filter: {categoryId: "FRUIT"}) { nodes { id } } }': [1, 0, 0],
    # Two fields that show one list share it, and the categories of both.
    "{ a: getProducts(first: 50) { category { slug } } b: getProducts(first: 50) { category { name } } }": [2, 0, 0],
    "{ categories { slug } }": [1, 0, 0],
    "{ categories { slug department { slug } breadcrumbs { slug } children { slug } parent { slug } } }": [1, 0, 0],
    '{ category(by: {slug: "fruit"}) { breadcrumbs { slug } } }': [1, 0, 0],
    "{ brands { slug } }": [1, 1, 1],
    "{ departments { slug } }": [1, 1, 1],
    "{ regions { code countries taxRates { percent } } }": [1, 0, 0],
    '{ a: region(code: "DE") { name } b: regionOfCountry(country: "FR") { name } }': [1, 0, 0],
}
# Searches, facets and suggestions: statements of the first call, and of the second.
FINDING = {
    '{ products(first: 50, filter: {term: "goods"}) { nodes { id } } }': [1, 0],
    # the term; the words of the shop; those words
    '{ products(first: 50, filter: {term: "gooods"}) { correctedTerm nodes { id } } }': [3, 0],
    '{ products(first: 50, filter: {term: "gooods"}) { totalCount facets { prices { count } } } }': [5, 2],
    '{ products(first: 50, filter: {term: "nothing"}) { nodes { id } } }': [2, 0],
    "{ products(first: 50) { facets { brands { count } prices { count } inStock isComplete } } }": [2, 1],
    "{ products(first: 50) { facets { categories { count category { slug } } } } }": [3, 1],
    '{ products(first: 50, filter: {categoryId: "FRUIT"}) { facets { prices { from to count } } } }': [2, 1],
    '{ suggestions(term: "te", first: 2) { text } }': [1, 1],
    '{ suggestions(term: "go", first: 1) { kind text } }': [1, 1],
    '{ suggestions(term: "goo", first: 1) { product { name } } }': [2, 1],
    "{ staffBrands { slug } }": [1, 1],
    "{ staffProducts(first: 50, statuses: [DRAFT, PUBLISHED]) { edges { cursor node { id } } } }": [1, 1],
    '{ staffProduct(by: {slug: "goods"}) { id } }': [2, 1],
}
# Variants and collections: statements of the first call, which fills the cache, and of the second.
SHELVES = {
    "{ products(first: 50) { nodes { family { name } } } }": [2, 0],
    f"{{ products(first: 50) {{ nodes {{ family {{ name }} variants {DEEP} }} }} }}": [3, 0],
    "{ collections { slug image { id } } }": [1, 0],
    # the collections; what stands in them; those products; the tree
    f"{{ collections {{ slug products(first: 20) {DEEP} }} }}": [4, 0],
    '{ collection(by: {slug: "c0"}) { a: products(first: 2) { id } b: products(first: 3) { id } } }': [4, 0],
    "{ staffCollections { products(first: 20) { family { name } } } }": [4, 0],
}
# Reads of orders: statements of the first call, and of every later one, which has the products from the cache.
ORDERS = {
    "{ getOrders { orderId totalAmount } }": [1, 1],
    "{ getOrders { orderId items { productId quantity } } }": [2, 2],
    "{ getOrders { orderId items { productId } history { status } } }": [3, 3],
    f"{{ getOrders {{ orderId items {{ product {DEEP} }} history {{ status }} }} }}": [5, 3],
    f'{{ getOrderById(orderId: "ORDER") {{ items {{ product {DEEP} }} history {{ status }} }} }}': [5, 3],
    # why they cost what they do
    "{ getOrders { subtotal discounts { name } items { taxes { name } } priceTrace { total } } }": [3, 3],
    "{ getOrders { subtotal shippingTotal discounts { name } taxes { name } } }": [2, 2],
    # once for all fields; and once more for the lines
    "{ a: getOrders { subtotal } b: getOrders { taxes { name } } }": [3, 3],
    "{ a: getOrders { subtotal } b: getOrders { items { taxes { name } } } c: getOrders { subtotal } }": [6, 6],
    "{ a: getOrders { priceTrace { total } } b: getOrders { priceTrace { total } subtotal } }": [3, 3],
}
# A page of 20 with the caller's prices, beside discounts on all goods, a category and perhaps a collection: statements
# of a guest's first call on an empty cache, of a customer's, and of every later one of either. Without prices: 1, 1, 0.
PRICED = {
    # the page; the regions; the rules; the tree; who the customer is to discounts
    ("yourPrice discounts { name }", False): [4, 5, 0],
    # and, each time after the look at the clock, since when prices are what they are
    ("nearMisses { name }", False): [5, 6, 2],
    ("priceTrace { total }", False): [5, 6, 2],
    ("yourPrice discounts { name } nearMisses { name } priceTrace { total }", False): [5, 6, 2],
    # what stands in collections, each time after the look at the clock
    ("yourPrice discounts { name }", True): [5, 6, 2],
    ("priceTrace { total }", True): [6, 7, 3],
}
# What goods would cost: statements of the first call, and of the second.
QUOTES = {
    # the regions; the products; the rules
    "quote(input: {items: $items}) { totalAmount }": [3, 0],
    # and the codes; before that, the look at the clock
    'quote(input: {items: $items, discountCodes: ["A"]}) { totalAmount }': [4, 2],
    # and prior prices; before that, the look at the clock
    "quote(input: {items: $items}) { items { product { priorPrice } } priceTrace { total } }": [4, 2],
}
LOOK_UPS = {
    '{ getProductsById(id: "TEA") { name } }': [1, 0],
    f'{{ getProductsById(id: "TEA") {DEEP} }}': [2, 0],
    '{ product(by: {id: "TEA"}) { name } }': [1, 0],
    # the look at the clock; which; the product
    '{ product(by: {slug: "tea"}) { name } }': [3, 0],
    "{ me { name } }": [1, 1],
    "{ me { name departments { slug } } }": [2, 2],
    "{ me { tier successfulOrders ordersToNextTier } }": [2, 2],
    "{ me { tier tierChanges { after } } }": [3, 3],
    "{ mySessions { id } }": [1, 1],
    "{ myAddresses { id } }": [1, 1],
    "{ __typename }": [0, 0],
}
# Reads of those who look after people, for so many accounts, invitations and entries.
PEOPLE_LISTS = {
    "{ users(first: 100) { nodes { id rights } } }": 1,
    "{ users(first: 100) { totalCount nodes { id } pageInfo { endCursor } } }": 2,
    "{ users(first: 100) { edges { cursor node { departments { slug } } } nodes { departments { name } } } }": 2,
    '{ users(first: 100, role: STAFF, email: "a") { nodes { id } } }': 1,
    "{ users(first: 100) { edges { node { ordersToNextTier } } nodes { tier successfulOrders } } }": 2,
    "{ users(first: 100) { edges { node { tierChanges { after } } } nodes { tier tierChanges { after } } } }": 3,
    '{ customerTier(customerId: "SAM") { tier ordersToNextTier tierChanges(first: 100) { after } } }': 2,
    '{ user(userId: "SAM") { id departments { slug } } }': 2,
    "{ invitations { id rights } }": 1,
    "{ invitations { id departments { slug } } }": 2,
    "{ auditLog(first: 100) { edges { cursor } nodes { id before after } pageInfo { endCursor } } }": 1,
    '{ auditLog(subjectType: "product", from: "2026-01-01T00:00:00Z") { nodes { id } } }': 1,
}
# Reads of staff about prices and stock, for so many rows.
STAFF_LISTS = {
    # the look ahead; the product, for its department; the rows
    '{ priceHistory(productId: "TEA", first: 100) { edges { cursor } nodes { price } } }': 3,
    "{ scheduledPrices(first: 100) { nodes { price } } }": 1,
    '{ scheduledPrices(productId: "TEA", first: 100) { nodes { price } } }': 2,
    # the look ahead; the product, for its department; the rows
    '{ productRegionPrices(productId: "TEA") { price source product { name } } }': 3,
    # the look ahead; the region; the product, for its department; the rows
    '{ priceHistory(productId: "TEA", region: "DE", first: 100) { nodes { price } } }': 4,
    # the products come from the cache
    "{ scheduledPrices(first: 100) { nodes { product { name } } edges { node { product { price } } } } }": 1,
    '{ stockMovements(productId: "TEA", first: 100) { nodes { quantity } } }': 2,
    "{ stockAlerts(first: 100) { nodes { kind product { name } } } }": 1,
}
MUTATIONS = {
    # product, locked; stock; ledger; audit; news; the answer
    'mutation { adjustStock(productId: "TEA", quantity: 1, reason: COUNTED) { id } }': 6,
    # and that it ran out; the tree, shared; the category and those above it
    'mutation { adjustStock(productId: "TEA", quantity: -10, reason: COUNTED) { id } }': 9,
    # product, locked; is one due; those to come; insert; is it due; audit; the tree, shared; ancestors; news twice; the
    # answer
    'mutation { schedulePrice(productId: "TEA", price: 1, from: "2027-06-01T00:00:00Z") { id } }': 11,
    # product, locked; is one due; the regions, shared; which; what is set; set; version; history; audit; news; the
    # tree, shared; ancestors; news; the answer
    'mutation { setRegionPrice(productId: "TEA", region: "DE", price: 1) { price } }': 14,
    # the tree, shared; category; insert; ledger; price; audit; ancestors; news twice; the answer
    "mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }": 10,
    "mutation { createProduct(input: {price: 1, stockCount: 0}) { id } }": 9,
    # the tree, shared; lock; category; update; ledger; audit; news; the answer
    'mutation { updateProduct(input: {productId: "TEA", stockCount: 1}) { id } }': 8,
    # the tree, shared; lock; category; is a price due; update; price; audit; ancestors; news twice; the answer
    'mutation { updateProduct(input: {productId: "TEA", price: 2}) { id } }': 11,
    # the tree, shared; lock; category; was it ordered; delete; audit; ancestors; news twice
    'mutation { deleteProduct(productId: "TEA") }': 9,
    # the tree, held; all categories; the department, twice; insert; audit; news; the answer
    'mutation { createCategory(input: {name: "A", departmentId: "MARKETPLACE"}) { breadcrumbs { id } } }': 8,
    # insert; audit; news; the answer
    'mutation { createFamily(name: "A", options: ["B"]) { id } }': 4,
    # alone; how many; is the slug taken; insert; audit; news; the answer
    'mutation { createCollection(input: {name: "A"}) { id } }': 7,
    # the account; again, locked; audit; session; departments; refresh token
    'mutation { login(email: "sam@example.com", password: "Market-Demo-1") { user { id } } }': 6,
    'mutation { login(email: "alice@example.com", password: "Market-Demo-1") { user { id } } }': 5,
    # the account; audit
    'mutation { login(email: "nobody@example.com", password: "Market-Demo-1") { user { id } } }': 2,
    # account; which; its password; its links; does it live; link; letter; audit: the same for a known address
    'mutation { register(name: "E", email: "e@example.com", password: "correct horse") { message } }': 8,
    'mutation { register(name: "A", email: "alice@example.com", password: "correct horse") { message } }': 8,
}
# Each begins with two: the actor's account, locked; does the session live. For staff, one more: their departments.
STAFF_MUTATIONS = {
    # insert; audit; the answer
    'mutation { createDepartment(name: "Bistro") { id } }': 5,
    # lock; update; audit; news; the answer
    'mutation { renameDepartment(departmentId: "HOUSEHOLD", name: "Home") { id } }': 7,
    # departments; is it an account; is one open; insert; letter; audit; the answer, its departments
    'mutation { inviteStaff(input: {email: "n@e.org", departmentIds: ["HOUSEHOLD"]}) { departments { id } } }': 10,
    # with the actor, the person and all admins; departments; account, out of the old departments, into the new;
    # sessions, news; audit; the answer, its departments
    'mutation { changeStaff(input: {userId: "SAM", rights: [READ]}) { departments { id } } }': 11,
    # that the new ones exist
    'mutation { changeStaff(input: {userId: "SAM", departmentIds: ["HOUSEHOLD"]}) { departments { id } } }': 12,
    # none to go into
    'mutation { removeStaff(userId: "SAM") { departments { id } } }': 10,
    # with the actor, the person; who it is; sessions, news; audit
    'mutation { endSessionsOf(userId: "SAM") }': 6,
}
ORDERS_FOR_OTHERS = {
    # the order's seven, is it an account, its region, and audit
    'mutation { createOrder(input: {customerId: "BOB", items: [{productId: "TEA", quantity: 1}]}) { id } }': 10,
}


@pytest.fixture
def costs(
    graphql: GraphQLClient, shop: Shop, counted_sql: Counted, redis_client: redis.Redis
) -> Callable[..., list[int]]:
    """The statements of so many calls of one document, one after the other, on an empty cache (or `keeping` it)."""

    def measure(document: str, *, as_: str | None = None, calls: int = 1, **options: Any) -> list[int]:
        if not options.get("keeping"):
            redis_client.flushdb()
        # Afterwards Redis knows this session, as it does in the shop since the login.
        headers = {} if as_ is None else {"Authorization": f"Bearer {token_of(shop, as_)}"}
        found = []
        for _ in range(calls):
            with counted_sql() as statements:
                body = graphql(document, headers=headers | options.get("headers", {}), variables=options.get("given"))
            assert (codes(body), None in body["data"].values()) == (
                ["WRONG_CREDENTIALS"] if "nobody" in document else [],
                "nobody" in document,
            )
            found.append(len(statements))
        return found

    return measure


@pytest.mark.parametrize("rows", [1, 25])
@pytest.mark.parametrize("document", LISTS)
def test_lists_of_the_catalogue(document: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    make_products(shop, rows, category="fruit")
    make_products(shop, rows, category="cheese")
    document = document.replace("FRUIT", str(category_id(shop, "fruit")))
    assert costs(document, calls=3) == LISTS[document.replace(str(category_id(shop, "fruit")), "FRUIT")]


@pytest.mark.parametrize("rows", [2, 12])
@pytest.mark.parametrize("document", SHELVES)
def test_variants_and_collections(document: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    goods = make_products(shop, 2 * rows)
    acting: dict[str, Any] = {"actor": ADMIN, "cache": shop.cache}
    for number in range(rows):
        with shop.database.write() as session:
            family = create_family(session, "F", options=["Size"], **acting)
            draft = CollectionDraft(f"C{number}", is_published=True)
            filled = create_collection(session, draft, **acting)
            set_collection_products(session, filled, goods, **acting)
        for size, each in enumerate(goods[2 * number : 2 * number + 2]):
            change(shop, "dana", each, family_id=family, options=[Option("Size", str(size))])
    assert costs(document, as_="sam", calls=2) == SHELVES[document]


@pytest.mark.parametrize("rows", [1, 25])
@pytest.mark.parametrize("document", FINDING)
def test_finding(document: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    make_products(shop, rows, category="fruit", name="Goods")
    make_products(shop, rows, category="tea", name="Goods")
    fruit = str(category_id(shop, "fruit"))
    assert costs(document.replace("FRUIT", fruit), as_="sam", calls=2) == FINDING[document]


@pytest.mark.parametrize(("who", "rows"), [("alice", 1), ("alice", 20), ("dana", 20)])
@pytest.mark.parametrize("document", ORDERS)
def test_lists_of_orders(document: str, who: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    goods = [*make_products(shop, 1, category="fruit", stock=50), *make_products(shop, 2, category="cheese", stock=50)]
    made = [place(shop, "alice", *[(each, 1) for each in goods[: 1 + number % 3]]) for number in range(rows)]
    assert costs(document.replace("ORDER", str(made[-1])), as_=who, calls=2) == ORDERS[document]


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(("fields", "collected"), PRICED)
def test_pages_with_the_callers_prices(
    fields: str, collected: bool, rows: int, costs: Callable[..., list[int]], shop: Shop
) -> None:
    offer_everywhere(shop, make_products(shop, rows, category="fruit"), collected=collected)
    guest, customer, later = PRICED[fields, collected]
    document = f"{{ products(first: 20) {{ nodes {{ id price {fields} }} }} }}"
    assert costs(document, calls=3) == [guest, later, later]
    assert costs(document, as_="alice", calls=3) == [customer, later, later]
    # who was not there before, in a shop that others have looked at: what is asked of them is a look at the clock too
    assert costs(document, as_="bob", keeping=True) == [max(later, 1)]
    # and without prices
    assert costs("{ products(first: 20) { nodes { id price } } }", as_="alice", calls=3) == [1, 0, 0]


def offer_everywhere(shop: Shop, goods: Sequence[UUID], *, collected: bool) -> None:
    """Discounts on all goods and on a category, and on a collection if it is asked for."""
    offer(shop)
    offer(shop, targets=[{"category_id": category_id(shop, "fruit")}])
    if collected:
        with shop.database.write() as session:
            acting: dict[str, Any] = {"actor": ADMIN, "cache": shop.cache}
            made = create_collection(session, CollectionDraft("C", is_published=True), **acting)
            set_collection_products(session, made, goods, **acting)
        offer(shop, targets=[{"collection_id": made}])


@pytest.mark.parametrize(("collected", "expected"), [(False, [4, 5, 0]), (True, [5, 6, 2])])
def test_quotes_beside_discounts(
    collected: bool, expected: list[int], costs: Callable[..., list[int]], shop: Shop
) -> None:
    goods = make_products(shop, 20, category="fruit")
    offer_everywhere(shop, goods, collected=collected)
    items = [{"productId": str(each), "quantity": 1} for each in goods]
    document = "query($items: [OrderItemInput!]!) { quote(input: {items: $items}) { totalAmount } }"
    guest, customer, later = expected
    # the products; the regions; the rules; the tree; who the customer is; what stands in collections, as above
    assert costs(document, given={"items": items}, calls=3) == [guest, later, later]
    assert costs(document, as_="alice", given={"items": items}, calls=3) == [customer, later, later]


@pytest.mark.parametrize("rows", [1, 25])
@pytest.mark.parametrize("document", QUOTES)
def test_quotes(document: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    items = [{"productId": str(each), "quantity": 1} for each in make_products(shop, rows)]
    whole = f"query($items: [OrderItemInput!]!) {{ {document} }}"
    assert costs(whole, given={"items": items}, calls=2) == QUOTES[document]


@pytest.mark.parametrize("document", LOOK_UPS)
def test_look_ups(document: str, costs: Callable[..., list[int]], product: Callable[..., UUID]) -> None:
    tea = product(name="Tea")
    assert costs(document.replace("TEA", str(tea)), as_="alice", calls=2) == LOOK_UPS[document]


@pytest.mark.parametrize("document", MUTATIONS)
def test_mutations(document: str, costs: Callable[..., list[int]], shop: Shop, product: Callable[..., UUID]) -> None:
    names = {"TEA": product(), "MARKETPLACE": department_id(shop, "marketplace")}
    call = document
    for name, value in names.items():
        call = call.replace(name, str(value))
    assert costs(call, as_="sam") == [MUTATIONS[document]]


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("document", STAFF_LISTS)
def test_lists_of_prices_and_stock(
    document: str, rows: int, costs: Callable[..., list[int]], shop: Shop, product: Callable[..., UUID]
) -> None:
    tea = product(stock=1)
    for number in range(1, rows + 1):
        schedule_price(shop, tea, str(number), clock.now() + timedelta(days=number))
        adjust(shop, tea, -1 if number % 2 else 1)
    relay_all(shop)
    assert costs(document.replace("TEA", str(tea)), as_="sam", calls=3)[1:] == [STAFF_LISTS[document]] * 2


@pytest.mark.parametrize("rows", [1, 25])
@pytest.mark.parametrize("document", PEOPLE_LISTS)
def test_lists_of_people(document: str, rows: int, costs: Callable[..., list[int]], shop: Shop) -> None:
    for number in range(rows):
        hire(shop, f"a{number}", Right.READ, departments=("household", "groceries"))
        with shop.database.write() as session:
            post = Post(Role.STAFF, departments(shop, "household", "marketplace"), frozenset({Right.READ}))
            invite_staff(session, f"i{number}@example.com", post, actor=ADMIN)
    assert costs(document.replace("SAM", str(SAM)), as_="dana", calls=2) == [PEOPLE_LISTS[document]] * 2


@pytest.mark.parametrize("document", STAFF_MUTATIONS | ORDERS_FOR_OTHERS)
def test_mutations_of_admins(
    document: str, costs: Callable[..., list[int]], shop: Shop, product: Callable[..., UUID]
) -> None:
    names = {"SAM": SAM, "BOB": BOB, "TEA": product(), "HOUSEHOLD": department_id(shop, "household")}
    call = document
    for name, value in names.items():
        call = call.replace(name, str(value))
    # given staff whose sessions there are to end
    assert costs(call, as_="dana") == [(STAFF_MUTATIONS | ORDERS_FOR_OTHERS)[document]]


@pytest.mark.parametrize("lines", [1, 50])
def test_an_order_costs_the_same_for_any_number_of_lines(
    lines: int, costs: Callable[..., list[int]], shop: Shop
) -> None:
    # given
    items = [{"productId": str(each), "quantity": 1} for each in make_products(shop, lines)]
    document = "mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { orderId %s } }"
    # then: lock; what it is priced by; order, lines, history and its facts; the rules, which are new; stock and ledger;
    # news; the answer
    assert costs(document % "", as_="alice", given={"items": items}) == [7]
    # and with a key: the claim of it; the rules are known
    key = {"Idempotency-Key": "k1"}
    assert costs(document % "", as_="alice", given={"items": items}, headers=key) == [7]
    # a repetition: the claim, what it made; its products as they are now, news; the answer
    assert costs(document % "", as_="alice", given={"items": items}, headers=key) == [5]
    # and for a deep answer: the lines, the history, the products, the tree of categories as well
    deep = f"items {{ product {DEEP} }} history {{ status }}"
    assert costs(document % deep, as_="alice", given={"items": items}) == [10]
    # and why it costs what it does, to any depth
    why = "subtotal taxes { name } priceTrace { steps { amount } }"
    assert costs(document % why, as_="alice", given={"items": items}) == [7]
    # and with a discount that all may use: it is read; it is locked; the rules, which are new
    offer(shop)
    assert costs(document % "", as_="alice", given={"items": items}) == [6 + 3]
    # and from then on: it is locked
    assert costs(document % "", as_="alice", given={"items": items}) == [6 + 1]
    # and with one of few uses: it is read; both are locked; a use is taken; the rules, which are new
    offer(shop, total_limit=2)
    assert costs(document % "", as_="alice", given={"items": items}) == [6 + 4]
    # the last use is taken: no other news than the order's
    assert costs(document % "", as_="alice", given={"items": items}) == [6 + 2]
