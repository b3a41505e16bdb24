"""Every field against every kind of caller: who may, does it and leaves a trace; who may not, changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from graphql import GraphQLObjectType, get_named_type, is_introspection_type, is_non_null_type, is_object_type

from graphql_api.permissions import Permission
from graphql_api.schema import core_schema
from models import Address, AuditEntry, User
from models.account_link import LinkPurpose
from models.product import TaxClass
from models.user import Right, Role
from services.accounts.departments import create_department
from services.accounts.granting import Post
from services.accounts.inviting import invite_staff
from services.accounts.letters import INVITATION_PURPOSE
from services.accounts.linking import make_link
from services.catalogue.products.brands import find_or_make_brand
from services.catalogue.products.families import Option, create_family
from services.catalogue.shelves.collections import CollectionDraft, create_collection
from services.catalogue.shelves.filling import add_to_collection
from services.pricing.tax_rates import TaxRateDraft, set_tax_rate
from tests.graphql.forms import run_upload
from tests.graphql.permission_outcomes import CALLERS, NULL, WRONG, YES
from tests.graphql.permission_table import TABLE
from tests.graphql.permission_ways import PUBLIC, WAYS
from tests.services.acting import category_id, change, place
from tests.services.discounts_managed import add_codes, goods
from tests.services.discounts_managed import create as create_discount
from tests.services.evidence import everything, nothing_changed
from tests.services.hiring import Hired, department_id, entries, hire
from tests.services.pictures import picture
from tests.services.pricing import schedule_price
from tests.services.regional import set_price
from tests.services.stored import image_row
from tests.services.tiers import add_orders
from tests.support import ADMIN, ALICE, BOB, CHARLIE, PEOPLE, GraphQLClient, codes, token_of
from utils import clock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
# Callers beside the cast: staff without the right to products.
COLLEAGUES = ("kim", "una")
SLUGS = {"FRUIT": "fruit", "SHELF": "everything-else", "TOYS": "toys", "CHEESE": "cheese"}
# Mutations of customers that concern neither staff nor security: nothing of them stands in the audit log.
SILENT = {"Mutation.addAddress", "Mutation.updateAddress", "Mutation.removeAddress", "Mutation.createOrder"}
# A mail to prove an address, and new tokens for old ones: the log has the proof, and the login.
SILENT |= {"Mutation.requestVerification", "Mutation.refreshSession"}


def fields() -> dict[str, Any]:
    """Every field of Query and Mutation, by type and name."""
    roots = (core_schema().query_type, core_schema().mutation_type)
    return {f"{root.name}.{name}": field for root in roots if root for name, field in root.fields.items()}


class Scene:
    """The people and things that the table's documents name, each made when a document of the test names it."""

    def __init__(self, shop: Shop, product: Make) -> None:
        self._shop = shop
        self._product = product
        self._hired: dict[str, Hired] = {}
        self._made: dict[str, object] = {}
        self._makers: dict[str, Callable[[], object]] = self._things() | self._people() | self._tokens()

    def _named(self, name: str) -> Any:
        """The id or token of this name."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def _things(self) -> dict[str, Callable[[], object]]:
        return {
            "OUR_PRODUCT": self._product,
            "THEIR_PRODUCT": lambda: self._product(category="fruit"),
            **{
                name: partial(category_id, self._shop, slug)
                for name, slug in (
                    ("FRUIT", "fruit"),
                    ("SHELF", "everything-else"),
                    ("TOYS", "toys"),
                    ("CHEESE", "cheese"),
                )
            },
            "FAMILY": self._family,
            "THEIR_FAMILY": lambda: self._family(self._named("THEIR_PRODUCT")),
            "BRAND": lambda: self._brand(self._named("THEIR_PRODUCT")),
            "COLLECTION": lambda: self._collection(self._named("OUR_PRODUCT")),
            "ORDER": lambda: place(self._shop, "alice", (self._named("OUR_PRODUCT"), 1)),
            "PAID_ORDER": lambda: add_orders(self._shop, ALICE, 1)[0],
            "MARKETPLACE": lambda: department_id(self._shop, "marketplace"),
            "BARE": lambda: self._written(lambda session: create_department(session, "Bare", actor=ADMIN)),
            "IMAGE": lambda: image_row(self._shop),
            "TAX_RATE": self._tax_rate,
            "UNKNOWN": new_id,
            "OUR_DISCOUNT": lambda: self._discount(self._named("OUR_PRODUCT")),
            "THEIR_DISCOUNT": lambda: self._discount(self._named("THEIR_PRODUCT")),
            "VIP_DISCOUNT": lambda: create_discount(self._shop, for_named_customers=True),
            "OUR_CODE": lambda: add_codes(self._shop, self._named("OUR_DISCOUNT"), "OURS"),
            "THEIR_CODE": lambda: add_codes(self._shop, self._named("THEIR_DISCOUNT"), "THEIRS"),
            "OUR_SCHEDULED": lambda: self._scheduled(self._named("OUR_PRODUCT")),
            "OUR_PRICED": lambda: self._priced(self._named("OUR_PRODUCT")),
            "THEIR_PRICED": lambda: self._priced(self._named("THEIR_PRODUCT")),
            "THEIR_SCHEDULED": lambda: self._scheduled(self._named("THEIR_PRODUCT")),
        }

    def _family(self, *members: UUID) -> UUID:
        cache = self._shop.cache
        made: UUID = self._written(
            lambda session: create_family(session, "Tea", options=["Size"], actor=ADMIN, cache=cache)
        )
        for each in members:
            change(self._shop, "dana", each, family_id=made, options=[Option("Size", "1 kg")])
        return made

    def _brand(self, product_id: UUID) -> UUID:
        change(self._shop, "dana", product_id, brand="Acme")
        made: UUID = self._written(lambda session: find_or_make_brand(session, "Acme"))
        return made

    def _collection(self, product_id: UUID) -> UUID:
        acting: dict[str, Any] = {"actor": ADMIN, "cache": self._shop.cache}
        made: UUID = self._written(lambda session: create_collection(session, CollectionDraft("Summer"), **acting))
        self._written(lambda session: add_to_collection(session, made, [product_id], **acting))
        return made

    def _tax_rate(self) -> UUID:
        draft = TaxRateDraft(
            tax_class=TaxClass.STANDARD, name="VAT", percent=Decimal(20), valid_from=clock.now() + timedelta(days=1)
        )
        acting: dict[str, Any] = {"actor": ADMIN, "cache": self._shop.cache}
        made: UUID = self._written(lambda session: set_tax_rate(session, "DE", draft, **acting))
        return made

    def _discount(self, product_id: UUID) -> UUID:
        return create_discount(self._shop, targets=goods(product_id), needs_code=True)

    def _scheduled(self, product_id: UUID) -> UUID:
        return schedule_price(self._shop, product_id, "2", clock.now() + timedelta(days=1))[0]

    def _priced(self, product_id: UUID) -> UUID:
        set_price(self._shop, product_id, "DE", "2")
        return product_id

    def _people(self) -> dict[str, Callable[[], object]]:
        return {
            "LEE": lambda: hire(self._shop, "lee").id,
            "FAY": lambda: self._fay.id,
            "CUSTOMER": lambda: CHARLIE,
            "THEIR_SESSION": lambda: self._fay.actor.session_id,
            "THEIR_ADDRESS": lambda: self._address(self._fay.id),
        }

    @cached_property
    def _fay(self) -> Hired:
        return hire(self._shop, "fay", departments=("groceries",))

    def _tokens(self) -> dict[str, Callable[[], object]]:
        def invite(email: str, slug: str) -> UUID:
            post = Post(Role.STAFF, frozenset({department_id(self._shop, slug)}))
            made: UUID = self._written(lambda session: invite_staff(session, email, post, actor=ADMIN))
            return made

        def link(purpose: LinkPurpose, email: str) -> str:
            made = self._written(lambda session: make_link(session, purpose, BOB, email=email))
            return self._shop.links.sign(purpose, made)

        return {
            "OUR_INVITATION": lambda: invite("eve@example.com", "marketplace"),
            "THEIR_INVITATION": lambda: invite("ian@example.com", "groceries"),
            "INVITATION_TOKEN": lambda: self._shop.links.sign(INVITATION_PURPOSE, self._named("OUR_INVITATION")),
            "VERIFICATION_TOKEN": lambda: link(LinkPurpose.VERIFICATION, "bob@example.com"),
            "PASSWORD_RESET_TOKEN": lambda: link(LinkPurpose.PASSWORD_RESET, "bob@example.com"),
            "EMAIL_CHANGE_TOKEN": lambda: link(LinkPurpose.EMAIL_CHANGE, "robert@example.com"),
            "REFRESH_TOKEN": lambda: hire(self._shop, "ray", role=Role.CUSTOMER).refresh_token,
        }

    def _colleague(self, name: str) -> Hired:
        """Kim, who may do nothing, or Una, who looks after people and discounts; their password is everybody's."""
        if name not in self._hired:
            with self._shop.database.read() as session:
                secret = session.get_one(User, ALICE).password_hash
            rights = (Right.USERS, Right.DISCOUNTS) if name == "una" else ()
            self._hired[name] = hire(self._shop, name, *rights, password_hash=secret)
        return self._hired[name]

    def _address(self, user_id: UUID) -> UUID:
        uses = {"is_default_shipping": True, "is_default_billing": True}
        address = Address(
            id=new_id(), user_id=user_id, recipient="A", line1="1 Road", city="Leeds", country="GB", **uses
        )
        self._written(lambda session: session.add(address))
        made: UUID = address.id
        return made

    def _written(self, act: Callable[[Any], Any]) -> Any:
        with self._shop.database.write() as session:
            return act(session)

    def id_of(self, caller: str | None) -> UUID | None:
        """The caller's account."""
        if caller is None:
            return None
        return self._colleague(caller).id if caller in COLLEAGUES else PEOPLE[caller].id

    def headers_of(self, caller: str | None) -> dict[str, str]:
        """What the caller's requests carry."""
        if caller is None:
            return {}
        if caller in COLLEAGUES:
            return self._colleague(caller).headers
        return {"Authorization": f"Bearer {token_of(self._shop, caller)}"}

    def document(self, call: str, caller: str | None) -> str:
        """The table's document with the ids and tokens of this test, and of this caller."""
        makers = dict(self._makers)
        if caller in COLLEAGUES:
            makers["OWN_SESSION"] = lambda: self._colleague(caller).actor.session_id
        else:
            makers["OWN_SESSION"] = lambda: self.id_of(caller)
        makers["OWN_ADDRESS"] = lambda: self._address(self.id_of(caller) or ALICE)
        for name in sorted(makers, key=len, reverse=True):
            if f'"{name}"' in call:
                own = name.startswith("OWN_")
                call = call.replace(f'"{name}"', f'"{makers[name]() if own else self._named(name)}"')
        return call


