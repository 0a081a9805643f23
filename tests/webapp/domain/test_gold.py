from dataclasses import replace
from datetime import timedelta

from tests import factories
from tests.webapp.domain.test_vigilance import card
from webapp.domain.gold import Gold, gold_accuracy
from webapp.domain.review import AskedBecause

ADMIN, ALICE = 9, 1


def gold(*products):
    return {product_id: Gold(product_id, 1, ADMIN, factories.NOW) for product_id in products}


def test_a_product_counts_once_by_the_first_answer_at_the_desk():
    first = card(product_id=1)
    later = replace(card(product_id=1, changed=True), created_at=factories.NOW + timedelta(hours=1))

    found = gold_accuracy([later, first], {1: 2, 2: 2}, gold(1, 2, 3), user_id=ALICE)

    assert (found.n_hits, found.n) == (1, 2)


def test_who_vouches_for_a_product_is_not_measured_by_it():
    assert gold_accuracy([card(product_id=1)], {}, gold(1), user_id=ADMIN).n == 0


def test_a_decision_on_the_page_of_a_product_could_follow_its_label():
    chosen = card(product_id=1, asked_because=AskedBecause.CHOSEN)

    assert gold_accuracy([chosen], {}, gold(1), user_id=ALICE).n == 0
