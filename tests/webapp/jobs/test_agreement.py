from dataclasses import replace

import pytest

from tests import factories
from webapp.domain.jobs import JobKind
from webapp.domain.review import AskedBecause, Verdict
from webapp.storage import catalogues, consensus, jobs


@pytest.fixture
def answered(database, shop, alice, bob, carol):
    """Ten products of two answers each, of which one is a tie; bob is adjudicated on it."""
    with database.begin() as session:
        ids = [factories.make_product(session, shop) for _ in range(10)]
        names = ["Watches", "Computers", "Kitchen"]

        def decide(product_id, user, category, **values):
            factories.make_annotation(
                session,
                shop,
                product_id,
                user,
                Verdict.CORRECTED,
                category=category,
                n_needed=2,
                **values,
            )

        for number, product_id in enumerate(ids):
            decide(product_id, alice, names[number % 3])
            decide(product_id, bob, names[number % 3] if number else "Kitchen")
        decide(ids[0], carol, "Computers", asked_because=AskedBecause.ADJUDICATION)
        decide(ids[1], carol, "Watches")  # after both answers could be seen
    return ids


def figures(database, shop):
    with database.read() as session:
        return consensus.find_agreement(session, catalogue_id=shop.id)


def test_answers_given_without_seeing_others_are_compared(
    database, shop, answered, add_job, run, alice, bob
):
    run(add_job(JobKind.MEASURE_AGREEMENT))

    found = figures(database, shop)
    assert (found.n_products, found.n_ties) == (10, 1)
    assert found.agreed.value == 0.9
    assert 0.7 < found.alpha.value < 0.9
    assert [(pair.first_id, pair.second_id, pair.n) for pair in found.pairs] == [
        (alice.id, bob.id, 10)
    ]
    assert 0.4 < found.pairs[0].low < found.pairs[0].kappa < found.pairs[0].high <= 1
    assert found.by_person[alice.id].n == 10
    assert (found.quality, found.round_number) == ({}, None)
    with database.read() as session:
        tie = consensus.find(session, product_ids=answered)[answered[0]]
    assert (tie.n_people, tie.majority_category_id, tie.category_id) == (2, None, None)


def test_the_model_beside_them_settles_a_tie(database, shop, answered, add_job, run, alice):
    names = ["Watches", "Computers", "Kitchen"]
    with database.begin() as session:
        factories.make_round(
            session,
            shop,
            {
                product_id: {names[number % 3]: 0.9, names[(number + 1) % 3]: 0.1}
                for number, product_id in enumerate(answered)
            },
        )
        watches = factories.category_id(session, shop, "Watches")

    run(add_job(JobKind.MEASURE_AGREEMENT))

    with database.read() as session:
        found = consensus.find(session, product_ids=answered)
    assert found[answered[0]].category_id == watches
    assert 0.5 < found[answered[0]].quality < found[answered[1]].quality <= 1
    assert len(found) == 10
    assert figures(database, shop).quality[alice.id] > 0.5
    assert figures(database, shop).round_number == 1


def test_again_replaces_what_was_known(database, shop, answered, add_job, run, alice):
    run(add_job(JobKind.MEASURE_AGREEMENT))
    with database.begin() as session:
        product_id = factories.make_product(session, shop)
        factories.make_annotation(session, shop, product_id, alice, Verdict.FLAGGED, n_needed=2)

    run(add_job(JobKind.MEASURE_AGREEMENT))

    assert figures(database, shop).n_products == 10


def test_a_catalogue_that_one_person_decides_has_no_agreement(database, shop, add_job, run, alice):
    job = run(add_job(JobKind.MEASURE_AGREEMENT))

    found = figures(database, shop)
    assert job.result == {"n_products": 0, "n_people": 0}
    assert (found.alpha, found.agreed, found.pairs) == (None, None, ())


@pytest.mark.parametrize(("people", "is_asked"), [(2, True), (1, False)])
def test_a_round_asks_for_it_where_several_people_decide(
    database, shop, add_job, run, sent_jobs, people, is_asked
):
    with database.begin() as session:
        catalogues.write_settings(
            session,
            catalogue_id=shop.id,
            settings=replace(shop.settings, people_per_product=people),
        )

    run(add_job())

    with database.read() as session:
        kinds = [jobs.get(session, job_id=job_id).kind for job_id in sent_jobs]
    assert (JobKind.MEASURE_AGREEMENT in kinds) == is_asked
