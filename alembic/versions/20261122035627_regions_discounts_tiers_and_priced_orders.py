"""Regions, discounts, tiers and priced orders.

Revision: 1862765d91e2, after: b81c66c95541, made: 2026-11-22 03:56:27.016621+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "1862765d91e2"
down_revision = "b81c66c95541"
branch_labels = None
depends_on = None

# What stands in orders of before was neither taxed nor reduced; products were sold in one currency. Without products the
# seed chooses the home region.
FILL = (
    "UPDATE orders SET net_goods = total_amount, net_shipping = 0, tax_total = 0, discount_total = 0",
    "UPDATE order_items SET net_total = line_total, tax_total = 0, discount_total = 0",
    "INSERT INTO region_countries (country, region_code) SELECT code, code FROM regions WHERE code ~ '^[A-Z]{2}$'",
    """
    UPDATE regions SET is_home = true WHERE code = (
        SELECT r.code FROM regions AS r
        JOIN (SELECT currency, count(*) AS goods FROM products GROUP BY currency) AS sold USING (currency)
        ORDER BY sold.goods DESC, r.code = 'US' DESC, r.code LIMIT 1
    )
    """,
)
PRICED = {
    "orders": ("net_goods", "net_shipping", "tax_total", "discount_total"),
    "order_items": ("net_total", "tax_total", "discount_total"),
}
STATUSES = "status IN ('pending', 'paid', 'cancelled', 'refunded')"
REASONS = "'initial', 'adjustment', 'order', 'received', 'returned', 'counted', 'damaged', 'lost', 'imported'"
TAX_CLASSES = "('standard', 'reduced', 'zero')"
# Of each table its rules by name: as they were, None for none, and as they are.
CHECKS: dict[str, dict[str, tuple[str | None, str]]] = {
    "orders": {
        "status_known": ("status IN ('pending')", STATUSES),
        "parts_not_negative": (None, "net_goods >= 0 AND net_shipping >= 0 AND tax_total >= 0"),
        "parts_are_the_total": (None, "net_goods + net_shipping + tax_total = total_amount"),
        "discount_not_negative": (None, "discount_total >= 0"),
    },
    "order_steps": {"status_known": ("status IN ('pending')", STATUSES)},
    "order_items": {"parts_not_negative": (None, "discount_total >= 0 AND net_total >= 0 AND tax_total >= 0")},
    "stock_movements": {
        "reason_known": (f"reason IN ({REASONS})", f"reason IN ({REASONS}, 'cancelled')"),
        "order_named": (
            "(reason = 'order') = (order_id IS NOT NULL)",
            "(reason IN ('order', 'cancelled')) = (order_id IS NOT NULL)",
        ),
    },
    "regions": {
        "code_spelled": (None, "code ~ '^[A-Z0-9]{2,8}$'"),
        "shipping_price_not_negative": (None, "shipping_price >= 0"),
        "shipping_tax_class_known": (None, f"shipping_tax_class IN {TAX_CLASSES}"),
        "not_its_own_fallback": (None, "fallback_code <> code"),
        "home_needs_no_fallback": (None, "NOT is_home OR fallback_code IS NULL"),
    },
}
_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION refuse_change_of_price_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM products WHERE id = OLD.product_id) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND (NEW.id, NEW.product_id, NEW.price, NEW.currency, NEW.effective_from, NEW.reason, NEW.created_at)
            = (OLD.id, OLD.product_id, OLD.price, OLD.currency, OLD.effective_from, OLD.reason, OLD.created_at){more}
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'price_changes is append-only' USING ERRCODE = 'restrict_violation';
END
$$
"""
APPEND_ONLY_BEFORE = _APPEND_ONLY.replace("{more}", "")
APPEND_ONLY_NOW = _APPEND_ONLY.replace("{more}", "\n        AND NEW.region_code IS NOT DISTINCT FROM OLD.region_code")

