"""The tree of categories as shoppers see it: read as a whole, kept as one entry of the cache."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

import orjson

from services.catalogue.kept import Kept
from services.catalogue.product_facts import ImageFacts
from services.catalogue.reader import Reader
from services.catalogue.tags import TREE

# Each level in its order; parents need not stand before their children. What the table has as positions orders them and
# may have gaps: people are told the rank, which they may hand back to move a category.
_ENTRIES = """
SELECT json_build_array(c.id, c.slug, c.name, c.description,
 row_number() OVER (PARTITION BY c.parent_id ORDER BY c.position, c.slug COLLATE "C") - 1, c.parent_id, c.version,
 json_build_array(d.id, d.slug, d.name),
 CASE WHEN i.id IS NOT NULL THEN json_build_array(i.id, i.width, i.height, i.content_type) END)::text
FROM categories AS c JOIN departments AS d ON d.id = c.department_id LEFT JOIN images AS i ON i.id = c.image_id
ORDER BY c.position, c.slug COLLATE "C"
"""
_KEY = f"tree:{crc32(_ENTRIES.encode()):08x}"


class DepartmentFacts(NamedTuple):
    """The part of the shop that cares for a category."""

    id: UUID
    slug: str
    name: str


class CategoryFacts(NamedTuple):
    """All of a category that any caller may ask for, in the order of _ENTRIES."""

    id: UUID
    slug: str
    name: str
    description: str
    position: int
    parent_id: UUID | None
    version: int
    department: DepartmentFacts
    image: ImageFacts | None


class Tree:
    """All categories, each level in its order."""

    def __init__(self, categories: Sequence[CategoryFacts]) -> None:
        self._by_id = {each.id: each for each in categories}
        self._by_slug = {each.slug: each for each in categories}
        self._below: dict[UUID | None, list[CategoryFacts]] = {}
        for each in categories:
            self._below.setdefault(each.parent_id, []).append(each)

    def find(self, category_id: UUID) -> CategoryFacts | None:
        """The category with this id, or None."""
        return self._by_id.get(category_id)

    def find_by_slug(self, slug: str) -> CategoryFacts | None:
        """The category with this slug, or None."""
        return self._by_slug.get(slug)

    def children(self, category_id: UUID | None) -> Sequence[CategoryFacts]:
        """The categories right below this one, in their order; below None stand those at the top."""
        return self._below.get(category_id, ())

    def breadcrumbs(self, category: CategoryFacts) -> Sequence[CategoryFacts]:
        """The way from the top down to this category, which is the last."""
        way = [category]
        while (parent_id := way[-1].parent_id) is not None:
            way.append(self._by_id[parent_id])
        return way[::-1]

    @cached_property
    def in_order(self) -> Sequence[CategoryFacts]:
        """All of them, those at the top first, then level by level, each below its parent in its order."""
        found = list(self.children(None))
        for each in found:  # grows while it is gone through
            found.extend(self.children(each.id))
        return found


def read_tree(reader: Reader) -> Tree:
    """The tree as it is: what this process has, if nothing changed since, else from the cache or from PostgreSQL."""
    return _tree.get(reader)


def read_tree_past_the_cache(reader: Reader) -> Tree:
    """The tree from PostgreSQL, for who met a category that is newer than what the cache tells of."""
    return _tree.past_the_cache(reader)


def _read(reader: Reader) -> bytes:
    return b"[" + b",".join(reader.entries(_ENTRIES, {})) + b"]"


def _decode(_reader: Reader, entry: bytes) -> Tree:
    return Tree([_category(each) for each in orjson.loads(entry)])


def _category(kept: list[Any]) -> CategoryFacts:
    kept[0], kept[5] = UUID(kept[0]), None if kept[5] is None else UUID(kept[5])
    kept[7] = DepartmentFacts(UUID(kept[7][0]), *kept[7][1:])
    if kept[8] is not None:
        kept[8] = ImageFacts(UUID(kept[8][0]), *kept[8][1:])
    return CategoryFacts._make(kept)


_tree = Kept(_KEY, TREE, read=_read, decode=_decode)
