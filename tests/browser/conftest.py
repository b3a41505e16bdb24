"""A shop with its demo goods and people, under a real address, as a newcomer has it after `make run`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import create_app
from demo.loading import load
from tests.serving import serving
from wiring import Shop


@pytest.fixture
def live_server(committing_shop: Shop) -> Iterator[str]:
    """The base URL of the running shop."""
    load(committing_shop)
    with serving(create_app(committing_shop)) as address:
        yield address