@pytest.fixture
def scene(shop: Shop, product: Make) -> Scene:
    """Everything the table speaks of."""
    return Scene(shop, product)


def test_every_field_has_a_row() -> None:
    assert sorted(TABLE) == sorted(fields())


def test_every_field_says_which_permission_it_needs() -> None:
    said = {name: (field.description or "").rpartition(" Permission: ")[2] for name, field in fields().items()}
    assert said == {name: f"{permission.value}." for name, (permission, _) in TABLE.items()}


def test_every_row_agrees_with_the_permission_of_its_field() -> None:
    """Whoever lacks the permission is refused in every row, and whoever has it succeeds in one."""
    refused = {
        Permission.ANYONE: {},
        Permission.SIGNED_IN: {None: "UNAUTHENTICATED"},
        Permission.PRODUCTS: dict.fromkeys(("alice", "kim", "una"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
        Permission.USERS: dict.fromkeys(("alice", "kim", "sam"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
        Permission.READ: dict.fromkeys(("alice", "kim", "una"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
        Permission.ORDER_STATUS: dict.fromkeys(("alice", "kim", "una"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
        Permission.DISCOUNTS: dict.fromkeys(("alice", "kim", "sam"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
        Permission.ADMIN: dict.fromkeys(("alice", "kim", "sam", "una"), "FORBIDDEN") | {None: "UNAUTHENTICATED"},
    }  # type: dict[Permission, dict[str | None, str]]
    assert set(refused) == set(Permission)
    for name, (permission, rows) in TABLE.items():
        for at, caller in enumerate(CALLERS):
            found = [expected[at] for _, expected in rows]
            code = refused[permission].get(caller)
            if code is not None:
                assert found == [[code]] * len(rows), (name, caller)
            elif (name, caller) != ("Mutation.deleteMyAccount", "dana"):
                assert YES in found or NULL in found, (name, caller)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("field", TABLE)
def test_a_caller_may_or_may_not(field: str, caller: str | None, client: FlaskClient, scene: Scene, shop: Shop) -> None:
    permission, rows = TABLE[field]
    for call, expected in rows:
        # given
        wanted = expected[CALLERS.index(caller)]
        document, headers = scene.document(call, caller), scene.headers_of(caller)
        before, noted = everything(shop.database), {each.id for each in entries(shop.database)}
        # when
        body = answer_to(client, document, headers)
        # then
        assert codes(body) == ([] if wanted is NULL else wanted), call
        answered = body.get("data")
        assert (answered is None or None in answered.values()) is (wanted != YES)
        # what was done is done, and what was refused or only read left every row of every table as it was
        done, after = wanted == YES and field.startswith("Mutation."), everything(shop.database)
        changed = {name for name in before if after[name] != before[name]}
        # A refused password is noted.
        assert bool(changed) is done if wanted != WRONG else changed == {"audit_entries"}
        new = [each for each in entries(shop.database) if each.id not in noted]
        if done and (by_staff(permission, call) or field not in SILENT):
            assert_noted(new, scene.id_of(caller), permission, call)
        elif done:
            assert new == []


def answer_to(client: FlaskClient, document: str, headers: dict[str, str]) -> Any:
    """The answer to a document, with a picture for the one that brings a file."""
    if "Upload!" in document:
        return run_upload(client, document, picture(), headers)
    return client.post("/graphql", json={"query": document}, headers=headers).get_json()


def by_staff(permission: Permission, call: str) -> bool:
    """Whether the call is an act of staff."""
    return permission not in (Permission.ANYONE, Permission.SIGNED_IN) or "customerId" in call


def assert_noted(new: list[AuditEntry], caller: UUID | None, permission: Permission, call: str) -> None:
    """The audit log says what was done and, of staff and of whoever is signed in, who did it."""
    assert new
    if permission is not Permission.ANYONE or by_staff(permission, call):
        assert {each.actor_id for each in new} == {caller}


@pytest.mark.parametrize("field", [name for name, (permission, _) in TABLE.items() if permission != Permission.ANYONE])
def test_a_bad_token_is_nobody_and_changes_nothing(field: str, client: FlaskClient, shop: Shop, scene: Scene) -> None:
    document = scene.document(TABLE[field][1][0][0], None)
    with nothing_changed(shop.database):
        for token in ("Bearer nonsense", "Bearer ", "Bearer", "Basic YWxpY2U6eA==", "nonsense", ""):
            body = answer_to(client, document, {"Authorization": token})
            assert codes(body) == ["UNAUTHENTICATED"]


# Below the root, what needs more than the way to it.
GUARDED = {"Discount.customers": Permission.ADMIN, "Discount.uses": Permission.READ}


def test_fields_below_the_root_that_ask_a_permission_are_known() -> None:
    found = {}
    for kind in core_schema().type_map.values():
        if is_object_type(kind) and not is_introspection_type(kind) and kind.name not in ("Query", "Mutation"):
            for name, field in kind.fields.items():
                guards = field.extensions["strawberry-definition"].extensions
                if guards:
                    [guard] = guards
                    found[f"{kind.name}.{name}"] = guard.permission
                    # Whoever is refused is still shown the rest.
                    assert not is_non_null_type(field.type)
                    assert field.description.endswith(f" Permission: {guard.permission.value}.")
    assert found == GUARDED


def ways() -> dict[str, list[str]]:
    """For every object type, the fields of Query and Mutation from which a document can come to it."""
    found: dict[str, list[str]] = {}
    for name, field in fields().items():
        waiting, seen = [get_named_type(field.type)], set[str]()
        while waiting:
            kind = waiting.pop()
            if is_object_type(kind) and kind.name not in seen:
                seen.add(kind.name)
                waiting += [get_named_type(each.type) for each in kind.fields.values()]
        for each in seen:
            found.setdefault(each, []).append(name)
    return {name: sorted(roots) for name, roots in sorted(found.items())}


def test_what_is_not_for_everybody_is_reached_by_known_ways_only() -> None:
    """Fields below the root ask no permission, but for those of GUARDED: who sees a type depends on which root fields
    lead to it.

    So every type is either for everybody, or all the ways to it are written down.
    """
    schema = core_schema()
    types = {
        name
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
    } - {"Query", "Mutation"}
    assert types == set(WAYS) | PUBLIC
    assert {name: roots for name, roots in ways().items() if name not in PUBLIC} == WAYS


def test_a_refusal_does_not_hide_the_success_beside_it(graphql: GraphQLClient, product: Make) -> None:
    tea, fruit = product(), product(category="fruit")
    body = graphql(
        "mutation($tea: String!, $fruit: String!) { a: deleteProduct(productId: $fruit) "
        "b: updateProduct(input: {productId: $tea, stockCount: 3}) { stockCount } }",
        {"tea": str(tea), "fruit": str(fruit)},
        as_="sam",
    )
    assert body["data"] == {"a": None, "b": {"stockCount": 3}}
    assert codes(body) == ["FORBIDDEN"]
    assert body["errors"][0]["path"] == ["a"]


@pytest.mark.parametrize(("who", "code"), [(None, "UNAUTHENTICATED"), ("alice", "FORBIDDEN"), ("dana", "NOT_FOUND")])
def test_only_staff_learn_whether_a_product_exists(
    graphql: GraphQLClient, shop: Shop, who: str | None, code: str
) -> None:
    unknown = "0198c0de-0000-7000-8000-000000000001"
    for document in (
        f'mutation {{ deleteProduct(productId: "{unknown}") }}',
        f'mutation {{ updateProduct(input: {{productId: "{unknown}", stockCount: 1}}) {{ id }} }}',
    ):
        with nothing_changed(shop.database):
            assert codes(graphql(document, as_=who)) == [code]
