from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.webapp.acceptance import apply, ask_for, make_shop
from webapp.domain.acceptance import RuleState, Ruling
from webapp.domain.errors import InvalidInputError
from webapp.domain.jobs import JobKind
from webapp.domain.product_history import HiddenBecause
from webapp.domain.review import AskedBecause, Verdict
from webapp.services import acceptance, product_page, product_story, review
from webapp.storage import acceptance as rules
from webapp.storage import acceptance_writes, catalogues, jobs, product_search
from webapp.storage.tables import AcceptanceRow, JobRow, ProductRow, QueueEntryRow

LATER = datetime.now(UTC) + timedelta(days=1)  # jobs take the time themselves


@pytest.fixture
def accepted(database, config, alice, carol):
    """A shop whose sure products a rule has accepted; return their ids, the audited ones first."""
    with database.begin() as session:
        _, sure, unsure = make_shop(session, alice)
    ask_for(database, carol)
    apply(database, config)
    with database.begin() as session:
        session.execute(update(JobRow).values(state="done"))
        session.execute(  # only audits wait, so that a claim needs no luck
            update(QueueEntryRow)
            .where(QueueEntryRow.product_id.in_(unsure))
            .values(is_waiting=False)
        )
        audited = set(
            session.scalars(select(AcceptanceRow.product_id).where(AcceptanceRow.is_audited))
        )
    return sorted(sure, key=lambda product_id: product_id not in audited)


def shop_in(session):
    return catalogues.get(session, slug="shop")


def audit(database, person, category, key):
    """Decide the next audit; return its annotation."""
    with database.begin() as session:
        shop = shop_in(session)
        [card] = review.claim(session, catalogue=shop, user_id=person.id, now=LATER, lease_s=600)
        return review.annotate(
            session,
            catalogue=shop,
            product_id=card.product.id,
            user_id=person.id,
            lease=card.lease,
            verdict=Verdict.CORRECTED,
            category_id=factories.category_id(session, shop, category),
            idempotency_key=key,
            took_ms=900,
            now=LATER,
        )


def state_of(database, product_id):
    with database.read() as session:
        return session.scalar(select(ProductRow.state).where(ProductRow.id == product_id))


def current_rule(database):
    with database.read() as session:
        [rule] = rules.list_current(session, catalogue_id=shop_in(session).id)
        audits = rules.count_audits(session, rule_ids=[rule.id]).get(rule.id)
    return rule, audits


def test_an_audit_is_asked_without_suggestion_and_a_label_wins(database, alice, accepted):
    act = audit(database, alice, "Kitchen", "a")

    assert (act.asked_because, act.is_suggestion_hidden) == (AskedBecause.AUDIT, True)
    assert act.shown_category_id is None
    assert state_of(database, act.product_id) == "labelled"
    rule, audits = current_rule(database)
    assert (rule.state, audits.n, audits.n_errors) == (RuleState.IN_FORCE, 1, 0)


def test_errors_in_audits_suspend_the_rule_at_once_and_the_job_gives_the_products_back(
    database, config, alice, accepted
):
    acts = [audit(database, alice, "Watches", f"a{n}") for n in range(2)]

    rule, audits = current_rule(database)
    assert (rule.state, rule.reason) == (RuleState.SUSPENDED, "2/2")
    assert (audits.n, audits.n_errors) == (2, 2)
    with database.read() as session:
        assert acceptance.is_suspended(session, catalogue=shop_in(session))
        job = jobs.find_latest(
            session, catalogue_id=shop_in(session).id, kind=JobKind.REFRESH_PREDICTIONS
        )
    assert not job.is_over

    apply(database, config)

    decided = {act.product_id for act in acts}
    assert {state_of(database, p) for p in accepted if p not in decided} == {"open"}
    assert {state_of(database, p) for p in decided} == {"labelled"}
    assert apply(database, config) == 0  # what is suspended stays so while this round is live


