"""GraphQL over HTTP in full: the audits of the npm package graphql-http, all sixty-one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from tests.nodejs import run_script
from tests.serving import serving
from wiring import Shop

AUDITS = Path(__file__).with_name("audits.mjs")


def test_all_sixty_one_audits_are_ok(committing_shop: Shop, subtests: pytest.Subtests) -> None:
    with serving(create_app(committing_shop)) as address:
        results = run_script(AUDITS, f"{address}/graphql", seconds=60)

    assert len({result["id"] for result in results}) == 61
    assert len(results) == 61
    for result in results:
        with subtests.test(msg=f"{result['id']} {result['name']}"):
            assert result["status"] == "ok", f"{result.get('reason')}: {result.get('answer')}"
