"""What the guarantee of a certificate is worth, on simulated catalogues whose truth is known.

``tests/data/out_of_fold.npz`` holds what a fused model (TF-IDF with logistic regression, pooled
MobileNetV2) said out of fold, five grouped folds, of the 840 products of the sample: probabilities,
the column of each true category and the group of near-duplicates. Catalogues are groups of it
drawn with replacement, so that precision above any threshold is known.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from ml.acceptance import Finding, certify, certify_each, least_evidence, lower_bound

DATA = Path(__file__).resolve().parents[1] / "data" / "out_of_fold.npz"
LABELS_PER_GROUP = 840 / 615


class Population:
    """Catalogues drawn from what a real model said of real products."""

    def __init__(self, seed):
        with np.load(DATA) as stored:
            probabilities = stored["probabilities"].astype(float)
            self.groups = stored["groups"]
            self.is_right = probabilities.argmax(axis=1) == stored["columns"]
        self.scores = probabilities.max(axis=1)
        self.columns = probabilities.argmax(axis=1)
        self.rows = [np.flatnonzero(self.groups == group) for group in np.unique(self.groups)]
        self.rng = np.random.default_rng(seed)

    def draw(self, n_groups):
        """Return the rows of so many groups, and a number of its own for each group."""
        picks = self.rng.integers(len(self.rows), size=n_groups)
        lengths = [len(self.rows[pick]) for pick in picks]
        rows = np.concatenate([self.rows[pick] for pick in picks])
        return rows, np.repeat(np.arange(n_groups), lengths)

    def certify(self, rows, groups, candidates, target):
        return certify(
            self.scores[rows],
            self.is_right[rows],
            groups,
            self.scores[candidates],
            target=target,
            confidence=0.95,
            labels_per_group=LABELS_PER_GROUP,
        )


def evidence(n, n_errors=0, score=0.99):
    """Return ``n`` groups of one product with the same score, so many of them wrong."""
    return np.full(n, score), np.arange(n) >= n_errors, np.arange(n)


def test_99_percent_at_95_percent_needs_299_without_an_error():
    candidates = np.full(500, 0.99)

    enough = certify(*evidence(299), candidates, target=0.99, confidence=0.95)
    too_few = certify(*evidence(298), candidates, target=0.99, confidence=0.95)

    assert least_evidence(0.99, 0.95) == 299
    assert (enough.finding, enough.threshold, enough.coverage) == (Finding.CERTIFIED, 0.99, 1.0)
    assert (too_few.finding, too_few.threshold) == (Finding.TOO_LITTLE_EVIDENCE, None)


@pytest.mark.parametrize(("n", "n_errors"), [(59, 0), (93, 1), (500, 10)])
def test_the_bound_is_where_so_few_errors_have_the_probability_that_is_left(n, n_errors):
    bound = lower_bound(n, n_errors, 0.95)

    assert binom.cdf(n_errors, n, 1 - bound) == pytest.approx(0.05)


def test_copies_of_one_product_are_one_piece_of_evidence():
    scores, is_right, groups = evidence(400)
    alike = np.zeros_like(groups)

    certificate = certify(scores, is_right, alike, scores, target=0.95, confidence=0.95)

    assert (certificate.n, certificate.n_accepted, certificate.threshold) == (1, 1, None)


def test_a_group_is_an_error_as_soon_as_one_accepted_product_of_it_is_wrong():
    scores, is_right, groups = evidence(600)
    is_right[:50] = False
    groups[:100] = np.repeat(np.arange(50), 2)
    groups[:50], groups[50:100] = np.arange(50), np.arange(50)  # each wrong one beside a right one

    certificate = certify(scores, is_right, groups, scores, target=0.95, confidence=0.95)

    assert (certificate.n, certificate.n_accepted, certificate.n_errors) == (550, 550, 50)
    assert certificate.finding is Finding.OUT_OF_REACH


def test_goes_down_to_where_errors_begin():
    rng = np.random.default_rng(3)
    scores = rng.uniform(0.5, 1, 2000)
    is_right = (scores > 0.8) | (rng.random(2000) < 0.6)

    certificate = certify(scores, is_right, np.arange(2000), scores, target=0.95, confidence=0.95)

    assert certificate.finding is Finding.CERTIFIED
    assert 0.7 < certificate.threshold < 0.82
    assert certificate.coverage == pytest.approx((scores >= certificate.threshold).mean())
    assert certificate.lower_bound >= 0.95


def test_nothing_is_accepted_that_is_less_sure_than_all_evidence():
    candidates = np.append(np.full(50, 0.99), np.full(50, 0.6))

    certificate = certify(*evidence(100), candidates, target=0.95, confidence=0.95)

    assert (certificate.threshold, certificate.coverage) == (0.99, 0.5)


def test_without_a_candidate_or_without_evidence_nothing_is_certified():
    none = np.array([])
    candidates = np.full(10, 0.999)

    nothing = certify(*evidence(400), none, target=0.95, confidence=0.95)
    unlabelled = certify(*evidence(0), candidates, target=0.95, confidence=0.95)

    assert (nothing.finding, nothing.n_more) == (Finding.NOTHING_TO_ACCEPT, None)
    assert unlabelled.finding is Finding.TOO_LITTLE_EVIDENCE
    assert unlabelled.n_more >= 59
    assert unlabelled.lower_bound is None


@pytest.mark.parametrize(("target", "confidence"), [(1.0, 0.95), (0.99, 0.0), (0.0, 0.5)])
def test_what_no_evidence_can_show_is_refused(target, confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        certify(*evidence(10), np.array([0.9]), target=target, confidence=confidence)


def test_each_category_is_certified_for_itself_at_a_level_of_its_own():
    scores, is_right, groups = evidence(1000)
    columns = np.repeat([0, 1], 500)
    is_right[500:700] = False

    found = certify_each(
        scores, columns, is_right, groups, scores, columns, target=0.99, confidence=0.95
    )
    of_one = certify_each(
        scores[:320],
        np.repeat([0, 1], [310, 10]),
        is_right[:320],
        groups[:320],
        scores,
        columns,
        target=0.99,
        confidence=0.95,
    )

    assert (found[0].finding, found[1].finding) == (Finding.CERTIFIED, Finding.OUT_OF_REACH)
    assert of_one[0].threshold is None  # 299 would be enough for all together, two need 368 each


def test_more_labels_of_a_poor_model_do_not_help_and_none_are_asked_for():
    scores, is_right, groups = evidence(300, n_errors=60, score=0.8)

    certificate = certify(scores, is_right, groups, scores, target=0.99, confidence=0.95)

    assert (certificate.finding, certificate.n_more) == (Finding.OUT_OF_REACH, None)


def test_a_model_that_misses_the_target_everywhere_is_certified_in_5_of_100_at_most():
    rng = np.random.default_rng(5)
    n_certified = 0

    for _ in range(500):
        scores, candidates = rng.beta(20, 1, 600), rng.beta(20, 1, 1000)
        is_right = rng.random(600) > 0.021
        certificate = certify(
            scores, is_right, np.arange(600), candidates, target=0.98, confidence=0.95
        )
        n_certified += certificate.threshold is not None

    assert n_certified <= 25 + 2 * np.sqrt(500 * 0.05 * 0.95)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "n_groups"), [(0.95, 150), (0.98, 500), (0.99, 1500)])
def test_in_1000_catalogues_what_is_accepted_is_as_precise_as_promised(target, n_groups):
    population = Population(seed=11)
    n_reached = n_certified = 0

    for _ in range(1000):
        rows, groups = population.draw(n_groups)
        candidates, _ = population.draw(1000)
        certificate = population.certify(rows, groups, candidates, target)
        if certificate.threshold is not None:
            is_accepted = population.scores[candidates] >= certificate.threshold
            n_certified += 1
            n_reached += population.is_right[candidates][is_accepted].mean() >= target

    assert n_certified > 500
    assert n_reached >= 0.95 * n_certified


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "n_groups"), [(0.95, 100), (0.98, 100), (0.99, 100), (0.99, 400)]
)
def test_with_too_little_evidence_it_refuses_and_the_labels_it_asks_for_are_enough(
    target, n_groups
):
    population = Population(seed=12)
    n_refused = n_enough = n_missed = 0

    for _ in range(120):
        rows, groups = population.draw(n_groups)
        candidates, _ = population.draw(1000)
        refused = population.certify(rows, groups, candidates, target)
        if refused.threshold is not None:
            continue
        n_refused += 1
        more, more_groups = population.draw(refused.n_more)
        certificate = population.certify(
            np.concatenate([rows, more[: refused.n_more]]),
            np.concatenate([groups, more_groups[: refused.n_more] + n_groups]),
            candidates,
            target,
        )
        n_enough += certificate.threshold is not None
        if certificate.threshold is not None:  # asking again after so many labels keeps the promise
            is_accepted = population.scores >= certificate.threshold
            n_missed += population.is_right[is_accepted].mean() < target

    assert n_refused > 30
    assert n_enough >= 0.9 * n_refused
    assert n_missed <= 0.05 * n_enough
