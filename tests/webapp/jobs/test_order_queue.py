import subprocess
import sys

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.webapp.jobs.conftest import add_products
from webapp.domain.asking_order import priority_of
from webapp.domain.catalogue_settings import CatalogueSettings
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.jobs import order_queue
from webapp.storage import catalogues
from webapp.storage.tables import ProductRow, QueueEntryRow


@pytest.fixture
def looked_at(add_job, run):
    """The catalogue after its import: features, groups and an evaluation set, and no round."""
    run(add_job(JobKind.REFRESH_PREDICTIONS))


@pytest.fixture
def order_again(add_job, run):
    return lambda: run(add_job(JobKind.ORDER_QUEUE))


def queue_of(database):
    with database.read() as session:
        return list(
            session.scalars(
                select(QueueEntryRow)
                .where(QueueEntryRow.is_waiting)
                .order_by(QueueEntryRow.priority.desc())
            )
        )


def forget_sources(database):
    with database.begin() as session:
        session.execute(update(ProductRow).values(source_category_id=None))


def label(database, shop, user, entries):
    with database.begin() as session:
        for entry in entries:
            product = session.get_one(ProductRow, entry.product_id)
            category = {"dial": "Watches", "scre": "Computers", "mug ": "Kitchen"}[product.name[:4]]
            factories.make_annotation(
                session, shop, product.id, user, Verdict.CORRECTED, category=category
            )
            session.get_one(QueueEntryRow, product.id).is_waiting = False


def test_without_a_label_asks_what_is_typical(database, shop, add_job, run):
    forget_sources(database)

    run(add_job(JobKind.REFRESH_PREDICTIONS))

    reasons = [entry.reason for entry in queue_of(database)[:10]]
    assert reasons.count("typical") == 7
    assert reasons.count("evaluation") == 2
    assert reasons.count("random") == 1


def test_after_some_labels_asks_what_they_leave_open(database, shop, looked_at, order_again, alice):
    forget_sources(database)
    label(database, shop, alice, queue_of(database)[:20])

    ended = order_again()

    assert ended.result["placed"] > 0
    queue = queue_of(database)
    assert "uncertain" in {entry.reason for entry in queue}
    assert "typical" not in {entry.reason for entry in queue}
    assert [entry.priority for entry in queue] == [priority_of(rank) for rank in range(40)]


def test_again_without_a_decision_changes_nothing(database, looked_at, order_again):
    order_again()
    before = [(entry.product_id, entry.priority) for entry in queue_of(database)]

    ended = order_again()

    assert ended.result == {"placed": 0}
    assert [(entry.product_id, entry.priority) for entry in queue_of(database)] == before


def test_writes_the_front_alone_and_sends_who_stood_there_right_behind(
    database, shop, looked_at, order_again, monkeypatch, alice
):
    forget_sources(database)
    label(database, shop, alice, queue_of(database)[:10])
    monkeypatch.setattr(order_queue, "N_FRONT", 12)
    before = {entry.product_id: entry.priority for entry in queue_of(database)}

    order_again()

    after = queue_of(database)
    assert [entry.priority for entry in after[:12]] == [priority_of(rank) for rank in range(12)]
    stood_there = {p for p, priority in before.items() if priority >= priority_of(12)}
    untouched = [e for e in after if e.product_id not in stood_there and e.priority < 1 / 13]
    assert untouched
    assert all(before[entry.product_id] == entry.priority for entry in untouched)


def test_leaves_what_is_on_a_desk_as_its_moderator_sees_it(
    database, shop, looked_at, order_again, alice
):
    lent, *others = queue_of(database)
    with database.begin() as session:
        entry = session.get_one(QueueEntryRow, lent.product_id)
        entry.is_waiting, entry.leased_to, entry.lease_token = False, alice.id, "t"
        entry.leased_at = entry.leased_until = factories.NOW
    label(database, shop, alice, others[:10])

    order_again()

    with database.read() as session:
        entry = session.get_one(QueueEntryRow, lent.product_id)
    assert (entry.leased_to, entry.priority, entry.reason) == (
        alice.id,
        lent.priority,
        lent.reason,
    )


def test_near_duplicates_of_decided_products_stand_behind_the_others(
    database, shop, looked_at, order_again, alice
):
    first, second, *_ = [e for e in queue_of(database) if e.reason == "suspect"]
    with database.begin() as session:
        for entry in (first, second):
            session.get_one(ProductRow, entry.product_id).group_number = 999
    label(database, shop, alice, [first])

    order_again()

    others = [e.product_id for e in queue_of(database) if e.reason == "suspect"]
    assert others[-1] == second.product_id


def test_without_features_keeps_the_order_that_there_is(database, order_again):
    before = [entry.priority for entry in queue_of(database)]

    assert order_again().result == {"placed": 0}
    assert [entry.priority for entry in queue_of(database)] == before


def test_products_that_came_since_wait_until_they_are_looked_at(
    database, shop, looked_at, order_again
):
    with database.begin() as session:
        new = add_products(session, shop, 1, start=900)
        session.execute(
            update(QueueEntryRow)
            .where(QueueEntryRow.product_id.in_(new))
            .values(priority=1e-7, reason="new")
        )

    order_again()

    last = [entry for entry in queue_of(database) if entry.reason != "evaluation"][-1]
    assert (last.product_id, last.reason) == (new[0], "new")


def test_shares_are_those_of_the_settings(database, shop, add_job, run):
    with database.begin() as session:
        catalogues.write_settings(
            session,
            catalogue_id=shop.id,
            settings=CatalogueSettings(shares={"typical": 50, "random": 50}),
        )
        session.execute(update(ProductRow).values(is_evaluation=False))

    run(add_job(JobKind.REFRESH_PREDICTIONS))

    reasons = [entry.reason for entry in queue_of(database)[:20]]
    assert (reasons.count("typical"), reasons.count("random")) == (10, 10)


def test_loads_no_network_library():
    code = (
        "import sys, webapp.jobs.child, webapp.jobs.order_queue, ml.sampling.table as t\n"
        "[t.resolve(name) for name in t.SAMPLERS]\n"
        "print([m for m in ('tensorflow', 'keras', 'cv2') if m in sys.modules])"
    )

    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )

    assert found.stdout.strip() == "[]"


def test_a_conflict_strategy_asks_what_text_and_image_say_differently(
    database, shop, looked_at, add_job, run
):
    with database.begin() as session:
        ids = session.scalars(select(ProductRow.id).where(~ProductRow.is_evaluation)).all()
        round_id = factories.make_round(
            session, shop, {key: {"Kitchen": 0.9, "Watches": 0.1} for key in ids}
        )
        predictions = factories.PredictionRow
        kitchen, watches = (factories.category_id(session, shop, n) for n in ("Kitchen", "Watches"))
        session.execute(
            update(predictions)
            .where(predictions.round_id == round_id)
            .values(image=[[kitchen, 0.8], [watches, 0.2]])
        )
        torn = ids[7]
        session.execute(
            update(predictions)
            .where(predictions.round_id == round_id, predictions.product_id == torn)
            .values(image=[[watches, 0.9], [kitchen, 0.1]])
        )
        catalogues.write_settings(
            session,
            catalogue_id=shop.id,
            settings=CatalogueSettings(shares={"conflict": 100, "random": 0}),
        )

    run(add_job(JobKind.ORDER_QUEUE))

    first = queue_of(database)[0]
    assert (first.product_id, first.reason) == (torn, "conflict")


def test_counts_stay_whole(database, shop, looked_at, order_again):
    order_again()

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(QueueEntryRow)) == 60
