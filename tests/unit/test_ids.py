"""Identifiers: UUIDv7 out, the canonical form and nothing else in."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.errors import InvalidInput
from utils.ids import find_id, new_id, parse_id

SPELLED = "a94102ff-32e3-4240-b251-dd8934065961"


def test_new_ids_are_of_version_seven_and_rise() -> None:
    made = [new_id() for _ in range(1000)]
    assert {each.version for each in made} == {7}
    assert made == sorted(set(made))


@given(st.uuids())
def test_the_canonical_form_is_read(wanted: UUID) -> None:
    assert find_id(str(wanted)) == wanted
    assert parse_id(str(wanted).upper(), "productId") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "not-a-uuid",
        SPELLED[:-1],
        f"{SPELLED}0",
        f" {SPELLED[1:]}",
        f"+{SPELLED[1:]}",
        f"{SPELLED[:-2]}_1",
        f"{SPELLED[:-1]}\N{ARABIC-INDIC DIGIT THREE}",
        f"{SPELLED[:-1]}\0",
        f"{SPELLED[:-1]}\n",
        f"{SPELLED[:-1]}\ud800",
        SPELLED.replace("-", "") + "----",
        "{" + SPELLED.replace("-", "") + "---",
        f"urn:uuid:{SPELLED[9:]}",
    ],
)
def test_nothing_else_is_an_id(text: str) -> None:
    assert find_id(text) is None
    with pytest.raises(InvalidInput) as refusal:
        parse_id(text, "productId")
    assert refusal.value.message == "productId must be a UUID."
    assert refusal.value.details == {"field": "productId"}
