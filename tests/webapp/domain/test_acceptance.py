import random
from dataclasses import replace

import pytest

from ml import acceptance as certifying
from tests.factories import NOW
from webapp.domain.acceptance import (
    N_AUDITS,
    AcceptanceRule,
    Audits,
    Candidate,
    Evidence,
    RuleState,
    audit_share,
    decide,
    is_broken,
    is_drawn,
    least_evidence,
    may_look_again,
)
from webapp.domain.catalogue_settings import read_settings

EVIDENCE = Evidence("too_little_evidence", 80, 100, 70, 0, 0.9, 0.4, 500, 40, 59, 0.5)
RULE = AcceptanceRule(
    id=7,
    catalogue_id=1,
    round_id=3,
    round_number=2,
    category_id=None,
    target=0.99,
    confidence=0.95,
    threshold=0.9,
    evidence=EVIDENCE,
    state=RuleState.IN_FORCE,
    reason="certified",
    created_at=NOW,
    ended_at=None,
)


def n_until_suspended(precision, target, chance, n_most=N_AUDITS):
    """Audit one product after the other; return how many it took, None if it never came to it."""
    n_errors = 0
    for n in range(1, n_most + 1):
        n_errors += chance.random() >= precision
        if is_broken(Audits(n, n_errors), target):
            return n
    return None


class TestIsBroken:
    def test_finds_a_fall_from_99_to_95_percent_within_300_audits_in_95_of_100(self):
        chance = random.Random(1)

        found = [n_until_suspended(0.95, 0.99, chance) for _ in range(1000)]

        assert sum(n is not None for n in found) >= 950

    def test_suspends_a_good_rule_in_5_of_100_at_most(self):
        chance = random.Random(2)

        found = [n_until_suspended(0.995, 0.99, chance) for _ in range(1000)]

        assert sum(n is not None for n in found) <= 50

    @pytest.mark.parametrize("target", [0.9, 0.95, 0.99])
    def test_suspends_a_rule_that_just_keeps_its_promise_in_5_of_100_however_long_it_lasts(
        self, target
    ):
        chance = random.Random(3)

        found = [n_until_suspended(target, target, chance, n_most=1500) for _ in range(400)]

        assert sum(n is not None for n in found) <= 20 + 9  # two standard deviations of chance

    def test_one_error_alone_breaks_nothing(self):
        assert not is_broken(Audits(1, 1), 0.99)
        assert not is_broken(Audits(0, 0), 0.99)


class TestDecide:
    @pytest.mark.parametrize(("probability", "rule_id"), [(0.95, 7), (0.9, 7), (0.89, None)])
    def test_accepts_from_the_threshold_on(self, probability, rule_id):
        ruling = decide(Candidate(1, 5, probability, None, None), {None: RULE})

        assert (ruling.rule_id, ruling.category_id) == (rule_id, 5)

    def test_a_category_has_its_own_rule(self):
        rules = {5: replace(RULE, category_id=5)}

        assert decide(Candidate(1, 5, 0.95, None, None), rules).rule_id == 7
        assert decide(Candidate(1, 6, 0.95, None, None), rules).rule_id is None


def test_as_many_are_drawn_as_the_share_says_and_always_the_same():
    share = audit_share(3000)

    drawn = [product_id for product_id in range(3000) if is_drawn(7, product_id, share)]

    assert 240 < len(drawn) < 360
    assert drawn == [product_id for product_id in range(3000) if is_drawn(7, product_id, share)]
    assert drawn != [product_id for product_id in range(3000) if is_drawn(8, product_id, share)]


def test_of_a_few_accepted_products_half_are_drawn_at_most():
    assert audit_share(10) == audit_share(0) == 0.5


def test_another_look_waits_for_the_labels_that_were_asked_for():
    refused = replace(RULE, threshold=None, state=RuleState.REFUSED)
    hopeless = replace(refused, evidence=replace(EVIDENCE, n_more=None))

    assert [may_look_again(refused, n) for n in (100, 139, 140)] == [False, False, True]
    assert [may_look_again(hopeless, n) for n in (100, 150, 151)] == [False, False, True]
    assert refused.n_missing(130) == 10
    assert hopeless.n_missing(130) is None


def test_a_rule_serves_the_live_round_and_what_was_asked_for():
    asked = read_settings({"accept_target": 0.99})

    assert RULE.serves(asked, 3)
    assert not RULE.serves(asked, 4)
    assert not RULE.serves(read_settings({"accept_target": 0.95}), 3)
    assert not RULE.serves(read_settings({}), 3)


@pytest.mark.parametrize(("target", "confidence"), [(0.95, 0.95), (0.99, 0.9), (0.995, 0.99)])
def test_the_page_and_the_certificate_ask_for_the_same_least_evidence(target, confidence):
    assert least_evidence(target, confidence) == certifying.least_evidence(target, confidence)
