"""The fifty orders that make Alice a gold customer: paid long ago, one a week, a piece each."""

from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from demo.cast import CAST
from demo.goods import GOODS, NAMESPACE
from models import Order, Product, User
from utils import clock

_ORDERS = 50
# Older than what popularity counts.
_ENDED, _EACH = timedelta(days=120), timedelta(days=7)
_GOOD = next(good for good in GOODS if good.slug == "orange-juice-with-bits")
_PIECES_CAME = text(
    """
    INSERT INTO stock_movements (product_id, quantity, reason, created_at)
    VALUES (:product, :count, 'received', :moment)
    """
)
_PLACE = text(
    """
    WITH placed AS (
        INSERT INTO orders (id, customer_id, currency, total_amount, net_goods, net_shipping, tax_total,
                            discount_total, status, created_at, updated_at)
        SELECT w.id, :customer, :currency, :price, :price, 0, 0, 0, 'paid', w.moment, w.moment
        FROM unnest(CAST(:ids AS uuid[]), CAST(:moments AS timestamptz[])) AS w (id, moment)
        RETURNING id, created_at
    ), steps AS (
        INSERT INTO order_steps (order_id, status, created_at)
        SELECT id, status, created_at FROM placed CROSS JOIN unnest(ARRAY['pending', 'paid']) AS status
    ), taken AS (
        INSERT INTO stock_movements (product_id, quantity, reason, order_id, created_at)
        SELECT :product, -1, 'order', id, created_at FROM placed
    )
    INSERT INTO order_items (id, order_id, position, product_id, product_name, quantity, price_at_purchase,
                             line_total, discount_total, net_total, tax_total)
    SELECT id, id, 0, :product, :name, 1, :price, :price, 0, :price, 0 FROM placed
    """
)
_TIER = text(
    """
    WITH tier AS (
        INSERT INTO customer_tiers (customer_id, tier, successful_orders) VALUES (:customer, 'gold', :count)
        ON CONFLICT (customer_id) DO NOTHING RETURNING customer_id
    )
    INSERT INTO tier_changes (customer_id, before, after, successful_orders, reason, created_at)
    SELECT customer_id, step.before, step.after, step.orders, 'order', step.moment FROM tier CROSS JOIN (VALUES
        ('bronze', 'silver', 21, CAST(:silver AS timestamptz)), ('silver', 'gold', 50, CAST(:gold AS timestamptz))
    ) AS step (before, after, orders, moment)
    ORDER BY step.orders
    """
)


def add_missing_orders(session: Session, *, currency: str) -> UUID | None:
    """Places Alice's past orders if she has none; returns whose orders they are then.

    The good's stock stays what it was, since as many pieces came as went. Without the good, or its buyer, there are no
    orders.
    """
    alice = CAST[0].id
    price = session.scalar(select(Product.price).where(Product.id == _GOOD.product_id, Product.currency == currency))
    ordered = session.scalar(select(func.count()).select_from(Order).where(Order.customer_id == alice))
    if price is None or ordered or session.get(User, alice) is None:
        return None
    last = clock.now() - _ENDED
    moments = [last - _EACH * week for week in reversed(range(_ORDERS))]
    common = {"customer": alice, "product": _GOOD.product_id, "count": _ORDERS}
    session.execute(_PIECES_CAME, {**common, "moment": moments[0]})
    ids = [str(uuid5(NAMESPACE, f"past order {number}")) for number in range(_ORDERS)]
    given = {"ids": ids, "moments": moments, "name": _GOOD.name, "price": price, "currency": currency}
    session.execute(_PLACE, {**common, **given})
    session.execute(_TIER, {**common, "silver": moments[20], "gold": moments[49]})
    return alice
