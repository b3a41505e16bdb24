"""Web programs with settings of a test's own, and a Redis that a test may stop or freeze."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from launch import Servers, embedded_servers
from wiring import Shop

Opened = Callable[..., FlaskClient]


@pytest.fixture
def opened(shop: Shop) -> Opened:
    """A client of a program with other settings: opened(rate_limit_per_minute=5)."""

    def open_(**settings: Any) -> FlaskClient:
        return create_app(replace(shop, settings=shop.settings.model_copy(update=settings))).test_client()

    return open_


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    """Servers of these tests' own."""
    with embedded_servers(throw_away=True) as servers:
        yield servers
