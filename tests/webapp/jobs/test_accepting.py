import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.webapp.acceptance import N_LABELLED, N_SURE, apply, ask_for, make_shop
from webapp.domain.acceptance import EndedBecause, RuleState
from webapp.domain.errors import JobCancelledError
from webapp.domain.jobs import JobKind
from webapp.domain.review import ProductState, Verdict
from webapp.services import retraining, review
from webapp.storage import acceptance, catalogues, jobs, queue
from webapp.storage.tables import (
    AcceptanceRow,
    AcceptanceRuleRow,
    JobRow,
    ProductRow,
    QueueEntryRow,
)


@pytest.fixture
def ready(database, alice):
    with database.begin() as session:
        return make_shop(session, alice)


def states(database, product_ids):
    with database.read() as session:
        return set(session.scalars(select(ProductRow.state).where(ProductRow.id.in_(product_ids))))


def current(database):
    with database.read() as session:
        catalogue = catalogues.get(session, slug="shop")
        return acceptance.list_current(session, catalogue_id=catalogue.id)


def test_accepts_what_is_sure_enough_and_draws_audits(database, config, carol, ready):
    _, sure, unsure = ready
    ask_for(database, carol)

    n_changed = apply(database, config)

    [rule] = current(database)
    assert (rule.state, rule.threshold, rule.round_number) == (RuleState.IN_FORCE, 0.99, 1)
    assert (rule.evidence.n_accepted, rule.evidence.n_errors, rule.evidence.least) == (70, 0, 59)
    assert n_changed == N_SURE
    assert states(database, sure) == {"accepted"}
    assert states(database, unsure) == {"open"}
    with database.read() as session:
        audits = session.scalars(
            select(AcceptanceRow.product_id).where(AcceptanceRow.is_audited)
        ).all()
        asked = session.scalars(
            select(QueueEntryRow.product_id).where(
                QueueEntryRow.reason == "audit",
                QueueEntryRow.is_waiting,
                QueueEntryRow.is_suggestion_hidden,
            )
        ).all()
    assert sorted(audits) == sorted(asked)
    assert 0.25 * N_SURE < len(audits) < 0.75 * N_SURE  # so few that half of them are checked


def test_what_is_not_drawn_leaves_the_queue(database, config, carol, ready, monkeypatch):
    monkeypatch.setattr("webapp.domain.acceptance.N_AUDITS", 10)
    _, sure, _ = ready
    ask_for(database, carol)

    apply(database, config)

    with database.read() as session:
        waiting = session.scalars(
            select(QueueEntryRow.product_id).where(
                QueueEntryRow.product_id.in_(sure), QueueEntryRow.is_waiting
            )
        ).all()
        audited = session.scalars(
            select(AcceptanceRow.product_id).where(AcceptanceRow.is_audited)
        ).all()
    assert 0 < len(waiting) < len(sure)
    assert sorted(waiting) == sorted(audited)


def test_doing_it_again_changes_nothing(database, config, carol, ready):
    ask_for(database, carol)
    apply(database, config)

    again = apply(database, config)

    assert again == 0
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AcceptanceRow)) == N_SURE
        assert session.scalar(select(func.count()).select_from(AcceptanceRuleRow)) == 1


def test_goes_on_where_a_process_was_killed(database, config, carol, ready, monkeypatch):
    monkeypatch.setattr("webapp.jobs.writing.ROWS_AT_ONCE", 15)
    ask_for(database, carol)

    def die(stage, done, total):
        if stage == "accept" and done >= 15:
            raise JobCancelledError("stopped")

    with pytest.raises(JobCancelledError):
        apply(database, config, die)
    n_first = len(states_of_accepted(database))
    n_rest = apply(database, config)

    assert (n_first, n_rest) == (15, N_SURE - 15)
    assert len(current(database)) == 1


def states_of_accepted(database):
    with database.read() as session:
        return session.scalars(
            select(ProductRow.id).where(ProductRow.state == ProductState.ACCEPTED.value)
        ).all()


def test_too_little_evidence_is_refused_and_the_missing_labels_are_counted(
    database, config, alice, carol
):
    with database.begin() as session:
        _, sure, _ = make_shop(session, alice, n_labelled=30)
    ask_for(database, carol)

    apply(database, config)

    [rule] = current(database)
    assert (rule.state, rule.reason) == (RuleState.REFUSED, "too_little_evidence")
    assert rule.evidence.n_more >= 29
    assert states(database, sure) == {"open"}


