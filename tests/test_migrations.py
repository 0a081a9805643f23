from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests import factories
from webapp.domain.review import Verdict
from webapp.storage import migrations
from webapp.storage.database import Database
from webapp.storage.tables import Base


@pytest.fixture
def empty(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    yield database
    database.dispose()


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(migrations.alembic_config()).get_heads()) == 1


def test_upgrading_from_nothing_equals_the_tables(empty):
    migrations.upgrade(empty)

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": migrations.is_of_the_metadata}
        )
        difference = compare_metadata(context, Base.metadata)

    assert difference == []


def test_the_partial_index_of_the_queue_exists(empty):
    migrations.upgrade(empty)

    with empty.engine.connect() as connection:
        sql = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = 'ix_queue_entry_waiting'")
        ).scalar_one()

    assert "WHERE is_waiting" in sql


def test_downgrading_leaves_nothing(empty):
    migrations.upgrade(empty)

    migrations.downgrade(empty, "base")

    assert inspect(empty.engine).get_table_names() == ["alembic_version"]


@pytest.mark.parametrize("change", ["UPDATE annotation SET note = 'x'", "DELETE FROM annotation"])
def test_an_annotation_can_be_neither_changed_nor_deleted(empty, change):
    migrations.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
    with empty.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        connection.execute(
            text(
                "INSERT INTO annotation (catalogue_id, product_id, user_id, verdict, note,"
                " idempotency_key, asked_because, is_suggestion_hidden, created_at)"
                " VALUES (1, 1, 1, 'skipped', '', 'k', 'random', 0, '2026-01-01')"
            )
        )

        with pytest.raises(IntegrityError, match="only ever added"):
            connection.execute(text(change))
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def test_a_database_is_copied_before_it_is_upgraded(tmp_path, now):
    database = Database(f"sqlite:///{tmp_path / 'shelfwise.db'}")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (words VARCHAR)"))
        connection.execute(text("INSERT INTO note VALUES ('kept')"))

    copy = migrations.migrate_after_backup(database, now=now)

    assert migrations.is_current(database)
    kept = Database(f"sqlite:///{copy}")
    with kept.engine.connect() as connection:
        assert connection.execute(text("SELECT words FROM note")).scalar_one() == "kept"
    kept.dispose()
    assert migrations.migrate_after_backup(database, now=now) is None
    database.dispose()


def test_a_new_database_is_not_copied(empty, now):
    copy = migrations.migrate_after_backup(empty, now=now)

    assert copy is None
    assert migrations.is_current(empty)


def test_rounds_predictions_and_annotations_outlive_going_back_and_forth(empty):
    migrations.upgrade(empty)
    with Session(empty.engine) as session, session.begin():
        person = factories.make_user(session)
        shop = factories.make_catalogue(session)
        product_id = factories.make_product(session, shop)
        factories.make_round(session, shop, {product_id: {"Kitchen": 0.75, "Watches": 0.25}})
        factories.make_annotation(
            session, shop, product_id, person, Verdict.CORRECTED, category="Watches"
        )

    migrations.downgrade(empty, "0001")
    migrations.upgrade(empty)

    with empty.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT round.number, round.is_held, prediction.probability, annotation.verdict"
                " FROM round JOIN prediction ON prediction.round_id = round.id"
                " JOIN annotation ON annotation.product_id = prediction.product_id"
            )
        ).one()
        with pytest.raises(IntegrityError, match="only ever added"):
            connection.execute(text("UPDATE annotation SET note = 'x'"))
    assert found == (1, 0, 0.75, "corrected")


def test_a_group_of_one_loses_its_number(empty):
    migrations.upgrade(empty)
    with Session(empty.engine) as session, session.begin():
        shop, other = (factories.make_catalogue(session, slug=slug) for slug in ("shop", "other"))
        for catalogue, number in ((shop, 7), (shop, 7), (shop, 8), (other, 7), (other, None)):
            factories.make_product(session, catalogue, group_number=number)

    migrations.downgrade(empty, "0004")
    migrations.upgrade(empty)

    with empty.engine.connect() as connection:
        numbers = connection.execute(text("SELECT group_number FROM product ORDER BY id"))
        assert numbers.scalars().all() == [7, 7, None, None, None]
