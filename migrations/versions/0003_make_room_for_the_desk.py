"""make room for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


_AUDIT_STANDS = sa.text("is_audited AND ended_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_acceptance_audited",
        "acceptance",
        ["product_id"],
        unique=False,
        sqlite_where=_AUDIT_STANDS,
        postgresql_where=_AUDIT_STANDS,
    )
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("n_decided", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_bulk_act_catalogue_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_bulk_act_category_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_bulk_act_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name=op.f("uq_bulk_act_user_id_idempotency_key")
        ),
    )
    with op.batch_alter_table("bulk_act", schema=None) as batch_op:
        batch_op.create_index("ix_bulk_act_catalogue_id", ["catalogue_id", "id"], unique=False)

    op.create_table(
        "guidance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("belongs", sa.String(), nullable=False),
        sa.Column("excludes", sa.String(), nullable=False),
        sa.Column("example_ids", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_guidance_category_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_guidance_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance")),
    )
    with op.batch_alter_table("guidance", schema=None) as batch_op:
        batch_op.create_index("ix_guidance_category_id", ["category_id", "id"], unique=False)

    op.create_table(
        "explanation",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("neighbours", sa.JSON(), nullable=True),
        sa.Column("region", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_explanation_product_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_explanation_round_id")),
        sa.PrimaryKeyConstraint("round_id", "product_id", name=op.f("pk_explanation")),
    )
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_explanation_product_id"), ["product_id"], unique=False)

    op.create_table(
        "gold",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_gold_catalogue_id")
        ),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_gold_category_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_gold_product_id")),
        sa.ForeignKeyConstraint(["set_by"], ["user_account.id"], name=op.f("fk_gold_set_by")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_gold")),
    )
    with op.batch_alter_table("gold", schema=None) as batch_op:
        batch_op.create_index("ix_gold_catalogue_id", ["catalogue_id"], unique=False)

    # No batch: it would make tables anew on SQLite to whose rows others refer, without triggers.
    op.add_column("annotation", sa.Column("probe", sa.String(), nullable=True))
    op.add_column("annotation", sa.Column("bulk_act_id", sa.Integer(), nullable=True))
    op.add_column(
        "annotation", sa.Column("n_needed", sa.Integer(), server_default="1", nullable=False)
    )
    op.create_index(
        "ix_annotation_bulk_act_id",
        "annotation",
        ["bulk_act_id"],
        unique=False,
        sqlite_where=sa.text("bulk_act_id IS NOT NULL"),
        postgresql_where=sa.text("bulk_act_id IS NOT NULL"),
    )
    op.create_index(
        "ix_annotation_probe",
        "annotation",
        ["catalogue_id", "probe"],
        unique=False,
        sqlite_where=sa.text("probe IS NOT NULL"),
        postgresql_where=sa.text("probe IS NOT NULL"),
    )
    op.add_column("queue_entry", sa.Column("probe", sa.String(), nullable=True))
    op.add_column("queue_entry", sa.Column("planted_category_id", sa.Integer(), nullable=True))
    op.add_column(
        "user_account", sa.Column("preferences", sa.JSON(), server_default="{}", nullable=False)
    )

    op.create_table(
        "consensus",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("n_people", sa.Integer(), nullable=False),
        sa.Column("majority_category_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("quality", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_consensus_catalogue_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_consensus_product_id")
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_consensus")),
    )
    op.create_index(op.f("ix_consensus_catalogue_id"), "consensus", ["catalogue_id"], unique=False)
    op.create_table(
        "team_figures",
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("computed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_team_figures_catalogue_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_team_figures_round_id")),
        sa.PrimaryKeyConstraint("catalogue_id", name=op.f("pk_team_figures")),
    )
    op.create_table(
        "gold_answer",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_gold_answer_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["gold.product_id"], name=op.f("fk_gold_answer_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_gold_answer_user_id")
        ),
        sa.PrimaryKeyConstraint("product_id", "user_id", name=op.f("pk_gold_answer")),
    )
    op.create_index(op.f("ix_gold_answer_user_id"), "gold_answer", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_acceptance_audited", "acceptance")
    op.drop_index(op.f("ix_gold_answer_user_id"), "gold_answer")
    op.drop_table("gold_answer")
    op.drop_table("team_figures")
    op.drop_index(op.f("ix_consensus_catalogue_id"), "consensus")
    op.drop_table("consensus")

    op.drop_column("user_account", "preferences")
    for name in ("planted_category_id", "probe"):
        op.drop_column("queue_entry", name)
    for name in ("ix_annotation_probe", "ix_annotation_bulk_act_id"):
        op.drop_index(name, "annotation")
    for name in ("n_needed", "bulk_act_id", "probe"):
        op.drop_column("annotation", name)

    with op.batch_alter_table("gold", schema=None) as batch_op:
        batch_op.drop_index("ix_gold_catalogue_id")

    op.drop_table("gold")
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_explanation_product_id"))

    op.drop_table("explanation")
    with op.batch_alter_table("guidance", schema=None) as batch_op:
        batch_op.drop_index("ix_guidance_category_id")

    op.drop_table("guidance")
    with op.batch_alter_table("bulk_act", schema=None) as batch_op:
        batch_op.drop_index("ix_bulk_act_catalogue_id")

    op.drop_table("bulk_act")