def test_source_categories_are_no_evidence(database, config, carol):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        products = [
            factories.make_product(session, shop, is_evaluation=at < 100) for at in range(120)
        ]
        factories.make_round(session, shop, {key: {"Kitchen": 0.99} for key in products})
    ask_for(database, carol)

    apply(database, config)

    [rule] = current(database)
    assert (rule.state, rule.evidence.n, rule.evidence.n_labels) == (RuleState.REFUSED, 0, 0)


def test_labels_that_were_given_beside_a_suggestion_are_no_evidence(database, config, alice, carol):
    with database.begin() as session:
        shop, _, _ = make_shop(session, alice, n_labelled=0)
        led = [factories.make_product(session, shop, is_evaluation=True) for _ in range(80)]
        round_id = factories.make_round(
            session, shop, {key: {"Kitchen": 0.99} for key in led}, number=2
        )
        for product_id in led:
            factories.make_annotation(
                session,
                shop,
                product_id,
                alice,
                Verdict.CONFIRMED,
                category="Kitchen",
                shown=(round_id, "Kitchen"),
            )
    ask_for(database, carol)

    apply(database, config)

    assert [rule.evidence.n for rule in current(database)] == [0]


def test_a_refused_rule_is_tried_again_only_after_the_labels_that_were_asked_for(
    database, config, alice, carol
):
    with database.begin() as session:
        shop, _, _ = make_shop(session, alice, n_labelled=30)
    ask_for(database, carol)
    apply(database, config)
    [refused] = current(database)

    label_more(database, shop, alice, refused.evidence.n_more - 1)
    apply(database, config)
    still = current(database)
    label_more(database, shop, alice, 1)
    apply(database, config)

    assert [rule.id for rule in still] == [refused.id]
    [rule] = current(database)
    assert rule.state is RuleState.IN_FORCE
    with database.read() as session:
        [past] = acceptance.list_ended(session, catalogue_id=shop.id, n=5)
    assert past.reason == EndedBecause.EVIDENCE.value


def label_more(database, shop, person, n):
    with database.begin() as session:
        shop = catalogues.get(session, slug=shop.slug)
        for _ in range(n):
            product_id = factories.make_product(session, shop, is_evaluation=True)
            factories.add_prediction(
                session, shop, shop.live_round_id, product_id, {"Kitchen": 0.99}
            )
            factories.make_annotation(
                session,
                shop,
                product_id,
                person,
                Verdict.CONFIRMED,
                category="Kitchen",
                is_suggestion_hidden=True,
            )


def test_switching_it_off_lets_everything_wait_again(database, config, carol, ready):
    _, sure, _ = ready
    ask_for(database, carol)
    apply(database, config)
    ask_for(database, carol, target=None)

    apply(database, config)

    assert current(database) == []
    assert states(database, sure) == {"open"}
    with database.read() as session:
        standing = select(func.count()).where(AcceptanceRow.ended_at.is_(None))
        waiting = select(func.count()).where(
            QueueEntryRow.product_id.in_(sure),
            QueueEntryRow.is_waiting,
            QueueEntryRow.reason != "audit",
            ~QueueEntryRow.is_suggestion_hidden,
        )
        assert session.scalar(standing) == 0
        assert session.scalar(waiting) == len(sure)


def test_another_round_is_certified_anew_and_going_back_too(database, config, carol, ready):
    catalogue, sure, unsure = ready
    ask_for(database, carol)
    apply(database, config)
    with database.begin() as session:
        factories.make_round(
            session, catalogue, {key: {"Kitchen": 0.999} for key in unsure}, number=2
        )

    apply(database, config)
    refused = current(database)
    open_then = states(database, sure)
    with database.begin() as session:
        retraining.roll_back(
            session, catalogue=catalogues.get(session, slug="shop"), now=factories.NOW
        )
    apply(database, config)

    assert [(rule.round_number, rule.state) for rule in refused] == [(2, RuleState.REFUSED)]
    assert open_then == {"open"}
    [rule] = current(database)
    assert (rule.round_number, rule.state) == (1, RuleState.IN_FORCE)
    assert states(database, sure) == {"accepted"}


