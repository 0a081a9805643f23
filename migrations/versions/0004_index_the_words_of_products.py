"""index the words of products."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# SQLite: an index without a copy of the text, so taking words out needs the text that put them in.
# The catalogue is a word too ("c7"), in a column of its own.
_SPECIFICATIONS = (
    "(SELECT group_concat(atom, ' ') FROM json_tree({row}.specifications) WHERE atom IS NOT NULL)"
)
_VALUES = (
    "{row}.id, 'c' || {row}.catalogue_id,"
    " {row}.name || ' ' || {row}.brand || ' ' || {row}.external_id,"
    " {row}.description || ' ' || coalesce(" + _SPECIFICATIONS + ", '')"
)
_FIELDS = "catalogue_id, external_id, name, brand, description, specifications"
_ADD_SQLITE = "INSERT INTO product_words (rowid, catalogue, head, body) SELECT " + _VALUES
_REMOVE_SQLITE = (
    "INSERT INTO product_words (product_words, rowid, catalogue, head, body)"
    " SELECT 'delete', " + _VALUES
)
_SQLITE = (
    "CREATE VIRTUAL TABLE product_words USING fts5(catalogue, head, body, content='',"
    " tokenize='unicode61 remove_diacritics 2')",
    _ADD_SQLITE.format(row="product") + " FROM product",
    "CREATE TRIGGER product_words_insert AFTER INSERT ON product BEGIN "
    + _ADD_SQLITE.format(row="new")
    + "; END",
    "CREATE TRIGGER product_words_delete AFTER DELETE ON product BEGIN "
    + _REMOVE_SQLITE.format(row="old")
    + "; END",
    f"CREATE TRIGGER product_words_update AFTER UPDATE OF {_FIELDS} ON product BEGIN "
    + _REMOVE_SQLITE.format(row="old")
    + "; "
    + _ADD_SQLITE.format(row="new")
    + "; END",
)

# PostgreSQL: a table beside the products, whose rows every decision writes anew. Accents go by
# decomposing, as the extension unaccent may not be there; signs become spaces, so that "X-7" is
# the same two words as on SQLite. "#7" is the catalogue, a word that no text holds: a search looks
# into nothing but the index. A tsvector holds 1 MB at most, and no JSON with a NUL is read.
_SIGNS = r"[!-/:-@\[-`{-~\u00a0\u00ab\u00b7\u00bb\u2010-\u2027]+"
_POSTGRESQL = (
    f"""CREATE FUNCTION product_words_of(words text) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
SELECT regexp_replace(regexp_replace(lower(normalize(words, NFD)), '[\\u0300-\\u036f]+', '', 'g'),
                      '{_SIGNS}', ' ', 'g') $$""",
    """CREATE FUNCTION product_words_head(of_product product) RETURNS tsvector
IMMUTABLE LANGUAGE sql AS $$
SELECT array_to_tsvector(ARRAY['#' || of_product.catalogue_id]) || to_tsvector(
    'simple', product_words_of(
        of_product.name || ' ' || of_product.brand || ' ' || of_product.external_id)) $$""",
    """CREATE FUNCTION product_words_body(of_product product) RETURNS tsvector
IMMUTABLE LANGUAGE sql AS $$
SELECT to_tsvector('simple', product_words_of(
    left(of_product.description, 100000) || ' '
    || left(coalesce(string_agg(word #>> '{}', ' '), ''), 100000)))
FROM jsonb_path_query(
    CASE WHEN position('\\u0000' IN of_product.specifications::text) = 0
         THEN of_product.specifications::jsonb ELSE '[]' END,
    'strict $.** ? (@.type() == "string" || @.type() == "number")') AS word $$""",
    """CREATE FUNCTION product_words_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head tsvector := product_words_head(new);
BEGIN
    INSERT INTO product_words VALUES (new.id, head, head || product_words_body(new))
    ON CONFLICT (product_id) DO UPDATE SET head = excluded.head, words = excluded.words;
    RETURN NULL;
END $$""",
    """CREATE TABLE product_words (
    product_id integer PRIMARY KEY REFERENCES product (id) ON DELETE CASCADE,
    head tsvector NOT NULL, words tsvector NOT NULL
) WITH (toast_tuple_target = 128)""",
    # Long ones lie elsewhere: a search that finds half of all products reads all those rows.
    "ALTER TABLE product_words ALTER COLUMN words SET STORAGE EXTERNAL",
    """INSERT INTO product_words
SELECT id, product_words_head(product),
    product_words_head(product) || product_words_body(product) FROM product""",
    f"""CREATE TRIGGER product_words_write AFTER INSERT OR UPDATE OF {_FIELDS} ON product
FOR EACH ROW EXECUTE FUNCTION product_words_write()""",
    "CREATE INDEX ix_product_words_head ON product_words USING gin (head)",
    "CREATE INDEX ix_product_words_words ON product_words USING gin (words)",
)
_CONFLICTS = {
    "sqlite": "json_extract(text, '$[0][0]') <> json_extract(image, '$[0][0]')",
    "postgresql": "text -> 0 ->> 0 <> image -> 0 ->> 0",
}
_HIDDEN = sa.text("is_evaluation AND state <> 'labelled'")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in _POSTGRESQL if dialect == "postgresql" else _SQLITE:
        op.execute(statement)

    # No batch: it would make tables anew on SQLite to whose rows others refer, without triggers.
    op.add_column(
        "prediction",
        sa.Column("is_conflict", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(f"UPDATE prediction SET is_conflict = true WHERE {_CONFLICTS[dialect]}")  # noqa: S608
    op.drop_index("ix_prediction_round_id_category_id", "prediction")
    op.create_index(
        "ix_prediction_category",
        "prediction",
        ["round_id", "category_id", "product_id", "probability", "is_conflict"],
    )
    op.create_index(
        "ix_prediction_probability",
        "prediction",
        ["round_id", "probability", "product_id", "category_id", "is_conflict"],
    )
    op.create_index(
        "ix_product_hidden",
        "product",
        ["catalogue_id", "id"],
        sqlite_where=_HIDDEN,
        postgresql_where=_HIDDEN,
    )
    op.drop_index("ix_product_catalogue_id_group", "product")
    op.create_index("ix_product_group", "product", ["catalogue_id", "group_number", "id"])
    op.create_index("ix_label_newest", "label", ["catalogue_id", "annotation_id", "product_id"])
    op.create_index(
        "ix_annotation_decided",
        "annotation",
        ["catalogue_id", "user_id", "shown_round_id", "asked_because", "verdict", "product_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_annotation_decided", "annotation")
    op.drop_index("ix_label_newest", "label")
    op.drop_index("ix_product_group", "product")
    op.create_index("ix_product_catalogue_id_group", "product", ["catalogue_id", "group_number"])
    op.drop_index("ix_product_hidden", "product")
    op.drop_index("ix_prediction_probability", "prediction")
    op.drop_index("ix_prediction_category", "prediction")
    op.create_index("ix_prediction_round_id_category_id", "prediction", ["round_id", "category_id"])
    op.drop_column("prediction", "is_conflict")

    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER product_words_write ON product")
        op.execute("DROP FUNCTION product_words_write()")
        op.execute("DROP TABLE product_words")
        for function in ("head(product)", "body(product)", "of(text)"):
            op.execute(f"DROP FUNCTION product_words_{function}")
        return
    for verb in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER product_words_{verb}")
    op.execute("DROP TABLE product_words")