def test_a_suspended_rule_does_not_come_back_with_its_round(database, config, alice, accepted):
    for n in range(2):
        audit(database, alice, "Watches", f"a{n}")
    with database.begin() as session:
        shop = shop_in(session)
        factories.make_round(session, shop, {accepted[-1]: {"Kitchen": 0.9}}, number=2)
    apply(database, config)
    with database.begin() as session:
        factories.make_live(session, shop_in(session), shop.live_round_id)

    apply(database, config)

    assert current_rule(database)[0].state is RuleState.SUSPENDED
    assert state_of(database, accepted[-1]) == "open"


def test_taking_an_audit_back_lets_the_rule_decide_again_and_asks_again(database, alice, accepted):
    act = audit(database, alice, "Watches", "a")
    with database.begin() as session:
        card = review.undo(
            session,
            catalogue=shop_in(session),
            user_id=alice.id,
            now=LATER,
            idempotency_key="u",
            lease_s=600,
        )

    assert (card.product.id, card.asked_because) == (act.product_id, AskedBecause.AUDIT)
    assert card.lease is not None
    assert card.suggestion is None
    assert state_of(database, act.product_id) == "accepted"
    assert current_rule(database)[1].n == 0


def test_an_audit_whose_flag_is_taken_off_is_asked_again(database, alice, carol, accepted):
    with database.begin() as session:
        product_page.flag(
            session,
            catalogue=shop_in(session),
            product_id=accepted[0],
            user_id=alice.id,
            note="torn photo",
            idempotency_key="f",
            now=LATER,
        )
        waited = session.get(QueueEntryRow, accepted[0]).is_waiting

    with database.begin() as session:
        product_page.put_back(
            session,
            catalogue=shop_in(session),
            product_id=accepted[0],
            user_id=carol.id,
            idempotency_key="p",
            now=LATER,
        )
        entry = session.get(QueueEntryRow, accepted[0], populate_existing=True)

    assert (waited, entry.is_waiting, entry.reason) == (False, True, "audit")
    assert state_of(database, accepted[0]) == "accepted"


def accept_again(database, product_id, *, is_audited):
    """Let the rule accept a product anew, as after a round whose draw differs."""
    with database.begin() as session:
        before = rules.find_standing(session, product_id=product_id)
        ruling = Ruling(product_id, before.rule_id, before.category_id, 0.99, is_audited)
        acceptance_writes.write(session, rulings=[ruling], now=LATER)
        return session.get(QueueEntryRow, product_id, populate_existing=True)


def test_what_is_no_longer_drawn_for_an_audit_is_not_asked_as_one(database, alice, accepted):
    entry = accept_again(database, accepted[0], is_audited=False)

    act = decide_by_choice(database, alice, accepted[0])

    assert (entry.reason, entry.is_waiting, entry.is_suggestion_hidden) == ("new", False, False)
    assert (act.asked_because, act.is_suggestion_hidden) == (AskedBecause.CHOSEN, False)


def test_an_audit_on_a_desk_stays_one_under_the_next_rule(database, alice, accepted):
    with database.begin() as session:
        [card] = review.claim(
            session, catalogue=shop_in(session), user_id=alice.id, now=LATER, lease_s=600
        )

    entry = accept_again(database, card.product.id, is_audited=False)

    assert (entry.reason, entry.leased_to) == ("audit", alice.id)
    with database.read() as session:
        assert rules.find_standing(session, product_id=card.product.id).is_audited


def test_an_accepted_product_does_not_wait_once_what_one_of_several_decided_is_taken_back(
    database, alice, accepted
):
    with database.begin() as session:
        shop = shop_in(session)
        changed = replace(shop.settings, people_per_product=2)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=changed)
    decide_by_choice(database, alice, accepted[-1])
    with database.begin() as session:
        review.undo(
            session,
            catalogue=shop_in(session),
            user_id=alice.id,
            idempotency_key="u",
            lease_s=600,
            now=LATER,
        )
        entry = session.get(QueueEntryRow, accepted[-1])

    assert state_of(database, accepted[-1]) == "accepted"
    assert (entry.is_waiting, entry.leased_to) == (False, None)


