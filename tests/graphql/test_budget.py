"""What one request may ask for: refused before anything is done, however it is written."""

import pytest
from flask.testing import FlaskClient
from graphql import get_named_type, get_nullable_type, is_introspection_type, is_list_type, is_object_type

from graphql_api import limits
from graphql_api.documents import MOST_CHARACTERS_KEPT, Documents
from graphql_api.limits import Cost
from graphql_api.list_lengths import LENGTHS
from graphql_api.schema import core_schema
from tests.support import GraphQLClient, codes

LOGIN = 'login(email: "a@example.com", password: "wrong password") { accessToken }'


def logins(count: int) -> str:
    return "mutation { " + " ".join(f"l{number}: {LOGIN}" for number in range(count)) + " }"


def test_ten_things_at_once_and_no_more(graphql: GraphQLClient) -> None:
    assert codes(graphql(logins(10))) == ["WRONG_CREDENTIALS"] * 10
    assert codes(graphql(logins(11))) == ["QUERY_TOO_COMPLEX"]


def test_a_batch_shares_what_one_request_may_do(client: FlaskClient) -> None:
    answers = client.post(
        "/graphql", json=[{"query": logins(6)}, {"query": logins(5)}, {"query": logins(4)}]
    ).get_json()
    assert [codes(answer) for answer in answers] == [
        ["WRONG_CREDENTIALS"] * 6,
        ["QUERY_TOO_COMPLEX"],
        ["QUERY_TOO_COMPLEX"],
    ]


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ __typename }", Cost(0, 1)),
        ("{ getProducts { id name } }", Cost(0, 201)),
        ("{ getProducts(first: 3) { id name } }", Cost(0, 7)),
        ("{ products(first: 20) { nodes { id name } } }", Cost(0, 61)),
        ("query($n: Int) { products(first: $n) { nodes { id } } }", Cost(0, 201)),
        ("{ getOrders(first: 2) { items { id } } }", Cost(0, 43)),
        ("{ users(first: 5) { nodes { id departments { id } } } }", Cost(0, 116)),
        ("{ auditLog { nodes { id } } mySessions { id } }", Cost(0, 92)),
        ("{ a: me { ...F } b: me { ...F } } fragment F on User { id name }", Cost(0, 6)),
        ('mutation { a: deleteProduct(productId: "x") b: deleteProduct(productId: "y") }', Cost(2, 2)),
        ("query A { me { id } } query B { me { id name } }", Cost(0, 3)),
        # what `first` is when nobody says
        ("{ products { nodes { id } } }", Cost(0, 41)),
        ("query($n: Int!) { products(first: $n) { nodes { id } } }", Cost(0, 201)),
        # long texts
        ('{ product(by: {slug: "x"}) { description descriptionHtml name } }', Cost(0, 102)),
        # lists that lead to lists of their own kind
        ('{ product(by: {slug: "x"}) { variants { id } } }', Cost(0, 32)),
        ('{ product(by: {slug: "x"}) { variants { variants { id } } } }', Cost(0, 3032)),
        (
            '{ a: product(by: {slug: "x"}) { ...F } } fragment F on Product { variants { ...G } }'
            " fragment G on Product { variants { id } }",
            Cost(0, 3032),
        ),
        ("{ categories { parent { children { id } } } }", Cost(0, 10201)),
    ],
)
def test_what_documents_cost(document: str, cost: Cost) -> None:
    assert Documents(core_schema()).get(document).cost == cost


@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        ("query($n: Int!) { products(first: $n) { nodes { variants { id price } } } }", {"n": 2}, 1 + 2 * (1 + 61)),
        ("query($n: Int = 3) { products(first: $n) { nodes { variants { id price } } } }", {}, 1 + 3 * (1 + 61)),
        ("query($n: Int = 3) { products(first: $n) { nodes { variants { id price } } } }", {"n": 4}, 1 + 4 * (1 + 61)),
        ("query($n: Int! = 3) { products(first: $n) { nodes { variants { id price } } } }", {"n": 10**12}, 6201),
        ("query($n: Int! = 2147483647) { products(first: $n) { nodes { variants { id price } } } }", {}, 6201),
        ("query($n: Int!) { products(first: $n) { nodes { variants { id price } } } }", {"n": "2"}, 6201),
        ("query($n: Int!) { products(first: $n) { nodes { variants { id price } } } }", {"n": None}, 6201),
        ("query($n: Int!) { products(first: $n) { nodes { variants { id price } } } }", {"n": -5}, 1 + 1 * (1 + 61)),
        ("query($n: Int) { products(first: $n) { nodes { variants { id price } } } }", {}, 1 + 20 * (1 + 61)),
        # so small that nobody looks at the variables
        ("query($n: Int!) { products(first: $n) { nodes { id } } }", {"n": 2}, 201),
    ],
)
def test_what_documents_cost_with_variables(document: str, variables: dict[str, object], cost: int) -> None:
    assert Documents(core_schema()).get(document).cost_with(variables) == Cost(0, cost)


