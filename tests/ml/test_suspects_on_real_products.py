"""How well suspects are found on the real sample; skipped where it does not lie beside it."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from ml.contract import PipelineSettings
from ml.rounds import NO_CATEGORY, RoundSettings, Snapshot, run_round
from ml.splits import grouped_folds
from ml.study.table_files import read_products
from ml.suspects import find_suspects, margin_scores

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WEIGHTS = DATA / "weights" / "mobilenet_v2_imagenet_no_top.weights.h5"
N_WRONG = 84  # a tenth
# The category that a round on clean records takes each of the seven for most often; they are in
# the order of their names, from Baby Care to Watches.
CONFUSED_WITH = np.array([4, 2, 4, 5, 0, 3, 3])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not WEIGHTS.is_file(), reason="the sample and its weights are not in ../shared/data"
    ),
]


@pytest.mark.parametrize(
    ("kind", "least_precision", "least_share"),
    [("uniform", 0.93, 0.75), ("confusable", 0.83, 0.65)],
)
def test_wrong_records_stand_first(tmp_path, real_feature_dir, kind, least_precision, least_share):
    products = read_products(DATA / "flipkart" / "products.csv", DATA / "flipkart" / "images")
    truth, rng = products.labels, np.random.default_rng(1)
    recorded = truth.copy()
    wrong = rng.choice(len(truth), N_WRONG, replace=False)
    if kind == "uniform":
        recorded[wrong] = (truth[wrong] + rng.integers(1, 7, N_WRONG)) % 7
    else:
        recorded[wrong] = CONFUSED_WITH[truth[wrong]]
    snapshot = Snapshot(
        batch=products.batch,
        categories=tuple(range(7)),
        labels=np.full(len(truth), NO_CATEGORY),
        source_categories=recorded,
        is_evaluation=grouped_folds(products.groups, truth, 5, 1) == 0,
        groups=products.groups,
    )
    pipeline = PipelineSettings(
        backbone="MobileNetV2", weights=WEIGHTS, feature_dir=real_feature_dir
    )
    settings = RoundSettings(pipeline=pipeline, seed=1, n_resamples=50)

    outcome = run_round(snapshot, settings, tmp_path / "1", lambda stage, done, total: None)

    is_wrong = recorded != truth
    scores = margin_scores(outcome.fused, recorded)
    listed = [each.row for each in find_suspects(outcome.fused, recorded)]
    assert average_precision_score(is_wrong, -scores) >= least_precision
    assert is_wrong[listed].mean() >= least_share
    assert is_wrong[listed].sum() >= 0.75 * N_WRONG
