"""The tree under rivals: no ring is ever made, nothing comes into a category that goes, no list is left untold."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from models import Category, Product
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.products.changing import ProductChange, update_product
from services.catalogue.products.making import ProductDraft, create_product
from services.catalogue.reader import reading
from services.catalogue.reading import list_page
from services.catalogue.shelves import categories
from services.catalogue.shelves.categories import CategoryDraft, CategoryMove
from services.catalogue.shelves.tree import Tree, read_tree
from tests.faults.rivals import beside, interrupted, outcomes, together, until_blocked
from tests.services.hiring import department_id
from tests.support import ADMIN
from utils.errors import Conflict, InvalidInput
from wiring import Shop

Make = Callable[..., UUID]


@pytest.fixture
def category(committing_shop: Shop) -> Iterator[Make]:
    """Makes a category, below the one given or at the top; all of them go after the test."""
    shop = committing_shop
    with shop.database.read() as session:
        known = session.scalars(select(Category.id)).all()

    def make(name: str, parent_id: UUID | None = None) -> UUID:
        draft = CategoryDraft(name, parent_id=parent_id, department_id=department_id(shop, "marketplace"))
        with shop.database.write() as session:
            return categories.create_category(session, draft, actor=ADMIN, cache=shop.cache)

    yield make
    with shop.database.write() as session:
        session.execute(delete(Product))
        session.execute(update(Category).where(Category.id.not_in(known)).values(parent_id=None))
        session.execute(delete(Category).where(Category.id.not_in(known)))


def move(shop: Shop, moved: UUID, parent_id: UUID | None) -> None:
    with shop.database.write() as session:
        categories.move_category(session, moved, CategoryMove(parent_id=parent_id), actor=ADMIN, cache=shop.cache)


def remove(shop: Shop, wanted: UUID) -> None:
    with shop.database.write() as session:
        categories.delete_category(session, wanted, actor=ADMIN, cache=shop.cache)


def make_product(shop: Shop, category_id: UUID, price: str = "1") -> UUID:
    draft = ProductDraft(price=Decimal(price), stock_count=1, category_id=category_id)
    with shop.database.write() as session:
        return create_product(session, draft, actor=ADMIN, cache=shop.cache, currency="USD")


def tree_of(shop: Shop) -> Tree:
    with shop.database.read() as session:
        return read_tree(reading(session, shop.cache))


def listed(shop: Shop, category_id: UUID) -> list[UUID]:
    """The products of the category as a shopper's request lists them, the cheapest first."""
    query = PageQuery(category_id=category_id, sort=ProductSort.PRICE_ASC)
    with shop.database.read() as session:
        return [each.id for each in list_page(reading(session, shop.cache), query).products]


def test_two_moves_at_once_make_no_ring(committing_shop: Shop, category: Make) -> None:
    shop = committing_shop
    for attempt in range(10):
        first, second = category(f"First {attempt}"), category(f"Second {attempt}")
        below = category(f"Below {attempt}", second)
        done = together([lambda a=first, b=below: move(shop, a, b), lambda a=second, b=first: move(shop, a, b)])  # type: ignore[misc]
        assert sorted(outcomes(done).items()) == [("InvalidInput", 1), ("NoneType", 1)]
        # every category is reached from the top
        assert len(tree_of(shop).in_order) == 68 + 3 * (attempt + 1)


def test_a_move_waits_for_the_one_before_and_looks_at_the_tree_it_left(committing_shop: Shop, category: Make) -> None:
    shop = committing_shop
    first, second = category("First"), category("Second")
    rivals = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(lambda: move(shop, second, first)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="pg_advisory_xact_lock(", by=rival):
            move(shop, first, second)
    refusal = rivals[0].exception()
    assert isinstance(refusal, InvalidInput)
    assert refusal.message == "A category cannot stand below itself."


def test_a_product_that_comes_keeps_its_category(committing_shop: Shop, category: Make) -> None:
    shop, shelf = committing_shop, category("Shelf")
    rivals = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(lambda: remove(shop, shelf)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="INSERT INTO products", by=rival):
            made = make_product(shop, shelf)
    assert isinstance(rivals[0].exception(), Conflict)
    assert listed(shop, shelf) == [made]


def test_no_product_comes_into_a_category_that_goes(committing_shop: Shop, category: Make) -> None:
    shop, shelf = committing_shop, category("Shelf")
    rivals = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(lambda: make_product(shop, shelf)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="DELETE FROM categories", by=rival):
            remove(shop, shelf)
    refusal = rivals[0].exception()
    assert isinstance(refusal, InvalidInput)
    assert refusal.details == {"field": "categoryId"}


def test_the_lists_of_a_new_way_up_are_told_of_a_change_that_was_under_way(
    committing_shop: Shop, category: Make
) -> None:
    """A price changes; before it is committed its shelf moves, and somebody reads the list of the new parent."""
    shop = committing_shop
    old, new = category("Old"), category("New")
    shelf = category("Shelf", old)
    dear, cheap = make_product(shop, shelf, "9"), make_product(shop, shelf, "5")
    rivals, seen = [], []
    with beside() as start:

        def moved_and_read() -> None:
            move(shop, shelf, new)
            seen.append(listed(shop, new))

        def rival() -> None:
            rivals.append(start(moved_and_read))
            until_blocked(shop.database)

        with (
            interrupted(shop.database.engine, after="WITH RECURSIVE", by=rival),
            shop.database.write() as session,
        ):
            update_product(session, dear, ProductChange(price=Decimal(1)), actor=ADMIN, cache=shop.cache)
    rivals[0].result()
    assert seen == [[dear, cheap]]
    assert listed(shop, new) == [dear, cheap]
    assert listed(shop, old) == []
