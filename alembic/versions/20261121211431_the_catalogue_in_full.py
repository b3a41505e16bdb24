"""the catalogue in full.

Revision: c910289208e2, after: beba364b589c, made: 2026-11-21 21:14:31.562985+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c910289208e2"
down_revision = "beba364b589c"
branch_labels = None
depends_on = None

# Text as the search compares it: lower case, without accents, and without the signs that the parser of full text would
# join words by (a/b would be the name of a file). It names its schema, so that a restored dump finds it. A search must
# not be shared among processes, which would find the first thousand in any order.
FOLD = r"""
CREATE FUNCTION public.search_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL UNSAFE
AS $$ SELECT lower(public.unaccent('public.unaccent', translate($1, '/@_-+:&=?#~*|\', '              '))) $$
"""
WORDS = """
CREATE FUNCTION public.search_words_in(text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL UNSAFE
AS $$
    SELECT DISTINCT word FROM regexp_split_to_table(public.search_fold($1), '[^[:alnum:]]+') AS word
    WHERE length(word) BETWEEN 2 AND 40
$$
"""
# Each letter of a word of five or more left out in turn: two words that differ by one letter share such a remainder.
VARIANTS = """
CREATE FUNCTION public.search_variants_of(text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT $1 WHERE length($1) >= 4
    UNION
    SELECT left($1, place - 1) || substr($1, place + 1) FROM generate_series(1, length($1)) AS place
    WHERE length($1) >= 5
$$
"""
# Keeps the words of these texts that are not known yet. In one order, so that two who bring the same ones do not wait
# for each other in a circle.
KEEP_WORDS = """
CREATE FUNCTION public.keep_search_words(text[]) RETURNS void LANGUAGE sql AS $$
    WITH fresh AS (
        INSERT INTO public.search_words
        SELECT DISTINCT found.word FROM unnest($1) AS said CROSS JOIN LATERAL public.search_words_in(said) AS found (word)
        WHERE NOT EXISTS (SELECT FROM public.search_words AS known WHERE known.word = found.word)
        ORDER BY found.word
        ON CONFLICT DO NOTHING
        RETURNING word
    )
    INSERT INTO public.search_word_variants (variant, word)
    SELECT variant, word FROM fresh CROSS JOIN LATERAL public.search_variants_of(word) AS variant
    ON CONFLICT DO NOTHING
$$
"""
DESCRIBE = """
CREATE FUNCTION public.describe_product_for_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    brand text := coalesce((SELECT name FROM public.brands WHERE id = NEW.brand_id), '');
    tags text := array_to_string(NEW.tags, ' ');
BEGIN
    NEW.search := setweight(to_tsvector('english', public.search_fold(NEW.name)), 'A')
        || setweight(to_tsvector('english', public.search_fold(brand || ' ' || tags)), 'B')
        || setweight(to_tsvector('english', public.search_fold(NEW.description)), 'C');
    -- What is new brings its words all at once, by the next trigger.
    IF TG_OP = 'UPDATE' THEN
        PERFORM public.keep_search_words(ARRAY[NEW.name, brand, tags]);
    END IF;
    RETURN NEW;
END
$$
"""
KEEP_NEW_WORDS = """
CREATE FUNCTION public.keep_words_of_new_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM public.keep_search_words(ARRAY(
        SELECT made.name || ' ' || array_to_string(made.tags, ' ') FROM made
        UNION SELECT name FROM public.brands WHERE id IN (SELECT brand_id FROM made)));
    RETURN NULL;
END
$$
"""
DESCRIBE_NEW = """
CREATE TRIGGER products_are_described_when_made BEFORE INSERT ON products
FOR EACH ROW EXECUTE FUNCTION public.describe_product_for_search()
"""
WORDS_OF_NEW = """
CREATE TRIGGER words_of_products_are_kept AFTER INSERT ON products REFERENCING NEW TABLE AS made
FOR EACH STATEMENT EXECUTE FUNCTION public.keep_words_of_new_products()
"""
DESCRIBE_CHANGED = """
CREATE TRIGGER products_are_described_when_changed BEFORE UPDATE OF name, description, tags, brand_id ON products
FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.tags) IS DISTINCT FROM (NEW.name, NEW.description, NEW.tags)
    OR OLD.brand_id IS DISTINCT FROM NEW.brand_id)
EXECUTE FUNCTION public.describe_product_for_search()
"""
# What is there already is described once, by a trigger that looks at nothing else.
DESCRIBE_PRESENT = (
    "CREATE TRIGGER describe_present BEFORE UPDATE ON products"
    " FOR EACH ROW EXECUTE FUNCTION public.describe_product_for_search()",
    "UPDATE products SET search = ''",
    "DROP TRIGGER describe_present ON products",
)
# What each product costs now it has cost since it was made, as far as anybody knows.
BEGIN_HISTORY = """
INSERT INTO price_changes (product_id, price, currency, effective_from, reason, created_at)
SELECT id, price, currency, created_at, 'initial', created_at FROM products
"""
# The history of prices is append-only, as the ledger of stock is (see the first migration).
APPEND_ONLY_FUNCTION = """
CREATE FUNCTION refuse_change_of_price_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM products WHERE id = OLD.product_id) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND (NEW.id, NEW.product_id, NEW.price, NEW.currency, NEW.effective_from, NEW.reason, NEW.created_at)
            = (OLD.id, OLD.product_id, OLD.price, OLD.currency, OLD.effective_from, OLD.reason, OLD.created_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'price_changes is append-only' USING ERRCODE = 'restrict_violation';
END
$$
"""
APPEND_ONLY_TRIGGER = """
CREATE TRIGGER price_changes_are_append_only BEFORE UPDATE OR DELETE ON price_changes
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_price_changes()
"""
# Both are kept whole as well; so are the products, since TRUNCATE would take these along.
KEPT_WHOLE_FUNCTION = """
CREATE FUNCTION refuse_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
KEPT_WHOLE_TRIGGERS = tuple(
    f"CREATE TRIGGER {table}_are_kept_whole BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
    for table in ("price_changes", "stock_movements")
)

CHECKS = {
    "status_known": "status IN ('draft', 'published', 'withdrawn')",
    "tax_class_known": "tax_class IN ('standard', 'reduced', 'zero')",
    "content_unit_known": "content_unit IN ('g', 'kg', 'ml', 'l', 'cm', 'm', 'm2', 'piece')",
    "content_whole": "(content_amount IS NULL) = (content_unit IS NULL)",
    "content_positive": "content_amount > 0",
    "published_for_a_while": "publish_from < publish_until",
    "options_of_a_family": "(family_id IS NULL) = (cardinality(option_values) = 0)",
    "low_stock_not_negative": "low_stock_at >= 0",
}
REASONS = "'initial', 'adjustment', 'order', 'received', 'returned', 'counted', 'damaged', 'lost', 'imported'"
ON_SALE = sa.text("status = 'published'")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    for each in (FOLD, WORDS, VARIANTS):
        op.execute(each)
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "brands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("slug", name=op.f("uq_brands_slug")),
    )
    op.create_index("uq_brands_name", "brands", [sa.literal_column("lower(name)")], unique=True)
    op.create_index("ix_brands_folded", "brands", [sa.literal_column('(public.search_fold(name)) COLLATE "C"')])
    op.create_table(
        "families",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(options) BETWEEN 1 AND 5", name=op.f("ck_families_some_options")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_families")),
    )
    op.create_table(
        "search_word_variants",
        sa.Column("variant", sa.TEXT(collation="C"), nullable=False),
        sa.Column("word", sa.TEXT(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("variant", "word", name=op.f("pk_search_word_variants")),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.TEXT(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thumbnails_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "content_type IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("ck_images_content_type_known")
        ),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_images_has_a_size")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_images_uploaded_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
    )
    op.create_index(op.f("ix_images_uploaded_by"), "images", ["uploaded_by"], unique=False)
    op.create_index(
        "ix_images_without_thumbnails",
        "images",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("thumbnails_made_at IS NULL"),
    )
    op.create_table(
        "import_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.CheckConstraint("format IN ('csv', 'jsonl')", name=op.f("ck_import_jobs_format_known")),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'refused', 'failed')", name=op.f("ck_import_jobs_status_known")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_import_jobs_actor_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_jobs")),
    )
    op.create_index(op.f("ix_import_jobs_actor_id"), "import_jobs", ["actor_id"], unique=False)
    op.create_table(
        "collections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_collections_image_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("slug", name=op.f("uq_collections_slug")),
    )
    op.create_index(op.f("ix_collections_image_id"), "collections", ["image_id"], unique=False)
    op.create_table(
        "collection_products",
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name=op.f("fk_collection_products_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_collection_products_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_collection_products")),
    )
    op.create_index(
        "ix_collection_products_place", "collection_products", ["collection_id", "position", "product_id"], unique=False
    )
    op.create_index(op.f("ix_collection_products_product_id"), "collection_products", ["product_id"], unique=False)
    op.create_table(
        "price_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('initial', 'changed', 'scheduled', 'imported')", name=op.f("ck_price_changes_reason_known")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_price_changes_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_price_changes_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_price_changes_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_changes")),
    )
    op.create_index(
        "ix_price_changes_product",
        "price_changes",
        ["product_id", sa.literal_column("effective_from DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "product_images",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_product_images_image_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_images_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "image_id", name=op.f("pk_product_images")),
    )
    op.create_index(op.f("ix_product_images_image_id"), "product_images", ["image_id"], unique=False)
    op.create_table(
        "scheduled_prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("price >= 0", name=op.f("ck_scheduled_prices_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_scheduled_prices_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_scheduled_prices_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_prices")),
    )
    op.create_index(
        "ix_scheduled_prices_pending",
        "scheduled_prices",
        ["starts_at"],
        unique=False,
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index(op.f("ix_scheduled_prices_product_id"), "scheduled_prices", ["product_id"], unique=False)
    op.create_index(
        "uq_scheduled_prices_moment",
        "scheduled_prices",
        ["product_id", "starts_at"],
        unique=True,
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "stock_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stock_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('low', 'out', 'back')", name=op.f("ck_stock_alerts_kind_known")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_alerts_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_alerts")),
    )
    op.create_index(op.f("ix_stock_alerts_product_id"), "stock_alerts", ["product_id"], unique=False)
    op.create_table(
        "stripe_products",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_id", sa.Text(), nullable=True),
        sa.Column("pushed", sa.Text(), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_stripe_products")),
    )
    op.add_column("categories", sa.Column("description", sa.Text(), server_default="", nullable=False))
    op.add_column("categories", sa.Column("image_id", sa.Uuid(), nullable=True))
    op.add_column("categories", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(op.f("ix_categories_image_id"), "categories", ["image_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_categories_image_id"), "categories", "images", ["image_id"], ["id"], ondelete="RESTRICT"
    )
    op.add_column("products", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("products", sa.Column("sku", sa.Text(), nullable=True))
    op.add_column("products", sa.Column("barcode", sa.Text(), nullable=True))
    op.add_column("products", sa.Column("brand_id", sa.Uuid(), nullable=True))
    op.add_column("products", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("products", sa.Column("tax_class", sa.Text(), server_default="standard", nullable=False))
    op.add_column("products", sa.Column("content_amount", sa.Numeric(precision=12, scale=3), nullable=True))
    op.add_column("products", sa.Column("content_unit", sa.Text(), nullable=True))
    op.add_column("products", sa.Column("publish_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("products", sa.Column("publish_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("products", sa.Column("family_id", sa.Uuid(), nullable=True))
    op.add_column(
        "products", sa.Column("option_values", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("products", sa.Column("low_stock_at", sa.Integer(), nullable=True))
    op.add_column("products", sa.Column("popularity", sa.Integer(), server_default="0", nullable=False))
    op.add_column("products", sa.Column("search", postgresql.TSVECTOR(), server_default="", nullable=False))
    op.create_index(op.f("ix_products_brand_id"), "products", ["brand_id"], unique=False)
    op.create_index(
        "ix_products_brand_newest",
        "products",
        ["brand_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_category_name",
        "products",
        ["category_id", "name", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_category_popular",
        "products",
        ["category_id", sa.literal_column("popularity DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_folded_name",
        "products",
        [sa.literal_column('(public.search_fold(name)) COLLATE "C"')],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_hidden",
        "products",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status <> 'published'"),
    )
    op.create_index(
        "ix_products_popular",
        "products",
        [sa.literal_column("popularity DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_publish_from",
        "products",
        ["publish_from"],
        unique=False,
        postgresql_where=sa.text("publish_from IS NOT NULL"),
    )
    op.create_index(
        "ix_products_publish_until",
        "products",
        ["publish_until"],
        unique=False,
        postgresql_where=sa.text("publish_until IS NOT NULL"),
    )
    op.create_index(
        "ix_products_search",
        "products",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(
        "ix_products_tags",
        "products",
        ["tags"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index("uq_products_barcode", "products", ["barcode"], unique=True)
    op.create_index("uq_products_sku", "products", [sa.literal_column("upper(sku)")], unique=True)
    op.create_index("uq_products_variant", "products", ["family_id", "option_values"], unique=True)
    op.create_foreign_key(
        op.f("fk_products_family_id"), "products", "families", ["family_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_foreign_key(op.f("fk_products_brand_id"), "products", "brands", ["brand_id"], ["id"], ondelete="RESTRICT")
    op.add_column("stock_movements", sa.Column("note", sa.Text(), nullable=True))
    op.drop_index(op.f("ix_stock_movements_product_id"), table_name="stock_movements")
    op.create_index(
        "ix_stock_movements_product_id", "stock_movements", ["product_id", sa.literal_column("id DESC")], unique=False
    )
    # ### end Alembic commands ###
    op.drop_constraint(op.f("ck_products_status_known"), "products")
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_products_{name}"), "products", rule)
    op.drop_constraint(op.f("ck_stock_movements_reason_known"), "stock_movements")
    op.create_check_constraint(op.f("ck_stock_movements_reason_known"), "stock_movements", f"reason IN ({REASONS})")
    op.drop_index("ix_products_category_price", table_name="products")
    op.create_index(
        "ix_products_category_price",
        "products",
        ["category_id", "price", "id"],
        postgresql_where=ON_SALE,
        postgresql_include=["brand_id", "publish_from", "publish_until"],
    )
    for each in (BEGIN_HISTORY, APPEND_ONLY_FUNCTION, APPEND_ONLY_TRIGGER, KEEP_WORDS, DESCRIBE, KEEP_NEW_WORDS):
        op.execute(each)
    for each in (KEPT_WHOLE_FUNCTION, *KEPT_WHOLE_TRIGGERS):
        op.execute(each)
    for each in (*DESCRIBE_PRESENT, DESCRIBE_NEW, WORDS_OF_NEW, DESCRIBE_CHANGED):
        op.execute(each)


def downgrade() -> None:
    op.execute("DROP TRIGGER products_are_described_when_made ON products")
    op.execute("DROP TRIGGER products_are_described_when_changed ON products")
    op.execute("DROP TRIGGER words_of_products_are_kept ON products")
    op.drop_index("ix_products_category_price", table_name="products")
    op.create_index("ix_products_category_price", "products", ["category_id", "price", "id"], postgresql_where=ON_SALE)
    # What the schema before knows no word for takes the nearest it has.
    op.execute("UPDATE products SET status = 'withdrawn' WHERE status = 'draft'")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_products_{name}"), "products")
    op.create_check_constraint(op.f("ck_products_status_known"), "products", "status IN ('published', 'withdrawn')")
    op.execute("DROP TRIGGER stock_movements_are_kept_whole ON stock_movements")
    op.execute("ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_are_append_only")
    op.execute(
        "UPDATE stock_movements SET reason = 'adjustment' WHERE reason NOT IN ('initial', 'adjustment', 'order')"
    )
    op.execute("ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_are_append_only")
    op.drop_constraint(op.f("ck_stock_movements_reason_known"), "stock_movements")
    op.create_check_constraint(
        op.f("ck_stock_movements_reason_known"), "stock_movements", "reason IN ('initial', 'adjustment', 'order')"
    )
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_index("ix_stock_movements_product_id", table_name="stock_movements")
    op.create_index(op.f("ix_stock_movements_product_id"), "stock_movements", ["product_id"], unique=False)
    op.drop_column("stock_movements", "note")
    op.drop_constraint(op.f("fk_products_brand_id"), "products", type_="foreignkey")
    op.drop_constraint(op.f("fk_products_family_id"), "products", type_="foreignkey")
    op.drop_index("uq_products_variant", table_name="products")
    op.drop_index("uq_products_sku", table_name="products")
    op.drop_index("uq_products_barcode", table_name="products")
    op.drop_index(
        "ix_products_tags",
        table_name="products",
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.drop_index(
        "ix_products_search",
        table_name="products",
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'published'"),
    )
    op.drop_index(
        "ix_products_publish_until", table_name="products", postgresql_where=sa.text("publish_until IS NOT NULL")
    )
    op.drop_index(
        "ix_products_publish_from", table_name="products", postgresql_where=sa.text("publish_from IS NOT NULL")
    )
    op.drop_index("ix_products_popular", table_name="products", postgresql_where=sa.text("status = 'published'"))
    op.drop_index("ix_products_folded_name", table_name="products", postgresql_where=sa.text("status = 'published'"))
    op.drop_index("ix_products_hidden", table_name="products", postgresql_where=sa.text("status <> 'published'"))
    op.drop_index(
        "ix_products_category_popular", table_name="products", postgresql_where=sa.text("status = 'published'")
    )
    op.drop_index("ix_products_category_name", table_name="products", postgresql_where=sa.text("status = 'published'"))
    op.drop_index("ix_products_brand_newest", table_name="products", postgresql_where=sa.text("status = 'published'"))
    op.drop_index(op.f("ix_products_brand_id"), table_name="products")
    op.drop_column("products", "search")
    op.drop_column("products", "popularity")
    op.drop_column("products", "low_stock_at")
    op.drop_column("products", "option_values")
    op.drop_column("products", "family_id")
    op.drop_column("products", "publish_until")
    op.drop_column("products", "publish_from")
    op.drop_column("products", "content_unit")
    op.drop_column("products", "content_amount")
    op.drop_column("products", "tax_class")
    op.drop_column("products", "tags")
    op.drop_column("products", "brand_id")
    op.drop_column("products", "barcode")
    op.drop_column("products", "sku")
    op.drop_column("products", "version")
    op.drop_constraint(op.f("fk_categories_image_id"), "categories", type_="foreignkey")
    op.drop_index(op.f("ix_categories_image_id"), table_name="categories")
    op.drop_column("categories", "version")
    op.drop_column("categories", "image_id")
    op.drop_column("categories", "description")
    op.drop_table("stripe_products")
    op.drop_index(op.f("ix_stock_alerts_product_id"), table_name="stock_alerts")
    op.drop_table("stock_alerts")
    op.drop_index(
        "uq_scheduled_prices_moment",
        table_name="scheduled_prices",
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
    )
    op.drop_index(op.f("ix_scheduled_prices_product_id"), table_name="scheduled_prices")
    op.drop_index(
        "ix_scheduled_prices_pending",
        table_name="scheduled_prices",
        postgresql_where=sa.text("applied_at IS NULL AND cancelled_at IS NULL"),
    )
    op.drop_table("scheduled_prices")
    op.drop_index(op.f("ix_product_images_image_id"), table_name="product_images")
    op.drop_table("product_images")
    op.drop_index("ix_price_changes_product", table_name="price_changes")
    op.drop_table("price_changes")
    op.drop_index(op.f("ix_collection_products_product_id"), table_name="collection_products")
    op.drop_index("ix_collection_products_place", table_name="collection_products")
    op.drop_table("collection_products")
    op.drop_index(op.f("ix_collections_image_id"), table_name="collections")
    op.drop_table("collections")
    op.drop_index(op.f("ix_import_jobs_actor_id"), table_name="import_jobs")
    op.drop_table("import_jobs")
    op.drop_index(
        "ix_images_without_thumbnails", table_name="images", postgresql_where=sa.text("thumbnails_made_at IS NULL")
    )
    op.drop_index(op.f("ix_images_uploaded_by"), table_name="images")
    op.drop_table("images")
    op.drop_table("search_words")
    op.drop_table("search_word_variants")
    op.drop_table("families")
    op.drop_index("ix_brands_folded", table_name="brands")
    op.drop_index("uq_brands_name", table_name="brands")
    op.drop_table("brands")
    # ### end Alembic commands ###
    op.execute("DROP FUNCTION refuse_change_of_price_changes()")
    op.execute("DROP FUNCTION refuse_truncation()")
    op.execute("DROP FUNCTION public.describe_product_for_search()")
    op.execute("DROP FUNCTION public.keep_words_of_new_products()")
    op.execute("DROP FUNCTION public.keep_search_words(text[])")
    for name in ("search_variants_of", "search_words_in", "search_fold"):
        op.execute(f"DROP FUNCTION public.{name}(text)")
    op.execute("DROP EXTENSION unaccent")
