"""Moments at which the catalogue changes by the clock alone: scheduled prices, and products that appear or go.

A moment that is not after `now` is a price that is due and not yet written to its product.
"""

# The first such moment until `horizon`; each part reads a few entries of a partial index.
NEXT_BOUNDARY = """least(
    (SELECT min(starts_at) FROM scheduled_prices
     WHERE applied_at IS NULL AND cancelled_at IS NULL AND starts_at <= %(horizon)s),
    (SELECT min(publish_from) FROM products WHERE publish_from > %(now)s AND publish_from <= %(horizon)s),
    (SELECT min(publish_until) FROM products WHERE publish_until > %(now)s AND publish_until <= %(horizon)s)
)
"""