def test_a_product_that_stays_accepted_never_waits_in_between(database, config, carol, ready):
    _, sure, _ = ready
    ask_for(database, carol)
    apply(database, config)
    ask_for(database, carol, target=0.9)

    apply(database, config)

    with database.read() as session:
        ended, begun = (
            session.execute(
                select(AcceptanceRow.ended_at, AcceptanceRow.accepted_at).where(
                    AcceptanceRow.product_id == sure[0]
                )
            )
            .columns(0, 1)
            .all()
        )
    assert ended[0] == begun[1]


def test_what_lies_on_a_desk_is_left_alone(database, config, alice, carol, ready):
    catalogue, sure, _ = ready
    with database.begin() as session:
        session.execute(
            update(QueueEntryRow).where(QueueEntryRow.product_id == sure[0]).values(priority=0.9)
        )
        [card] = review.claim(
            session, catalogue=catalogue, user_id=alice.id, now=factories.NOW, lease_s=600
        )
    ask_for(database, carol)

    apply(database, config)

    assert card.product.id == sure[0]
    assert states(database, [sure[0]]) == {"open"}
    with database.read() as session:
        assert queue.find(session, product_id=sure[0]).leased_to == alice.id


def test_each_category_has_a_rule_of_its_own(database, config, alice, carol):
    with database.begin() as session:
        shop, sure, _ = make_shop(session, alice, n_labelled=120)
        watches = [factories.make_product(session, shop, is_evaluation=False) for _ in range(5)]
        for product_id in watches:
            factories.add_prediction(
                session, shop, shop.live_round_id, product_id, {"Watches": 0.99}
            )
    ask_for(database, carol, is_per_category=True)

    apply(database, config)

    by_state = {rule.state: rule for rule in current(database)}
    assert set(by_state) == {RuleState.IN_FORCE, RuleState.REFUSED}
    assert by_state[RuleState.IN_FORCE].evidence.least > 59  # they share the risk
    assert states(database, sure) == {"accepted"}
    assert states(database, watches) == {"open"}


def test_without_a_live_round_there_is_nothing_to_certify(database, config, carol):
    with database.begin() as session:
        factories.make_catalogue(session)
    ask_for(database, carol)

    assert apply(database, config) == 0
    assert current(database) == []


def test_a_published_round_is_certified_by_the_refresh_that_follows(
    database, carol, shop, add_job, run, sent_jobs
):
    ask_for(database, carol)
    with database.begin() as session:
        session.execute(update(JobRow).values(state="done"))

    run(add_job())
    with database.read() as session:
        refresh = jobs.find_latest(session, catalogue_id=shop.id, kind=JobKind.REFRESH_PREDICTIONS)
    run(refresh)

    assert refresh.id in sent_jobs
    [rule] = current(database)
    assert (rule.state, rule.evidence.n_labels) == (RuleState.REFUSED, 0)


def test_labels_given_while_the_seller_s_claim_was_seen_are_no_evidence(
    database, config, carol, alice
):
    with database.begin() as session:
        shop, _, _ = make_shop(session, alice)
        led = factories.make_product(session, shop, is_evaluation=True, priority=None)
        factories.make_annotation(session, shop, led, alice, Verdict.CONFIRMED, category="Kitchen")
        n_labels, _ = acceptance.count_evaluation(session, catalogue_id=shop.id)

    assert n_labels == N_LABELLED


def test_rules_of_categories_draw_audits_from_their_own_products(
    database, config, carol, alice, monkeypatch
):
    monkeypatch.setattr("webapp.domain.acceptance.N_AUDITS", 10)
    with database.begin() as session:
        shop, _, _ = make_shop(session, alice, n_labelled=120)
        for _ in range(200):  # of a category that nothing is known of
            other = factories.make_product(session, shop, is_evaluation=False)
            said = {"Computers": 0.99, "Watches": 0.01}
            factories.add_prediction(session, shop, shop.live_round_id, other, said)
    ask_for(database, carol, is_per_category=True)

    apply(database, config)

    [kitchen] = [rule for rule in current(database) if rule.state is RuleState.IN_FORCE]
    assert kitchen.evidence.n_candidates < 60
    assert kitchen.evidence.audit_share * N_SURE == pytest.approx(10, abs=1)
