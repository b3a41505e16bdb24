"""Tells Stripe of products: of one, or of all that differ, and never while a row is locked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from gateways.payments.products import StripeRefused
from services.catalogue import stripe_products
from services.catalogue.stripe_products import Source
from utils import clock
from utils.errors import Unavailable
from wiring import Shop

# Longer than all calls of a push take with the longest of timeouts; what a killed worker had in hand is free then.
LEASE = timedelta(minutes=10)
# So often a product is looked at again when it changed while Stripe was told.
_MOST_LOOKS = 3
# A sync of everything goes in steps of so long, each an event, so that a killed worker repeats no more than that.
STEP = timedelta(seconds=60)
# So many pushes speak to Stripe at once, whatever the number of threads: letters use the same ones.
_PLACES = BoundedSemaphore(2)

log = structlog.get_logger(__name__)


class InOtherHands(Unavailable):
    """Returned when another worker tells Stripe of the product just now."""


def push_wanted(shop: Shop, _event_id: UUID, payload: Mapping[str, Any]) -> None:
    """The errand of one product. Raises UNAVAILABLE to be repeated, and StripeRefused to be given up."""
    if shop.directory.account is None:
        return
    product_id = UUID(payload["product"])
    with _place():
        push(shop, product_id)
    with shop.database.write() as session:
        stripe_products.expect_changes(session, stripe_products.find_source(session, product_id))


def sync_wanted(shop: Shop, _event_id: UUID, payload: Mapping[str, Any]) -> None:
    """The errand of everything that differs: one step of it, and an event for the next.

    What Stripe refuses is logged and left. Raises UNAVAILABLE when Stripe is away: the step is repeated, and passes
    over what was told before.
    """
    if shop.directory.account is None:
        return
    after = None if payload["after"] is None else UUID(payload["after"])
    end = clock.now() + STEP
    with _place():
        for source in sources_from(shop, after):
            with shop.database.write() as session:
                stripe_products.expect_changes(session, source)
            if source.differs(shop.directory.account):
                _push_or_pass_over(shop, source.id)
            if clock.now() >= end:
                with shop.database.write() as session:
                    stripe_products.want_sync(session, after=source.id)
                return


def listen_for_product(shop: Shop, session: Session, _event_id: UUID, payload: Mapping[str, Any]) -> None:
    """What the relay does with news of one product."""
    if shop.directory.account is not None:
        stripe_products.want_push(session, UUID(payload["product"]))


def listen_for_import(shop: Shop, session: Session, _event_id: UUID, _payload: Mapping[str, Any]) -> None:
    """What the relay does with news of very many products."""
    if shop.directory.account is not None:
        stripe_products.want_sync(session)


def sources_from(shop: Shop, after: UUID | None = None) -> Iterator[Source]:
    """All products by ascending id, a page at a time, with what Stripe was told of each."""
    while True:
        with shop.database.read() as session:
            page = stripe_products.list_sources(session, after=after)
        yield from page
        if len(page) < stripe_products.PAGE:
            return
        after = page[-1].id


def push(shop: Shop, product_id: UUID, *, told_anyway: bool = False) -> bool:
    """Makes Stripe have the product as it is when this returns; says whether it had to be told.

    The product is read after its lease was taken, so that of two workers the second tells the newer state, and looked
    at again afterwards. Raises UNAVAILABLE when Stripe or the product is out of reach just now, else StripeRefused.
    """
    account = shop.directory.account
    if account is None:
        return False
    for look in range(_MOST_LOOKS):
        lease = clock.now() + LEASE
        with shop.database.write() as session:
            source = stripe_products.find_source(session, product_id)
            if not source.differs(account, told_anyway=told_anyway and look == 0):
                return look > 0
            if not stripe_products.claim(session, product_id, lease=lease):
                raise InOtherHands("Another worker tells Stripe of this product.", status="leased")
            source = stripe_products.find_source(session, product_id)
        try:
            price_id = _tell(shop, source)
        except Exception:
            with shop.database.write() as session:
                stripe_products.release(session, product_id, lease=lease)
            raise
        with shop.database.write() as session:
            stripe_products.note_told(session, source, account=account, price_id=price_id, lease=lease)
        log.info("stripe was told of a product", product_id=str(product_id), active=source.exists and source.is_on_sale)
    with shop.database.read() as session:
        if stripe_products.find_source(session, product_id).differs(account):
            raise Unavailable("The product changes faster than Stripe can be told.", status="changing")
    return True


def _tell(shop: Shop, source: Source) -> str | None:
    if source.exists:
        return shop.directory.put(source.twin(), price_id=source.price_id)
    shop.directory.archive(source.id)
    return None


def _push_or_pass_over(shop: Shop, product_id: UUID) -> None:
    try:
        push(shop, product_id)
    except InOtherHands:
        # Whoever has it reads it as it is now.
        return
    except StripeRefused as fault:
        log.error("stripe refuses a product", product_id=str(product_id), fault=fault.status)


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise Unavailable("Others speak to Stripe just now.", status="busy")
    try:
        yield
    finally:
        _PLACES.release()