def test_a_list_of_products_with_variants_is_answered_whoever_says_how_long(graphql: GraphQLClient) -> None:
    fields = "nodes { id variants { id price options { name value } } }"
    by_variable = f"query($n: Int!) {{ products(first: $n) {{ {fields} }} }}"
    assert codes(graphql(f"{{ products {{ {fields} }} }}")) == []
    assert codes(graphql(by_variable, {"n": 20})) == []
    assert codes(graphql(by_variable, {"n": 100})) == ["QUERY_TOO_COMPLEX"]


def test_an_answer_has_a_largest_size(
    client: FlaskClient, graphql: GraphQLClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = "{ products(first: 5) { nodes { id name } } }"
    length = len(client.post("/graphql", json={"query": document}).data)
    monkeypatch.setattr(limits, "LARGEST_ANSWER", length)
    assert codes(graphql(document)) == []
    monkeypatch.setattr(limits, "LARGEST_ANSWER", length - 1)
    other = document.replace("id name", "id  name")  # which nobody has kept
    answer = client.post("/graphql", json={"query": other})
    assert (answer.headers["X-Cache"], codes(answer.get_json())) == ("bypass", ["QUERY_TOO_COMPLEX"])
    # of two in one request the answers count together
    assert codes(client.post("/graphql", json=[{"query": other}, {"query": "{ __typename }"}]).get_json()) == [
        "QUERY_TOO_COMPLEX"
    ]
    # what was done is told
    monkeypatch.setattr(limits, "LARGEST_ANSWER", 1)
    assert codes(graphql(logins(1))) == ["WRONG_CREDENTIALS"]


def test_every_list_of_the_schema_has_a_length() -> None:
    """A list without one would count as one thing. Of a connection's lists, the connection has it."""
    schema = core_schema()
    types = [kind for kind in schema.type_map.values() if is_object_type(kind) and not is_introspection_type(kind)]
    lists = {
        name
        for kind in types
        for name, field in kind.fields.items()
        if is_object_type(get_named_type(field.type))
        and (is_list_type(get_nullable_type(field.type)) or get_named_type(field.type).name.endswith("Connection"))
    }
    assert lists - {"nodes", "edges"} == set(LENGTHS)


def test_values_are_counted_before_they_are_made(graphql: GraphQLClient) -> None:
    fields = " ".join(f"n{number}: name" for number in range(36))
    page = f"products(first: 100) {{ nodes {{ {fields} }} }}"
    assert codes(graphql("{ " + " ".join(f"p{number}: {page}" for number in range(6)) + " }")) == []
    assert codes(graphql("{ " + " ".join(f"p{number}: {page}" for number in range(7)) + " }")) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize(
    "document",
    [
        "{ " + "products { nodes { id } } " * 21 + "}",
        "{ products { nodes { " + "id " * 21 + "} } }",
        "{ ...F } fragment F on Query { " + "regions { code } " * 21 + "}",
        "{ products { nodes { " + "...F " * 101 + "} } } fragment F on Product { id }",
    ],
)
def test_what_would_take_long_to_validate_is_refused_first(graphql: GraphQLClient, document: str) -> None:
    assert codes(graphql(document)) == ["QUERY_TOO_COMPLEX"]


def test_numbers_longer_than_python_reads_are_no_fault_of_ours(graphql: GraphQLClient) -> None:
    assert codes(graphql("{ getProducts(first: " + "9" * 4301 + ") { id } }")) == ["QUERY_TOO_COMPLEX"]


def test_kept_documents_are_bounded_by_their_length() -> None:
    documents = Documents(core_schema())
    long = "{ __typename } #" + "x" * (MOST_CHARACTERS_KEPT // 4)
    for number in range(10):
        documents.get(f"{long}{number}")
    assert len(documents._kept) == 3
    assert documents._characters == sum(map(len, documents._kept)) <= MOST_CHARACTERS_KEPT
