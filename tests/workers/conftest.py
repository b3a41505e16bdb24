"""A table for the marks that listeners leave."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from tests.workers import events
from wiring import Shop


@pytest.fixture
def marks(committing_shop: Shop) -> Iterator[Callable[[], list[UUID]]]:
    """Tells which events were marked."""
    with events.marks(committing_shop.database) as found:
        yield found
