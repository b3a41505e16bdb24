"""PostgreSQL stopped, restarted or out of connections: callers are told to come again, and then are served."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app import create_app
from launch import Servers
from tests.faults.rivals import count_rows
from tests.support import GraphQLClient, codes, make_products, token_of
from utils.database import Database
from utils.errors import Unavailable
from wiring import Shop

ORDER = "mutation ($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { orderId } }"
QUERIES = ["{ getProducts { productId } }", "{ categories { slug } }", "{ products { totalCount } }"]


@pytest.fixture
def graphql(faulty_shop: Shop) -> GraphQLClient:
    client: FlaskClient = create_app(faulty_shop).test_client()
    return GraphQLClient(client, faulty_shop)


@pytest.fixture
def away(own_servers: Servers) -> Iterator[None]:
    """Stopped now; started again after the test if the test has not done so."""
    own_servers.postgres.stop()
    yield
    own_servers.postgres.stop()
    own_servers.postgres.start()


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_told_to_come_again(faulty_shop: Shop, graphql: GraphQLClient, away: None, query: str) -> None:
    assert codes(graphql(query)) == ["UNAVAILABLE"]


def test_a_mutation_is_told_to_come_again_and_made_nothing(own_servers: Servers, faulty_shop: Shop) -> None:
    [tea] = make_products(faulty_shop, 1)
    graphql = GraphQLClient(create_app(faulty_shop).test_client(), faulty_shop)
    items = {"items": [{"productId": str(tea), "quantity": 1}]}
    alice = {"Authorization": f"Bearer {token_of(faulty_shop, 'alice')}"}
    assert codes(graphql(ORDER, items, headers=alice)) == []
    own_servers.postgres.stop()
    try:
        assert codes(graphql(ORDER, items, headers=alice)) == ["UNAVAILABLE"]
    finally:
        own_servers.postgres.start()
    assert codes(graphql(ORDER, items, headers=alice)) == []
    assert count_rows(faulty_shop.database, "orders") == 2


@pytest.mark.parametrize("query", QUERIES)
def test_after_a_restart_the_first_answer_is_good(
    own_servers: Servers, faulty_shop: Shop, graphql: GraphQLClient, query: str
) -> None:
    for _ in range(2):
        assert codes(graphql(query)) == []
        own_servers.postgres.restart()
    assert codes(graphql(query)) == []


def test_whoever_waits_too_long_for_a_connection_is_told_to_come_again(own_servers: Servers) -> None:
    url = own_servers.database.replace("postgresql:", "postgresql+psycopg2:")
    database = Database(url, pool_size=1, connect_timeout_seconds=1)
    for opened in (database.read, database.write):
        with opened() as held:
            held.connection()
            with pytest.raises(Unavailable, match="very busy"), opened() as late:
                late.connection()
    database.dispose()