# The rule of fall-back (models/region.py) for some products and regions. Rows that stay as they are are not written. A
# plan that was made for one product, or for a small shop, would take minutes for ten thousand: each time a new one.
_KEEP = """
CREATE FUNCTION {function} RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN{first}
    WITH ruled AS MATERIALIZED (
        SELECT {id} AS product_id, r.code AS region_code, r.currency, p.category_id, p.status,
            CASE WHEN NOT r.is_home THEN coalesce(own.price, fallen.price,
                CASE WHEN p.currency = r.currency THEN p.price END) END AS price,
            CASE WHEN own.price IS NOT NULL THEN 'region' WHEN fallen.price IS NOT NULL THEN 'fallback'
                ELSE 'product' END AS source
        FROM {products} CROSS JOIN regions AS r
        LEFT JOIN region_prices AS own ON own.product_id = p.id AND own.region_code = r.code
        LEFT JOIN regions AS other ON other.code = r.fallback_code AND other.currency = r.currency
        LEFT JOIN region_prices AS fallen ON fallen.product_id = p.id AND fallen.region_code = other.code
        WHERE {regions}
    ), gone AS (
        DELETE FROM current_prices AS c USING ruled
        WHERE ruled.price IS NULL AND c.product_id = ruled.product_id AND c.region_code = ruled.region_code
    )
    INSERT INTO current_prices (product_id, region_code, price, currency, category_id, status, source)
    SELECT product_id, region_code, ruled.price, ruled.currency, ruled.category_id, ruled.status, ruled.source
    FROM ruled LEFT JOIN current_prices AS c USING (product_id, region_code)
    WHERE ruled.price IS NOT NULL AND (c.price, c.currency, c.category_id, c.status, c.source)
        IS DISTINCT FROM (ruled.price, ruled.currency, ruled.category_id, ruled.status, ruled.source)
    ORDER BY product_id, region_code
    ON CONFLICT (product_id, region_code) DO UPDATE SET price = EXCLUDED.price, currency = EXCLUDED.currency,
        category_id = EXCLUDED.category_id, status = EXCLUDED.status, source = EXCLUDED.source;
END
$$
"""
# Writers of products and of their prices share the advisory lock; who changes regions has it alone, and sees them all.
KEPT_PRICES = (
    # Each product named once; NULL: all of them, and what is left of gone ones.
    _KEEP.format(
        function="keep_current_prices(wanted uuid[])",
        first="""
    IF wanted IS NULL THEN
        wanted := ARRAY(SELECT id FROM products UNION SELECT product_id FROM current_prices);
    END IF;""",
        id="w.id",
        products="unnest(wanted) AS w (id) LEFT JOIN products AS p ON p.id = w.id",
        regions="true",
    ),
    # Of all products, in one region and in those that fall back to it.
    _KEEP.format(
        function="keep_current_prices_in_region(changed text)",
        first="",
        id="p.id",
        products="products AS p",
        regions="r.code = changed OR r.fallback_code = changed",
    ),
    # Most shops have one region for each currency: then most products are sold at home only, and cost no more to write.
    """
    CREATE FUNCTION keep_current_prices_where_sold(written uuid[]) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_custom_plan AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtext('regions and prices'));
        written := ARRAY(SELECT id FROM products AS p WHERE id = ANY (written)
            AND (currency IN (SELECT currency FROM regions WHERE NOT is_home)
                OR EXISTS (SELECT FROM current_prices WHERE product_id = p.id)));
        IF written <> '{}' THEN
            PERFORM keep_current_prices(written);
        END IF;
    END
    $$
    """,
    """
    CREATE FUNCTION keep_current_prices_of_new_products() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_current_prices_where_sold(ARRAY(SELECT id FROM written));
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER current_prices_of_new_products_are_kept AFTER INSERT ON products
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_current_prices_of_new_products()
    """,
    # EXCEPT, since a join of the two might be planned for one row and then meet ten thousand.
    """
    CREATE FUNCTION keep_current_prices_of_products() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        changed uuid[];
    BEGIN
        changed := ARRAY(SELECT id FROM (
            SELECT id, price, currency, category_id, status FROM written
            EXCEPT SELECT id, price, currency, category_id, status FROM before) AS c);
        IF changed <> '{}' THEN
            PERFORM keep_current_prices_where_sold(changed);
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER current_prices_of_products_are_kept AFTER UPDATE ON products
    REFERENCING OLD TABLE AS before NEW TABLE AS written FOR EACH STATEMENT
    EXECUTE FUNCTION keep_current_prices_of_products()
    """,
    # Instead of a foreign key, for which who changes a region would wait for products whose writers wait for that end.
    """
    CREATE FUNCTION forget_current_prices_of_products() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtext('regions and prices'));
        PERFORM keep_current_prices(ARRAY(SELECT id FROM gone));
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER current_prices_of_gone_products_are_forgotten AFTER DELETE ON products
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_current_prices_of_products()
    """,
    # INSERT ... ON CONFLICT and removed products call it without rows, too.
    """
    CREATE FUNCTION keep_current_prices_of_region_prices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM written) THEN
            PERFORM pg_advisory_xact_lock_shared(hashtext('regions and prices'));
            PERFORM keep_current_prices(ARRAY(SELECT DISTINCT product_id FROM written));
        END IF;
        RETURN NULL;
    END
    $$
    """,
    *(
        f"""
        CREATE TRIGGER current_prices_are_kept_on_{act.lower()} AFTER {act} ON region_prices
        REFERENCING {rows} TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION keep_current_prices_of_region_prices()
        """
        for act, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
    """
    CREATE FUNCTION keep_current_prices_of_region() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('regions and prices'));
        PERFORM keep_current_prices_in_region(NEW.code);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER current_prices_of_new_regions_are_kept AFTER INSERT ON regions
    FOR EACH ROW EXECUTE FUNCTION keep_current_prices_of_region()
    """,
    """
    CREATE TRIGGER current_prices_of_regions_are_kept AFTER UPDATE OF currency, fallback_code, is_home ON regions
    FOR EACH ROW WHEN ((OLD.currency, OLD.fallback_code, OLD.is_home)
        IS DISTINCT FROM (NEW.currency, NEW.fallback_code, NEW.is_home))
    EXECUTE FUNCTION keep_current_prices_of_region()
    """,
)
NOT_KEPT_PRICES = (
    "DROP TRIGGER current_prices_of_regions_are_kept ON regions",
    "DROP TRIGGER current_prices_of_new_regions_are_kept ON regions",
    *(f"DROP TRIGGER current_prices_are_kept_on_{act} ON region_prices" for act in ("insert", "update", "delete")),
    "DROP TRIGGER current_prices_of_gone_products_are_forgotten ON products",
    "DROP TRIGGER current_prices_of_products_are_kept ON products",
    "DROP TRIGGER current_prices_of_new_products_are_kept ON products",
    "DROP FUNCTION keep_current_prices_of_region()",
    "DROP FUNCTION keep_current_prices_of_region_prices()",
    "DROP FUNCTION forget_current_prices_of_products()",
    "DROP FUNCTION keep_current_prices_of_products()",
    "DROP FUNCTION keep_current_prices_of_new_products()",
    "DROP FUNCTION keep_current_prices_where_sold(uuid[])",
    "DROP FUNCTION keep_current_prices_in_region(text)",
    "DROP FUNCTION keep_current_prices(uuid[])",
)
# What the release before cannot hold.
LOST = {
    "orders that are not pending": "SELECT FROM orders WHERE status <> 'pending'",
    "orders priced with taxes, discounts or shipping": (
        "SELECT FROM orders WHERE net_goods <> total_amount OR discount_total <> 0"
    ),
    "discounts": "SELECT FROM discounts",
    "tiers of customers": "SELECT FROM customer_tiers",
    "prices of regions": "SELECT FROM price_changes WHERE region_code IS NOT NULL",
    "scheduled prices of regions": "SELECT FROM scheduled_prices WHERE region_code IS NOT NULL",
}


def refuse_what_would_be_lost() -> None:
    for what, rows in LOST.items():
        if op.get_bind().scalar(sa.text(f"SELECT EXISTS ({rows})")):
            raise SystemExit(f"Nothing was migrated: the release before knows no {what}.")


def upgrade() -> None:
    op.create_table(
        "pricing_rules",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pricing_rules")),
    )
    op.create_table(
        "region_countries",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region_code", sa.String(length=8), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_region_countries_country_is_iso")),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_region_countries_region_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_region_countries")),
    )
    op.create_index(op.f("ix_region_countries_region_code"), "region_countries", ["region_code"], unique=False)
    op.create_table(
        "customer_tiers",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("successful_orders", sa.Integer(), nullable=False),
        sa.CheckConstraint("tier IN ('bronze', 'silver', 'gold')", name=op.f("ck_customer_tiers_tier_known")),
        sa.CheckConstraint("successful_orders >= 0", name=op.f("ck_customer_tiers_orders_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_customer_tiers_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_tiers")),
    )
    op.create_table(
        "discounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("applies_to", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("buy_quantity", sa.Integer(), nullable=True),
        sa.Column("get_quantity", sa.Integer(), nullable=True),
        sa.Column("all_goods", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("bought_apart", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tiers", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("region_codes", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("for_named_customers", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first_order_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("min_amounts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("min_quantity", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("needs_code", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("total_limit", sa.Integer(), nullable=True),
        sa.Column("per_customer_limit", sa.Integer(), nullable=True),
        sa.Column("used_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="100", nullable=False),
        sa.Column("exclusive_group", sa.Text(), nullable=True),
        sa.Column("combines_with", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(amounts <> '{}') = (kind = 'amount')", name=op.f("ck_discounts_amounts_where_due")),
        sa.CheckConstraint(
            "(buy_quantity IS NOT NULL) = (kind = 'buy_x_get_y')", name=op.f("ck_discounts_buy_where_due")
        ),
        sa.CheckConstraint(
            "(get_quantity IS NOT NULL) = (kind = 'buy_x_get_y')", name=op.f("ck_discounts_get_where_due")
        ),
        sa.CheckConstraint(
            "(kind = 'free_shipping') = (applies_to = 'shipping')", name=op.f("ck_discounts_shipping_is_free_or_not")
        ),
        sa.CheckConstraint(
            "(percent IS NOT NULL) = (kind IN ('percent', 'buy_x_get_y'))", name=op.f("ck_discounts_percent_where_due")
        ),
        sa.CheckConstraint("(steps <> '[]') = (kind = 'quantity_steps')", name=op.f("ck_discounts_steps_where_due")),
        sa.CheckConstraint(
            "applies_to = 'product' OR kind IN ('percent', 'amount', 'free_shipping')",
            name=op.f("ck_discounts_kind_fits"),
        ),
        sa.CheckConstraint(
            "applies_to IN ('product', 'order', 'shipping')", name=op.f("ck_discounts_applies_to_known")
        ),
        sa.CheckConstraint(
            "combines_with <@ ARRAY['product', 'order', 'shipping']", name=op.f("ck_discounts_combines_with_known")
        ),
        sa.CheckConstraint(
            "kind IN ('percent', 'amount', 'buy_x_get_y', 'quantity_steps', 'free_shipping')",
            name=op.f("ck_discounts_kind_known"),
        ),
        sa.CheckConstraint("tiers <@ ARRAY['bronze', 'silver', 'gold']", name=op.f("ck_discounts_tiers_known")),
        sa.CheckConstraint("buy_quantity > 0 AND get_quantity > 0", name=op.f("ck_discounts_quantities_positive")),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name=op.f("ck_discounts_percent_in_range")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_discounts_lasts_a_while")),
        sa.CheckConstraint("total_limit > 0 AND per_customer_limit > 0", name=op.f("ck_discounts_limits_positive")),
        sa.CheckConstraint(
            "used_count >= 0 AND used_count <= total_limit", name=op.f("ck_discounts_used_within_limit")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_discounts_created_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discounts")),
    )
    op.create_index(
        "ix_discounts_active", "discounts", ["ends_at"], unique=False, postgresql_where=sa.text("is_active")
    )
    op.create_index(
        "ix_discounts_newest",
        "discounts",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=8), nullable=False),
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tax_class IN ('standard', 'reduced', 'zero')", name=op.f("ck_tax_rates_tax_class_known")),
        sa.CheckConstraint("percent >= 0 AND percent <= 100", name=op.f("ck_tax_rates_percent_in_range")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_tax_rates_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_tax_rates_region_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.UniqueConstraint(
            "region_code",
            "tax_class",
            "name",
            "valid_from",
            name=op.f("uq_tax_rates_region_code_tax_class_name_valid_from"),
        ),
    )
    op.create_table(
        "tier_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("successful_orders", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "after IN ('bronze', 'silver', 'gold') AND after <> before", name=op.f("ck_tier_changes_after_known")
        ),
        sa.CheckConstraint("before IN ('bronze', 'silver', 'gold')", name=op.f("ck_tier_changes_before_known")),
        sa.CheckConstraint("reason IN ('order', 'repair')", name=op.f("ck_tier_changes_reason_known")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_tier_changes_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_changes")),
    )
    op.create_index(
        "ix_tier_changes_customer", "tier_changes", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discount_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("use_limit", sa.Integer(), nullable=True),
        sa.Column("used_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_discount_codes_code_in_capitals")),
        sa.CheckConstraint("use_limit > 0", name=op.f("ck_discount_codes_limit_positive")),
        sa.CheckConstraint(
            "used_count >= 0 AND used_count <= use_limit", name=op.f("ck_discount_codes_used_within_limit")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_discount_codes_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["discounts.id"], name=op.f("fk_discount_codes_discount_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_discount_codes_code")),
    )
    op.create_index(op.f("ix_discount_codes_discount_id"), "discount_codes", ["discount_id"], unique=False)
    op.create_table(
        "discount_customer_uses",
        sa.Column("discount_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("used_count >= 0", name=op.f("ck_discount_customer_uses_used_not_negative")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_discount_customer_uses_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["discounts.id"], name=op.f("fk_discount_customer_uses_discount_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("discount_id", "customer_id", name=op.f("pk_discount_customer_uses")),
    )
    op.create_index(
        op.f("ix_discount_customer_uses_customer_id"), "discount_customer_uses", ["customer_id"], unique=False
    )
    op.create_table(
        "discount_customers",
        sa.Column("discount_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_discount_customers_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["discounts.id"], name=op.f("fk_discount_customers_discount_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("discount_id", "customer_id", name=op.f("pk_discount_customers")),
    )
    op.create_index(op.f("ix_discount_customers_customer_id"), "discount_customers", ["customer_id"], unique=False)
    op.create_table(
        "order_pricing",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("rules_digest", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_pricing_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rules_digest"], ["pricing_rules.digest"], name=op.f("fk_order_pricing_rules_digest"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_pricing")),
    )
    op.create_index(op.f("ix_order_pricing_rules_digest"), "order_pricing", ["rules_digest"], unique=False)
    op.create_table(
        "discount_uses",
        sa.Column("discount_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_discount_uses_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_discount_uses_code_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_discount_uses_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["discounts.id"], name=op.f("fk_discount_uses_discount_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_discount_uses_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("discount_id", "order_id", name=op.f("pk_discount_uses")),
    )
    op.create_index(op.f("ix_discount_uses_code_id"), "discount_uses", ["code_id"], unique=False)
    op.create_index(op.f("ix_discount_uses_customer_id"), "discount_uses", ["customer_id"], unique=False)
    op.create_index(op.f("ix_discount_uses_order_id"), "discount_uses", ["order_id"], unique=False)
    op.create_table(
        "current_prices",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=8), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_current_prices_region_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "region_code", name=op.f("pk_current_prices")),
    )
    op.create_index(
        "ix_current_prices_category_price",
        "current_prices",
        ["region_code", "category_id", "price", "product_id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_current_prices_price",
        "current_prices",
        ["region_code", "price", "product_id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_table(
        "discount_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("discount_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), server_default="reduced", nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("collection_id", sa.Uuid(), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("side IN ('reduced', 'bought')", name=op.f("ck_discount_targets_side_known")),
        sa.CheckConstraint(
            "num_nonnulls(product_id, category_id, collection_id, brand_id) = 1",
            name=op.f("ck_discount_targets_one_thing"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_discount_targets_brand_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_discount_targets_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_discount_targets_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["discounts.id"], name=op.f("fk_discount_targets_discount_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_discount_targets_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_targets")),
        sa.UniqueConstraint(
            "discount_id",
            "side",
            "product_id",
            "category_id",
            "collection_id",
            "brand_id",
            name="uq_discount_targets_thing",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_discount_targets_brand_id"), "discount_targets", ["brand_id"], unique=False)
    op.create_index(op.f("ix_discount_targets_category_id"), "discount_targets", ["category_id"], unique=False)
    op.create_index(op.f("ix_discount_targets_collection_id"), "discount_targets", ["collection_id"], unique=False)
    op.create_index(op.f("ix_discount_targets_product_id"), "discount_targets", ["product_id"], unique=False)
    op.create_table(
        "region_prices",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=8), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_region_prices_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_region_prices_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["regions.code"], name=op.f("fk_region_prices_region_code"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("product_id", "region_code", name=op.f("pk_region_prices")),
    )
    op.create_index(op.f("ix_region_prices_region_code"), "region_prices", ["region_code"], unique=False)
    op.add_column("order_items", sa.Column("discount_total", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("order_items", sa.Column("net_total", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("order_items", sa.Column("tax_total", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("orders", sa.Column("net_goods", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("orders", sa.Column("net_shipping", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("orders", sa.Column("tax_total", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("orders", sa.Column("discount_total", sa.Numeric(precision=14, scale=3), nullable=True))
    op.add_column("orders", sa.Column("region_code", sa.String(length=8), nullable=True))
    op.create_index(
        "ix_orders_successful", "orders", ["customer_id"], unique=False, postgresql_where=sa.text("status = 'paid'")
    )
    op.create_foreign_key(
        op.f("fk_orders_region_code"), "orders", "regions", ["region_code"], ["code"], ondelete="RESTRICT"
    )
    op.add_column("price_changes", sa.Column("region_code", sa.String(length=8), nullable=True))
    op.create_foreign_key(
        op.f("fk_price_changes_region_code"), "price_changes", "regions", ["region_code"], ["code"], ondelete="RESTRICT"
    )
    op.add_column("regions", sa.Column("is_home", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "regions", sa.Column("prices_include_tax", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("regions", sa.Column("fallback_code", sa.String(length=8), nullable=True))
    op.add_column(
        "regions", sa.Column("shipping_price", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False)
    )
    op.add_column("regions", sa.Column("shipping_tax_class", sa.Text(), server_default="standard", nullable=False))
    op.add_column("regions", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("uq_regions_home", "regions", ["is_home"], unique=True, postgresql_where=sa.text("is_home"))
    op.create_foreign_key(
        op.f("fk_regions_fallback_code"), "regions", "regions", ["fallback_code"], ["code"], ondelete="RESTRICT"
    )
    op.add_column("scheduled_prices", sa.Column("region_code", sa.String(length=8), nullable=True))
    op.drop_index(
        op.f("uq_scheduled_prices_moment"),
        table_name="scheduled_prices",
        postgresql_where="((applied_at IS NULL) AND (cancelled_at IS NULL))",
    )
    op.create_index(
        "uq_scheduled_prices_moment",
        "scheduled_prices",
        ["product_id", "region_code", "starts_at"],
        unique=True,
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_foreign_key(
        op.f("fk_scheduled_prices_region_code"),
        "scheduled_prices",
        "regions",
        ["region_code"],
        ["code"],
        ondelete="RESTRICT",
    )
    op.add_column("users", sa.Column("region_code", sa.String(length=8), nullable=True))
    op.create_index(op.f("ix_users_region_code"), "users", ["region_code"], unique=False)
    op.create_foreign_key(
        op.f("fk_users_region_code"), "users", "regions", ["region_code"], ["code"], ondelete="SET NULL"
    )

    for statement in FILL:
        op.execute(statement)
    for table, columns in PRICED.items():
        for column in columns:
            op.alter_column(table, column, nullable=False)
    for table, checks in CHECKS.items():
        for name, (_, now) in checks.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check", if_exists=True)
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, now)
    for statement in (APPEND_ONLY_NOW, *KEPT_PRICES):
        op.execute(statement)
    op.execute("SELECT keep_current_prices(NULL)")


def downgrade() -> None:
    refuse_what_would_be_lost()
    for statement in (*NOT_KEPT_PRICES, APPEND_ONLY_BEFORE):
        op.execute(statement)
    for table, checks in CHECKS.items():
        for name, (before, _) in checks.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
            if before is not None:
                op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, before)
    op.drop_constraint(op.f("fk_users_region_code"), "users", type_="foreignkey")
    op.drop_index(op.f("ix_users_region_code"), table_name="users")
    op.drop_column("users", "region_code")
    op.drop_constraint(op.f("fk_scheduled_prices_region_code"), "scheduled_prices", type_="foreignkey")
    op.drop_index(
        "uq_scheduled_prices_moment",
        table_name="scheduled_prices",
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        op.f("uq_scheduled_prices_moment"),
        "scheduled_prices",
        ["product_id", "starts_at"],
        unique=True,
        postgresql_where="((applied_at IS NULL) AND (cancelled_at IS NULL))",
    )
    op.drop_column("scheduled_prices", "region_code")
    op.drop_constraint(op.f("fk_regions_fallback_code"), "regions", type_="foreignkey")
    op.drop_index("uq_regions_home", table_name="regions", postgresql_where=sa.text("is_home"))
    op.drop_column("regions", "version")
    op.drop_column("regions", "shipping_tax_class")
    op.drop_column("regions", "shipping_price")
    op.drop_column("regions", "fallback_code")
    op.drop_column("regions", "prices_include_tax")
    op.drop_column("regions", "is_home")
    op.drop_constraint(op.f("fk_price_changes_region_code"), "price_changes", type_="foreignkey")
    op.drop_column("price_changes", "region_code")
    op.drop_constraint(op.f("fk_orders_region_code"), "orders", type_="foreignkey")
    op.drop_index("ix_orders_successful", table_name="orders", postgresql_where=sa.text("status = 'paid'"))
    op.drop_column("orders", "region_code")
    op.drop_column("orders", "discount_total")
    op.drop_column("orders", "tax_total")
    op.drop_column("orders", "net_shipping")
    op.drop_column("orders", "net_goods")
    op.drop_column("order_items", "tax_total")
    op.drop_column("order_items", "net_total")
    op.drop_column("order_items", "discount_total")
    op.drop_index(op.f("ix_region_prices_region_code"), table_name="region_prices")
    op.drop_table("region_prices")
    op.drop_index(op.f("ix_discount_targets_product_id"), table_name="discount_targets")
    op.drop_index(op.f("ix_discount_targets_collection_id"), table_name="discount_targets")
    op.drop_index(op.f("ix_discount_targets_category_id"), table_name="discount_targets")
    op.drop_index(op.f("ix_discount_targets_brand_id"), table_name="discount_targets")
    op.drop_table("discount_targets")
    op.drop_index(
        "ix_current_prices_price", table_name="current_prices", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_index(
        "ix_current_prices_category_price",
        table_name="current_prices",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.drop_table("current_prices")
    op.drop_index(op.f("ix_discount_uses_order_id"), table_name="discount_uses")
    op.drop_index(op.f("ix_discount_uses_customer_id"), table_name="discount_uses")
    op.drop_index(op.f("ix_discount_uses_code_id"), table_name="discount_uses")
    op.drop_table("discount_uses")
    op.drop_index(op.f("ix_order_pricing_rules_digest"), table_name="order_pricing")
    op.drop_table("order_pricing")
    op.drop_index(op.f("ix_discount_customers_customer_id"), table_name="discount_customers")
    op.drop_table("discount_customers")
    op.drop_index(op.f("ix_discount_customer_uses_customer_id"), table_name="discount_customer_uses")
    op.drop_table("discount_customer_uses")
    op.drop_index(op.f("ix_discount_codes_discount_id"), table_name="discount_codes")
    op.drop_table("discount_codes")
    op.drop_index("ix_tier_changes_customer", table_name="tier_changes")
    op.drop_table("tier_changes")
    op.drop_table("tax_rates")
    op.drop_index("ix_discounts_newest", table_name="discounts")
    op.drop_index("ix_discounts_active", table_name="discounts", postgresql_where=sa.text("is_active"))
    op.drop_table("discounts")
    op.drop_table("customer_tiers")
    op.drop_index(op.f("ix_region_countries_region_code"), table_name="region_countries")
    op.drop_table("region_countries")
    op.drop_table("pricing_rules")
