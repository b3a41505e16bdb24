"""Which images products and categories show."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models import Product, ProductImage
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.images.images import require_image, require_images
from services.catalogue.products.held import hold_product
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.versions import require_version
from services.catalogue.shelves import shelves
from services.catalogue.tags import TREE
from utils import clock, text
from utils.cache import Cache
from utils.errors import InvalidInput

MOST_IMAGES = 20
LONGEST_ALT = 300


class Shown(NamedTuple):
    """An image, and what it shows for those who cannot see it."""

    image_id: UUID
    alt: str = ""


def set_product_images(
    session: Session,
    product_id: UUID,
    images: Sequence[Shown],
    *,
    actor: Actor,
    cache: Cache,
    version: int | None = None,
) -> None:
    """Lets the product show these images in this order, and no others.

    Refuses an unknown product (NOT_FOUND), staff of another department (FORBIDDEN), a product that is not at `version`
    any more (CONFLICT), and more than 20 images, one twice, unknown ones and bad texts (INVALID_INPUT).
    """
    wanted = _checked(images)
    product = hold_product(session, product_id, actor=actor)
    require_version(product.version, version)
    if wanted:
        require_images(session, [each.image_id for each in wanted], field="images")
    before = _shown_by(session, product_id)
    session.execute(delete(ProductImage).where(ProductImage.product_id == product_id))
    rows = [
        {"product_id": product_id, "image_id": each.image_id, "position": place, "alt": each.alt}
        for place, each in enumerate(wanted)
    ]
    if rows:
        session.execute(insert(ProductImage), rows)
    changed = update(Product).where(Product.id == product_id)
    session.execute(changed.values(version=Product.version + 1, updated_at=clock.now()))
    audit.note(
        session,
        AuditAction.PRODUCT_CHANGED,
        product_id,
        actor_id=actor.id,
        before={"images": before},
        after={"images": [_as_json(each) for each in wanted]},
    )
    announce(session, cache, products=[product_id])
    record_product_changed(session, product_id)


def set_category_image(
    session: Session,
    category_id: UUID,
    image_id: UUID | None,
    *,
    actor: Actor,
    cache: Cache,
    version: int | None = None,
) -> None:
    """Lets the category show this image; None takes it away.

    Refuses an unknown category (NOT_FOUND), staff of another department (FORBIDDEN), a category that is not at
    `version` any more (CONFLICT), and an unknown image (INVALID_INPUT).
    """
    category = shelves.lock(session, category_id)
    actor.require_department(category.department_id)
    require_version(category.version, version)
    if image_id is not None:
        require_image(session, image_id)
    before, category.image_id = category.image_id, image_id
    category.version += 1
    audit.note(
        session,
        AuditAction.CATEGORY_CHANGED,
        category_id,
        actor_id=actor.id,
        before={"image_id": None if before is None else str(before)},
        after={"image_id": None if image_id is None else str(image_id)},
    )
    announce(session, cache, also=[TREE])


def _checked(images: Sequence[Shown]) -> list[Shown]:
    if len(images) > MOST_IMAGES:
        raise InvalidInput(f"A product shows at most {MOST_IMAGES} images.", field="images")
    if len({each.image_id for each in images}) < len(images):
        raise InvalidInput("A product shows an image only once.", field="images")
    return [
        Shown(each.image_id, text.line(each.alt, "alt", longest=LONGEST_ALT) if each.alt.strip() else "")
        for each in images
    ]


def _shown_by(session: Session, product_id: UUID) -> list[list[str]]:
    chosen = select(ProductImage).where(ProductImage.product_id == product_id).order_by(ProductImage.position)
    return [_as_json(Shown(row.image_id, row.alt)) for row in session.scalars(chosen)]


def _as_json(shown: Shown) -> list[str]:
    return [str(shown.image_id), shown.alt]
