"""Families as shoppers see them: what their products differ by, and which products these are."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Family
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import list_shown_by_id
from services.catalogue.tags import FAMILIES
from utils.cursors import checked_first

_ENTRIES = """
SELECT json_build_array(f.id, f.name, f.options, f.version,
 (SELECT json_agg(p.id ORDER BY p.option_values, p.id) FROM products AS p WHERE p.family_id = f.id))::text
FROM families AS f WHERE f.id = ANY(CAST(%(ids)s AS uuid[]))
"""
_SHAPE = f"{crc32(_ENTRIES.encode()):08x}"


class FamilyFacts(NamedTuple):
    """A family and its products, on sale or not, by their options' values."""

    id: UUID
    name: str
    option_names: Sequence[str]
    version: int
    members: Sequence[UUID]


def list_families_by_id(reader: Reader, ids: Collection[UUID]) -> dict[UUID, FamilyFacts]:
    """The families with these ids; what does not exist is left out. One journey, and one statement at the most."""
    keys = {f"family:{_SHAPE}:{family_id}": family_id for family_id in ids}
    fetched = reader.fetch(dict.fromkeys(keys, FAMILIES))
    found = {keys[key]: _decode(entry) for key, entry in fetched.hits.items()}
    missing = [str(family_id) for family_id in keys.values() if family_id not in found]
    if missing:
        read = {_decode(entry).id: entry for entry in reader.entries(_ENTRIES, {"ids": missing})}
        found.update({family_id: _decode(entry) for family_id, entry in read.items()})
        reader.store({key: read[family_id] for key, family_id in keys.items() if family_id in read}, fetched.tickets)
    return found


def list_on_sale(
    reader: Reader, families: Collection[FamilyFacts], *, region: str | None = None
) -> Mapping[UUID, Sequence[ProductFacts]]:
    """By family, its products that are on sale in the region (None for the home region), in their order."""
    members = dict.fromkeys(member for family in families for member in family.members)
    on_sale = list_shown_by_id(reader, list(members), region=region)
    return {family.id: [on_sale[each] for each in family.members if each in on_sale] for family in families}


def list_families(session: Session, *, first: int, starts_with: str | None = None) -> Sequence[FamilyFacts]:
    """At most `first` (1 to 100) families by name, of those whose name begins so, for staff who look for one.

    Refuses other lengths (INVALID_INPUT).
    """
    checked_first(first)
    chosen = select(Family).order_by(Family.name, Family.id).limit(first)
    if starts_with is not None:
        chosen = chosen.where(Family.name.istartswith(starts_with.replace("\0", ""), autoescape=True))
    return [FamilyFacts(each.id, each.name, each.options, each.version, ()) for each in session.scalars(chosen)]


def _decode(entry: bytes) -> FamilyFacts:
    family_id, name, options, version, members = orjson.loads(entry)
    return FamilyFacts(UUID(family_id), name, options, version, [UUID(each) for each in members or ()])
