"""Several people decide a product: who gets it, what waits, what is a dispute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from webapp.domain.acceptance import Ruling
from webapp.domain.asking_order import place_of_new
from webapp.domain.catalogue_settings import read_settings
from webapp.domain.errors import AlreadyAnnotatedError
from webapp.domain.export import NOBODY
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.services import review
from webapp.storage import (
    acceptance_writes,
    annotations,
    catalogues,
    export_rows,
    labelling_history,
    queue_order,
    statistics,
)
from webapp.storage.tables import (
    AnnotationRow,
    LabelRow,
    ProductRow,
    QueueEntryRow,
)

LEASE_S = 600


class Desk:
    """The acts at the desk, each in a transaction of its own and a second after the last."""

    def __init__(self, database, now, **settings):
        self.database, self.now = database, now
        with database.begin() as session:
            self.shop = factories.make_catalogue(session, **settings)

    def add(self, **values):
        with self.database.begin() as session:
            return factories.make_product(session, self.shop, **values)

    def publish(self, predicted):
        with self.database.begin() as session:
            round_id = factories.make_round(session, self.shop, predicted)
            self.shop = catalogues.get(session, slug=self.shop.slug)
        return round_id

    def claim(self, user):
        self.now += timedelta(seconds=1)
        with self.database.begin() as session:
            cards = review.claim(
                session, catalogue=self.shop, user_id=user.id, now=self.now, lease_s=LEASE_S
            )
        return cards[0] if cards else None

    def decide(self, user, product_id, category="Watches", lease=None, **values):
        self.now += timedelta(seconds=1)
        with self.database.begin() as session:
            return review.decide_together(
                session,
                catalogue=self.shop,
                product_id=product_id,
                user_id=user.id,
                lease=lease,
                idempotency_key=f"key {self.now}",
                took_ms=None,
                now=self.now,
                **{
                    "verdict": Verdict.CORRECTED,
                    "category_id": factories.category_id(session, self.shop, category)
                    if category
                    else None,
                    "note": "",
                }
                | values,
            ).annotation

    def claim_and_decide(self, user, category="Watches", **values):
        card = self.claim(user)
        return self.decide(user, card.product.id, category, card.lease, **values)

    def undo(self, user, **values):
        self.now += timedelta(seconds=1)
        with self.database.begin() as session:
            return review.undo(
                session,
                catalogue=self.shop,
                user_id=user.id,
                now=self.now,
                idempotency_key=f"undo {self.now}",
                lease_s=LEASE_S,
                **values,
            )

    def state(self, product_id):
        with self.database.read() as session:
            return ProductState(
                session.scalars(select(ProductRow.state).where(ProductRow.id == product_id)).one()
            )

    def label(self, product_id):
        with self.database.read() as session:
            return session.scalar(
                select(LabelRow.category_id).where(LabelRow.product_id == product_id)
            )


@pytest.fixture
def desk(database, now):
    return Desk(database, now, people_per_product=2)


class TestWaiting:
    def test_for_somebody_else_than_who_has_decided_it(self, desk, alice, bob):
        product = desk.add()

        desk.claim_and_decide(alice)

        assert desk.state(product) is ProductState.OPEN
        assert desk.claim(alice) is None
        card = desk.claim(bob)
        assert (card.product.id, card.asked_because) == (product, AskedBecause.SECOND)

    def test_a_card_in_another_tab_is_no_second_decision(self, desk, alice):
        product = desk.add()
        card = desk.claim(alice)
        desk.decide(alice, product, "Watches", card.lease)

        for act in ({}, {"category": None, "verdict": Verdict.SKIPPED}):
            with pytest.raises(AlreadyAnnotatedError, match="decided meanwhile"):
                desk.decide(alice, product, lease=card.lease, **act)

    def test_a_second_opinion_comes_in_turns_before_what_is_new(
        self, desk, alice, bob, monkeypatch
    ):
        first = desk.add(priority=0.9)
        second = desk.add(priority=0.5)
        desk.claim_and_decide(alice)
        monkeypatch.setattr("webapp.storage.queue.secrets.randbelow", lambda n: n // 3)

        assert desk.claim(bob).product.id == first  # a third is less than a half
        assert desk.claim(bob).product.id == second

    def test_labels_once_all_agree(self, desk, alice, bob):
        product = desk.add()

        desk.claim_and_decide(alice)
        assert desk.label(product) is None
        desk.claim_and_decide(bob)

        assert desk.state(product) is ProductState.LABELLED
        assert desk.label(product) is not None
        assert desk.claim(alice) is None

    def test_is_a_dispute_once_they_differ(self, desk, alice, bob, carol):
        product = desk.add()

        desk.claim_and_decide(alice, "Watches")
        desk.claim_and_decide(bob, "Kitchen")

        assert desk.state(product) is ProductState.DISPUTED
        assert desk.label(product) is None
        assert desk.claim(carol) is None

    def test_whoever_skips_a_second_opinion_leaves_it_to_others(self, desk, alice, bob, carol):
        product = desk.add()
        desk.claim_and_decide(alice)

        desk.claim_and_decide(bob, None, verdict=Verdict.SKIPPED)

        assert desk.claim(alice) is None
        assert desk.claim(carol).product.id == product

    def test_an_order_of_the_queue_leaves_it_where_it_is(self, desk, alice, bob, database):
        product = desk.add()
        desk.claim_and_decide(alice)

        with database.begin() as session:
            place = place_of_new(product, AskedBecause.UNCERTAIN)
            queue_order.write(session, catalogue_id=desk.shop.id, places=[place])

        assert desk.claim(alice) is None
        assert desk.claim(bob).asked_because is AskedBecause.SECOND

    def test_a_setting_changed_later_touches_only_what_nobody_has_decided(
        self, desk, alice, bob, database
    ):
        decided = desk.add(priority=0.9)
        desk.claim_and_decide(alice)
        with database.begin() as session:
            one = catalogues.get(session, slug="shop").settings.as_dict() | {
                "people_per_product": 1
            }
            catalogues.write_settings(
                session, catalogue_id=desk.shop.id, settings=read_settings(one)
            )
            desk.shop = catalogues.get(session, slug="shop")
        fresh = desk.add()

        desk.claim_and_decide(alice)

        assert desk.state(fresh) is ProductState.LABELLED
        assert desk.state(decided) is ProductState.OPEN
        assert desk.claim(alice) is None
        assert desk.claim(bob).product.id == decided

    def test_only_what_the_model_is_unsure_of_where_that_is_set(self, database, now, alice, bob):
        desk = Desk(database, now, people_per_product=2, are_only_unsure_shared=True)
        sure, unsure = desk.add(priority=0.9), desk.add(priority=0.5)
        desk.publish({sure: {"Watches": 0.9}, unsure: {"Watches": 0.6, "Kitchen": 0.4}})

        desk.claim_and_decide(alice)
        desk.claim_and_decide(alice)

        assert desk.state(sure) is ProductState.LABELLED
        assert desk.state(unsure) is ProductState.OPEN
        assert desk.claim(bob).product.id == unsure

    def test_a_product_of_the_evaluation_set_hides_its_suggestion_from_everybody(
        self, desk, alice, bob
    ):
        product = desk.add(is_evaluation=True, reason="evaluation")
        desk.publish({product: {"Watches": 0.9}})

        desk.claim_and_decide(alice)
        card = desk.claim(bob)

        assert card.is_suggestion_hidden
        assert card.prediction is None
        assert not card.product.source_path

    def test_look_alikes_taken_along_are_one_persons_decisions_too(self, desk, alice, bob):
        first = desk.add(group_number=7, priority=0.9)
        other = desk.add(group_number=7)

        desk.claim_and_decide(alice, look_alike_ids=[other])

        assert {desk.state(first), desk.state(other)} == {ProductState.OPEN}
        assert desk.claim(alice) is None
        card = desk.claim(bob)
        assert [each.product_id for each in card.look_alikes] == [
            {first, other}.difference({card.product.id}).pop()
        ]

    def test_what_she_has_decided_is_not_offered_to_her_along_with_another(self, desk, alice):
        desk.add(group_number=7, priority=0.9)
        desk.claim_and_decide(alice)
        desk.add(group_number=7)

        assert desk.claim(alice).look_alikes == ()


class TestUndo:
    def test_gives_the_product_back_to_whoever_has_taken_her_decision_back(self, desk, alice):
        product = desk.add(reason="uncertain")
        desk.claim_and_decide(alice)

        card = desk.undo(alice)

        assert (card.product.id, card.asked_because) == (product, AskedBecause.UNCERTAIN)
        assert card.lease is not None

    def test_takes_back_the_own_answer_alone(self, desk, alice, bob, carol):
        product = desk.add()
        hers = desk.claim_and_decide(alice)
        desk.claim_and_decide(bob)

        card = desk.undo(alice, annotation_id=hers.id)

        assert desk.state(product) is ProductState.OPEN
        assert desk.label(product) is None
        assert card.asked_because is AskedBecause.SECOND
        assert desk.claim(bob) is None
        assert desk.claim(carol) is None  # it is on the desk of alice

    def test_is_refused_once_somebody_has_adjudicated(self, desk, alice, bob, carol):
        product = desk.add()
        hers = desk.claim_and_decide(alice, "Watches")
        desk.claim_and_decide(bob, "Kitchen")
        with desk.database.begin() as session:
            review.annotate(
                session,
                catalogue=desk.shop,
                product_id=product,
                user_id=carol.id,
                lease=None,
                verdict=Verdict.CORRECTED,
                category_id=factories.category_id(session, desk.shop, "Kitchen"),
                note="",
                idempotency_key="adjudicated",
                took_ms=None,
                now=desk.now,
                asked_because=AskedBecause.ADJUDICATION,
            )

        with pytest.raises(AlreadyAnnotatedError, match="since"):
            desk.undo(alice, annotation_id=hers.id)


def test_two_people_at_once_never_decide_a_product_twice_themselves(desk, alice, bob):
    products = [desk.add() for _ in range(15)]
    now = desk.now

    def work(user):
        while True:
            with desk.database.begin() as session:
                cards = review.claim(
                    session, catalogue=desk.shop, user_id=user.id, now=now, lease_s=LEASE_S
                )
                if not cards:
                    return
                review.annotate(
                    session,
                    catalogue=desk.shop,
                    product_id=cards[0].product.id,
                    user_id=user.id,
                    lease=cards[0].lease,
                    verdict=Verdict.CORRECTED,
                    category_id=factories.category_id(session, desk.shop, "Watches"),
                    note="",
                    idempotency_key=f"{user.id} {cards[0].product.id}",
                    took_ms=None,
                    now=now,
                )

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, user) for user in (alice, bob)]:
            done.result()
    work(alice)  # what was on the desk of the other when one of them found nothing more
    work(bob)

    with desk.database.read() as session:
        acts = session.execute(select(AnnotationRow.product_id, AnnotationRow.user_id)).all()
        n_waiting = session.scalars(
            select(QueueEntryRow.product_id).where(QueueEntryRow.is_waiting)
        ).all()
    assert len(acts) == len(set(acts)) == 2 * len(products)
    assert n_waiting == []
    assert {desk.state(product) for product in products} == {ProductState.LABELLED}


def test_a_person_reads_what_she_has_decided(desk, alice, bob):
    product = desk.add()
    desk.claim_and_decide(alice)

    with desk.database.read() as session:
        found = {
            user.id: annotations.find_decided_by(session, user_id=user.id, product_ids=[product])
            for user in (alice, bob)
        }

    assert found == {alice.id: {product}, bob.id: set()}


def test_counts_tell_disputes_from_what_is_open(desk, alice, bob):
    desk.add(priority=0.9)
    desk.claim_and_decide(alice, "Watches")
    desk.claim_and_decide(bob, "Kitchen")
    desk.add()

    with desk.database.read() as session:
        counts = statistics.count_states(session, catalogue_id=desk.shop.id)

    assert (counts.n_products, counts.n_disputed, counts.n_labelled) == (2, 1, 0)


def test_the_dashboard_counts_answers_once_all_are_in(desk, alice, bob, database):
    product = desk.add()
    desk.publish({product: {"Kitchen": 0.8, "Watches": 0.2}})
    counts = []
    for user in (alice, bob):
        desk.claim_and_decide(user, "Watches")
        with database.read() as session:
            counts.append(statistics.count_agreement(session, catalogue_id=desk.shop.id))

    assert [(found.n_confirmed, found.n_corrected) for found in counts] == [(0, 0), (0, 2)]


def export(desk, as_of):
    with desk.database.read() as session:
        [[row]] = export_rows.iterate(session, catalogue_id=desk.shop.id, level=1, as_of=as_of)
    return row.state, row.category, row.decided_by


def test_an_export_of_any_moment_says_how_far_people_were_then(desk, alice, bob):
    desk.add()
    moments = []
    for user, category in ((alice, "Watches"), (bob, "Kitchen"), (bob, "Watches")):
        if len(moments) < 2:
            desk.claim_and_decide(user, category)
        else:
            desk.decide(user, 1, category)
        moments.append(desk.now)

    assert [export(desk, moment) for moment in moments] == [
        ("open", None, NOBODY),
        ("disputed", None, NOBODY),
        ("labelled", "Watches", f"moderator:{bob.id}"),
    ]


def test_a_label_was_asked_for_the_reason_that_the_first_of_several_was_told(desk, alice, bob):
    product = desk.add(reason="uncertain")
    desk.publish({product: {"Kitchen": 0.8, "Watches": 0.2}})
    desk.claim_and_decide(alice, "Watches")
    desk.claim_and_decide(bob, "Watches")

    with desk.database.read() as session:
        [decision] = labelling_history.list_decisions(
            session, catalogue_id=desk.shop.id, last_annotation_id=100
        )

    assert (decision.asked_because, decision.is_correction) == (AskedBecause.UNCERTAIN, True)


def test_a_rule_accepts_nothing_that_somebody_has_decided(desk, alice, bob):
    product = desk.add()
    round_id = desk.publish({product: {"Watches": 0.99}})
    desk.claim_and_decide(alice, "Watches")
    with desk.database.begin() as session:
        rule_id = factories.make_rule(session, desk.shop, round_id=round_id)
        ruling = Ruling(
            product,
            rule_id,
            factories.category_id(session, desk.shop, "Watches"),
            0.99,
            is_audited=False,
        )
        acceptance_writes.write(session, rulings=[ruling], now=desk.now)

    assert desk.state(product) is ProductState.OPEN
    assert desk.claim(bob).asked_because is AskedBecause.SECOND