def test_a_skipped_audit_is_asked_again(database, alice, accepted):
    with database.begin() as session:
        shop = shop_in(session)
        [card] = review.claim(session, catalogue=shop, user_id=alice.id, now=LATER, lease_s=600)
        review.annotate(
            session,
            catalogue=shop,
            product_id=card.product.id,
            user_id=alice.id,
            lease=card.lease,
            verdict=Verdict.SKIPPED,
            category_id=None,
            idempotency_key="s",
            took_ms=100,
            now=LATER,
        )
        entry = session.get(QueueEntryRow, card.product.id)

    assert (entry.reason, entry.is_waiting) == ("audit", True)
    assert state_of(database, card.product.id) == "accepted"


def decide_by_choice(database, person, product_id):
    """Decide a product on its page."""
    with database.begin() as session:
        shop = shop_in(session)
        return product_page.decide(
            session,
            catalogue=shop,
            product_id=product_id,
            user_id=person.id,
            category_id=factories.category_id(session, shop, "Watches"),
            idempotency_key="c",
            now=LATER,
        )


def test_a_decision_by_choice_wins_too_but_is_no_audit(database, alice, accepted):
    decide_by_choice(database, alice, accepted[-1])

    assert state_of(database, accepted[-1]) == "labelled"
    assert current_rule(database)[1].n == 0


def test_an_audit_that_somebody_opens_on_its_own_page_is_decided_blindly_and_counts(
    database, alice, accepted
):
    with database.read() as session:
        story = product_story.tell_story(
            session,
            catalogue=shop_in(session),
            product_id=accepted[0],
            user_id=alice.id,
            now=LATER,
        )

    act = decide_by_choice(database, alice, accepted[0])

    assert story.hidden_because is HiddenBecause.AUDIT
    assert (story.live, story.predictions, story.acceptances) == (None, (), ())
    assert (act.asked_because, act.is_suggestion_hidden) == (AskedBecause.AUDIT, True)
    assert current_rule(database)[1].n == 1


def test_audits_take_turns_with_other_work(database, alice, accepted, monkeypatch):
    with database.begin() as session:
        other = factories.make_product(session, shop_in(session), priority=0.9)
        turns = iter([1, 0])
        monkeypatch.setattr("webapp.storage.queue.secrets.randbelow", lambda n: next(turns))

        cards = review.claim(
            session, catalogue=shop_in(session), user_id=alice.id, now=LATER, lease_s=600, n=2
        )

    assert cards[0].product.id == other
    assert cards[1].asked_because is AskedBecause.AUDIT


def test_the_history_of_a_product_tells_of_the_rule(database, alice, accepted):
    with database.read() as session:
        story = product_story.tell_story(
            session,
            catalogue=shop_in(session),
            product_id=accepted[-1],
            user_id=alice.id,
            now=LATER,
        )

    [past] = story.acceptances
    assert (past.round_number, past.probability, past.ended_at) == (1, 0.99, None)


def test_accepted_products_are_found_by_their_state(database, accepted):
    with database.read() as session:
        only = product_search.ProductFilter(state=product_search.ProductState.ACCEPTED)
        found = product_search.list_page(session, catalogue=shop_in(session), only=only)

    assert sorted(row.id for row in found.rows) == sorted(accepted)


@pytest.mark.parametrize(("target", "confidence"), [(1.0, 0.95), (0.99, 1.0), (0.2, 0.95)])
def test_a_share_that_no_evidence_shows_is_refused(database, carol, accepted, target, confidence):
    with pytest.raises(InvalidInputError, match=r"between 50 and 99\.9"):
        ask_for(database, carol, target=target, confidence=confidence)
