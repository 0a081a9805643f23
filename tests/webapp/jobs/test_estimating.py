from dataclasses import replace

import numpy as np
import pytest

from ml.contract import ProductBatch
from ml.snapshots import NO_CATEGORY, Snapshot
from tests import factories
from webapp.domain.labelling_worth import read_worth
from webapp.domain.review import AskedBecause, Verdict
from webapp.jobs.catalogue_snapshot import TakenSnapshot
from webapp.jobs.context import JobContext
from webapp.jobs.estimating import estimate
from webapp.storage.annotations import list_of_product

N, N_EVALUATION, N_DECIDED = 300, 60, 150
NAMES = ("Watches", "Computers", "Kitchen")


@pytest.fixture
def context(database, config):
    return JobContext(
        job=None, config=config, database=database, report=lambda *_: None, send=lambda _: None
    )


@pytest.fixture
def decided(database, alice):
    """A catalogue whose evaluation set and first products are decided, and its snapshot."""
    rng = np.random.default_rng(0)
    columns = rng.integers(3, size=N)
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        ids = [factories.make_product(session, shop) for _ in range(N)]
        last = None
        for row in range(N_EVALUATION + N_DECIDED):
            factories.make_annotation(
                session, shop, ids[row], alice, Verdict.CONFIRMED, category=NAMES[columns[row]]
            )
            last = list_of_product(session, product_id=ids[row])[-1].id
        categories = tuple(factories.category_id(session, shop, name) for name in NAMES)
    order = np.argsort(categories)
    labels = np.array(categories)[columns]
    labels[N_EVALUATION + N_DECIDED :] = NO_CATEGORY
    blank = ("",) * N
    snapshot = Snapshot(
        batch=ProductBatch(tuple(map(str, ids)), blank, blank, blank, (None,) * N, (None,) * N),
        categories=tuple(np.array(categories)[order].tolist()),
        labels=labels,
        source_categories=np.full(N, NO_CATEGORY),
        is_evaluation=np.arange(N) < N_EVALUATION,
        groups=np.arange(N),
    )
    features = np.eye(3)[columns] + rng.normal(0, 0.3, (N, 3))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    fused = np.full((N, 3), 0.05)
    said = np.where(rng.random(N) < 0.9, columns, (columns + 1) % 3)
    fused[np.arange(N), np.argsort(order)[said]] = 0.9
    return shop, TakenSnapshot(snapshot, tuple(ids), last), fused, features


def test_a_round_estimates_what_is_right_gained_and_left(context, decided):
    shop, taken, fused, features = decided

    worth = read_worth(estimate(context, shop, taken, fused, features, min_evaluation_labels=30))

    assert worth.right.low <= worth.right.value <= worth.right.high
    assert 0.93 < worth.right.value < 1  # 210 of 300 have a label, nine of ten others are right
    assert worth.right.n == N_EVALUATION + N_DECIDED  # all were drawn at random
    assert worth.weighted_accuracy.value == pytest.approx(0.9, abs=0.05)
    assert 0 < worth.n_left <= worth.n_left_at_most <= N - N_EVALUATION - N_DECIDED
    assert [point.n_labels for point in worth.curve] == [10, 20, 40, 80, 150]
    assert worth.curve[-1].ari.n == N_EVALUATION
    assert worth.gain.n_last == 100


def test_says_nothing_of_gains_while_the_evaluation_set_has_few_labels(context, decided):
    shop, taken, fused, features = decided

    worth = read_worth(estimate(context, shop, taken, fused, features, min_evaluation_labels=100))

    assert (worth.curve, worth.gain) == ((), None)
    assert worth.right is not None


def test_acts_after_the_snapshot_do_not_count(context, decided):
    shop, taken, fused, features = decided
    before = TakenSnapshot(taken.snapshot, taken.product_ids, None)

    worth = read_worth(estimate(context, shop, before, fused, features, min_evaluation_labels=30))

    assert worth.curve == ()
    assert worth.advice.n_decisions == 0


def test_predictions_that_have_not_settled_speak_against_stopping(context, decided, database):
    shop, taken, fused, features = decided
    open_ids = taken.product_ids[N_EVALUATION + N_DECIDED :]
    with database.begin() as session:
        live = factories.make_round(
            session, shop, {product: {"Kitchen": 1.0} for product in open_ids}
        )
    stored = estimate(
        context,
        replace(shop, live_round_id=live),
        taken,
        fused,
        features,
        min_evaluation_labels=30,
    )

    assert stored["share_changed"] > 0.5


def test_what_was_drawn_at_random_stays_so_when_it_is_decided_again(
    context, decided, database, alice
):
    shop, taken, fused, features = decided
    with database.begin() as session:
        for product_id in taken.product_ids[N_EVALUATION : N_EVALUATION + 10]:
            again = factories.make_annotation(
                session,
                shop,
                product_id,
                alice,
                Verdict.CONFIRMED,
                category="Kitchen",
                asked_because=AskedBecause.SUSPECT,
            )
    later = TakenSnapshot(taken.snapshot, taken.product_ids, again.id)

    worth = read_worth(estimate(context, shop, later, fused, features, min_evaluation_labels=30))

    assert worth.right.n == N_EVALUATION + N_DECIDED


def test_what_was_never_drawn_at_random_is_no_sample(context, decided, database, alice):
    shop, taken, fused, features = decided
    with database.begin() as session:
        picked = factories.make_annotation(
            session,
            shop,
            taken.product_ids[-1],
            alice,
            Verdict.CONFIRMED,
            category="Kitchen",
            asked_because=AskedBecause.UNCERTAIN,
        )
    labels = taken.snapshot.labels.copy()
    labels[-1] = taken.snapshot.categories[0]
    later = TakenSnapshot(replace(taken.snapshot, labels=labels), taken.product_ids, picked.id)

    worth = read_worth(estimate(context, shop, later, fused, features, min_evaluation_labels=30))

    assert worth.right.n == N_EVALUATION + N_DECIDED
