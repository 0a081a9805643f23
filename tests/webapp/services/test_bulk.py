from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.webapp import acceptance
from tests.webapp.at_work import AtWork
from webapp.domain.accounts import User
from webapp.domain.bulk import LeftBecause
from webapp.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from webapp.domain.look_alikes import key_of_look_alike
from webapp.domain.product_search import ProductFilter
from webapp.domain.review import ProductState, Verdict
from webapp.services import bulk, review
from webapp.storage import bulk as stored
from webapp.storage import catalogues
from webapp.storage.tables import (
    AnnotationRow,
    ProductRow,
)


@pytest.fixture
def mugs(database, shop):
    with database.begin() as session:
        return [factories.make_product(session, shop, name=f"Mug {n}") for n in range(4)]


class Listing(AtWork):
    """Somebody at the list of products."""

    def newest(self):
        with self.database.read() as session:
            return session.scalar(select(func.max(AnnotationRow.id))) or 0

    def decide(self, user: User, chosen, category="Watches", **values):
        self.n_acts += 1
        self.now += timedelta(seconds=3)
        values = {
            "category_id": self.category(category) if category else None,
            "note": "",
            "seen_id": self.newest(),
            "idempotency_key": f"bulk {self.n_acts}",
        } | values
        with self.database.begin() as session:
            return bulk.decide(
                session,
                catalogue=self.shop,
                user_id=user.id,
                chosen=chosen,
                now=self.now,
                **values,
            )

    def undo(self, user: User, act, *, may_undo_others=False, idempotency_key=None):
        self.n_acts += 1
        self.now += timedelta(seconds=3)
        with self.database.begin() as session:
            return bulk.undo(
                session,
                catalogue=self.shop,
                bulk_act_id=act.id,
                user_id=user.id,
                may_undo_others=may_undo_others,
                idempotency_key=idempotency_key or f"undo {self.n_acts}",
                now=self.now,
            )

    def annotate(self, user, product_id, category="Kitchen", idempotency_key=None):
        self.n_acts += 1
        self.now += timedelta(seconds=3)
        with self.database.begin() as session:
            return review.annotate(
                session,
                catalogue=self.shop,
                product_id=product_id,
                user_id=user.id,
                verdict=Verdict.CORRECTED,
                category_id=factories.category_id(session, self.shop, category),
                idempotency_key=idempotency_key or f"one {self.n_acts}",
                now=self.now,
            )

    def state(self, product_id):
        with self.database.read() as session:
            return ProductState(session.get_one(ProductRow, product_id).state)


@pytest.fixture
def listing(database, shop, now):
    return Listing(database, shop, now)


class TestDecide:
    def test_labels_every_product_with_an_annotation_of_its_own(self, listing, alice, mugs):
        act = listing.decide(alice, mugs)

        assert act.n_decided == 4
        assert listing.labels() == dict.fromkeys(mugs, listing.category("Watches"))
        assert [each.bulk_act_id for each in listing.acts()] == [act.id] * 4
        assert {each.verdict for each in listing.acts()} == {"corrected"}
        assert not any(listing.entry(mug).is_waiting for mug in mugs)

    def test_keeps_what_the_list_showed_of_each_product(self, listing, database, alice, mugs):
        with database.begin() as session:
            predicted = {mugs[0]: {"Watches": 0.9}, mugs[1]: {"Kitchen": 0.8}}
            factories.make_round(session, listing.shop, predicted)
            listing.shop = catalogues.get(session, slug="shop")

        listing.decide(alice, mugs[:2])

        shown = [(each.verdict, each.shown_probability) for each in listing.acts()]
        assert shown == [("confirmed", 0.9), ("corrected", 0.8)]
        assert {each.shown_round_id for each in listing.acts()} == {listing.shop.live_round_id}

    def test_sent_twice_counts_once(self, listing, alice, mugs):
        first = listing.decide(alice, mugs, idempotency_key="same")
        again = listing.decide(alice, mugs, idempotency_key="same")

        assert again == first
        assert len(listing.acts()) == 4

    def test_without_a_category_flags_and_needs_a_note(self, listing, alice, mugs):
        with pytest.raises(InvalidInputError):
            listing.decide(alice, mugs, category=None)

        listing.decide(alice, mugs, category=None, note="wrong photos")

        assert {listing.state(mug) for mug in mugs} == {ProductState.FLAGGED}
        assert {each.note for each in listing.acts()} == {"wrong photos"}

    def test_leaves_out_what_somebody_else_is_deciding(self, listing, alice, bob, mugs):
        held = listing.claim(bob)[0].product.id

        act = listing.decide(alice, mugs)

        assert act.left_out == {LeftBecause.HELD: 1}
        assert held not in listing.labels()
        assert len(listing.labels()) == 3

    def test_takes_what_is_on_the_own_desk(self, listing, alice, mugs):
        listing.claim(alice)

        assert listing.decide(alice, mugs).n_decided == 4

    def test_leaves_out_what_others_have_decided_since_the_list_was_shown(
        self, listing, alice, bob, mugs
    ):
        listing.annotate(bob, mugs[0])
        seen_id = listing.newest()
        listing.annotate(bob, mugs[1])

        act = listing.decide(alice, mugs, seen_id=seen_id)

        assert act.left_out == {LeftBecause.DECIDED: 1}
        assert listing.labels()[mugs[0]] == listing.category("Watches")
        assert listing.labels()[mugs[1]] == listing.category("Kitchen")

    def test_leaves_undecided_evaluation_products_to_the_desk(self, listing, alice, mugs):
        listing.change(mugs[0], is_evaluation=True)
        listing.change(mugs[1], is_evaluation=True)
        listing.annotate(alice, mugs[1])

        act = listing.decide(alice, mugs)

        assert act.left_out == {LeftBecause.MEASURES: 1}
        assert mugs[0] not in listing.labels()
        assert listing.labels()[mugs[1]] == listing.category("Watches")

    def test_says_what_was_there_already(self, listing, alice, bob, mugs):
        listing.annotate(bob, mugs[0], "Watches")

        act = listing.decide(alice, mugs)

        assert (act.n_decided, act.left_out) == (3, {LeftBecause.ALREADY: 1})

    def test_lets_look_alikes_of_the_products_wait_behind_all_others(
        self, listing, database, shop, alice, mugs
    ):
        listing.change(mugs[0], group_number=7)
        with database.begin() as session:
            alike = factories.make_product(
                session, shop, priority=0.9, group_number=7, reason="uncertain"
            )

        act = listing.decide(alice, mugs)
        behind = listing.entry(alike).priority
        listing.undo(alice, act)

        assert behind == pytest.approx(-0.1)
        assert listing.entry(alike).priority == pytest.approx(0.9)

    @pytest.mark.parametrize("chosen", [[], range(1, 1002)])
    def test_refuses_nothing_and_too_many(self, listing, alice, mugs, chosen):
        with pytest.raises(InvalidInputError):
            listing.decide(alice, chosen)

        assert listing.acts() == []

    def test_refuses_a_category_of_another_catalogue(self, listing, database, alice, mugs):
        with database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            foreign = factories.category_id(session, other, "Watches")

        with pytest.raises(InvalidInputError):
            listing.decide(alice, mugs, category_id=foreign)

    def test_products_of_another_catalogue_stay_as_they_are(self, listing, database, alice, mugs):
        with database.begin() as session:
            other = factories.make_catalogue(session, slug="other")
            foreign = factories.make_product(session, other)

        act = listing.decide(alice, [*mugs, foreign])

        assert act.n_decided == 4
        assert foreign not in listing.labels()


class TestWhereTwoPeopleDecide:
    @pytest.fixture
    def listing(self, listing):
        settings = replace(listing.shop.settings, people_per_product=2)
        with listing.database.begin() as session:
            catalogues.write_settings(session, catalogue_id=listing.shop.id, settings=settings)
            listing.shop = catalogues.get(session, slug="shop")
        return listing

    def test_an_act_is_one_answer_of_two(self, listing, alice, bob, mugs):
        listing.decide(alice, mugs)
        reasons = {listing.entry(mug).reason for mug in mugs}
        of_one = listing.labels()
        listing.decide(bob, mugs[:3])

        assert of_one == {}
        assert reasons == {"second"}
        assert sorted(listing.labels()) == mugs[:3]
        assert listing.entry(mugs[3]).is_waiting

    def test_the_same_person_counts_once(self, listing, alice, mugs):
        listing.decide(alice, mugs)

        assert listing.decide(alice, mugs).left_out == {LeftBecause.ALREADY: 4}

    def test_what_people_disagree_on_is_left_to_adjudication(self, listing, alice, bob, mugs):
        listing.decide(alice, mugs)
        listing.decide(bob, mugs[:1], category="Kitchen")

        act = listing.decide(alice, mugs, category="Computers")

        assert act.left_out == {LeftBecause.DISPUTED: 1}
        assert listing.state(mugs[0]) is ProductState.DISPUTED

    def test_taking_one_answer_back_leaves_the_other(self, listing, alice, bob, mugs):
        first = listing.decide(alice, mugs)
        listing.decide(bob, mugs[:2])

        listing.undo(alice, first)

        assert listing.labels() == {}
        assert [listing.entry(mug).reason == "second" for mug in mugs] == [True, True, False, False]
        assert all(listing.entry(mug).is_waiting for mug in mugs)

    def test_what_a_second_person_has_is_asked_like_new_after_it_is_taken_back(
        self, listing, alice, bob, mugs
    ):
        act = listing.decide(alice, mugs[:1])
        card = next(card for card in listing.claim(bob, n=len(mugs)) if card.product.id == mugs[0])

        listing.undo(alice, act)

        entry = listing.entry(mugs[0])
        assert (entry.leased_to, entry.lease_token) == (bob.id, card.lease)
        assert entry.reason != "second"
        assert entry.priority > 0


class TestDecideWhatMatches:
    def test_takes_everything_that_a_search_finds(self, listing, database, shop, alice, mugs):
        with database.begin() as session:
            factories.make_product(session, shop, name="Bowl", description="For soup.")

        act = listing.decide(alice, bulk.Query(ProductFilter(words="mug"), n_expected=4))

        assert act.n_decided == 4
        assert sorted(listing.labels()) == mugs

    def test_does_nothing_when_other_products_match_than_were_seen(self, listing, alice, mugs):
        with pytest.raises(ConflictError, match="4 products match now, and you saw 3"):
            listing.decide(alice, bulk.Query(ProductFilter(words="mug"), n_expected=3))

        assert listing.acts() == []

    def test_sent_twice_counts_once_although_nothing_matches_any_more(self, listing, alice, mugs):
        query = bulk.Query(ProductFilter(state=ProductState.OPEN), n_expected=4)
        first = listing.decide(alice, query, idempotency_key="same")

        assert listing.decide(alice, query, idempotency_key="same") == first


class TestUndo:
    def test_takes_the_whole_act_back_and_asks_the_products_again(self, listing, alice, mugs):
        before = [listing.entry(mug).priority for mug in mugs]
        act = listing.decide(alice, mugs)

        undone = listing.undo(alice, act)

        assert undone.undone_at == listing.now
        assert listing.labels() == {}
        assert {listing.state(mug) for mug in mugs} == {ProductState.OPEN}
        assert all(listing.entry(mug).is_waiting for mug in mugs)
        assert [listing.entry(mug).priority for mug in mugs] == before

    def test_gives_back_the_labels_that_were_there_before(self, listing, alice, bob, mugs):
        listing.annotate(bob, mugs[0], "Computers")
        act = listing.decide(alice, mugs)

        listing.undo(alice, act)

        assert listing.labels() == {mugs[0]: listing.category("Computers")}

    def test_leaves_what_somebody_else_has_decided_since(self, listing, alice, bob, mugs):
        act = listing.decide(alice, mugs)
        listing.annotate(bob, mugs[0])

        listing.undo(alice, act)

        assert listing.labels() == {mugs[0]: listing.category("Kitchen")}
        with listing.database.read() as session:
            told = bulk.tell(session, catalogue=listing.shop, bulk_act_id=act.id)
        assert told.n_standing == 1

    def test_a_second_time_changes_nothing(self, listing, alice, mugs):
        act = listing.decide(alice, mugs)
        listing.undo(alice, act)
        n_acts = len(listing.acts())

        listing.undo(alice, act)

        assert len(listing.acts()) == n_acts

    def test_is_for_its_author_and_for_admins(self, listing, alice, bob, mugs):
        act = listing.decide(alice, mugs)

        with pytest.raises(ForbiddenError):
            listing.undo(bob, act)
        listing.undo(bob, act, may_undo_others=True)

        assert listing.labels() == {}
        assert {each.user_id for each in listing.acts() if each.undoes_id} == {bob.id}

    def test_lets_a_rule_decide_again_what_it_had_accepted(
        self, database, config, alice, carol, now
    ):
        with database.begin() as session:
            shop, sure, _ = acceptance.make_shop(session, carol)
        acceptance.ask_for(database, carol)
        acceptance.apply(database, config)
        listing = Listing(database, shop, now)
        act = listing.decide(alice, sure)

        listing.undo(alice, act)

        assert act.n_decided + act.left_out.get(LeftBecause.MEASURES, 0) == len(sure)
        assert {listing.state(product_id) for product_id in sure} == {ProductState.ACCEPTED}
        assert not any(
            listing.entry(product_id).is_waiting
            for product_id in sure
            if listing.entry(product_id).reason != "audit"
        )

    def test_asks_nobody_for_what_an_earlier_audit_has_decided(
        self, database, config, alice, carol, now
    ):
        with database.begin() as session:
            shop, sure, _ = acceptance.make_shop(session, carol)
        acceptance.ask_for(database, carol)
        acceptance.apply(database, config)
        listing = Listing(database, shop, now)
        audited = next(key for key in sure if listing.entry(key).reason == "audit")
        with database.begin() as session:
            review.annotate(
                session,
                catalogue=shop,
                product_id=audited,
                user_id=carol.id,
                verdict=Verdict.CORRECTED,
                category_id=factories.category_id(session, shop, "Kitchen"),
                idempotency_key="audit",
                now=now,
            )
        act = listing.decide(alice, [audited])

        listing.undo(alice, act)

        assert listing.state(audited) is ProductState.LABELLED
        assert not listing.entry(audited).is_waiting

    def test_leaves_what_was_taken_back_by_itself_at_the_same_time(
        self, listing, database, shop, alice, mugs, monkeypatch
    ):
        act = listing.decide(alice, mugs)
        with database.begin() as session:
            before = stored.list_annotations(session, bulk_act_id=act.id)
            review.undo(
                session,
                catalogue=shop,
                user_id=alice.id,
                now=listing.now,
                idempotency_key="one",
                lease_s=600,
                annotation_id=before[mugs[0]].id,
            )
        monkeypatch.setattr(stored, "list_annotations", lambda _session, bulk_act_id: before)

        listing.undo(alice, act)

        assert listing.labels() == {}

    def test_a_key_that_stands_for_another_act_stops_nothing(self, listing, alice, mugs):
        key = "the same key"
        listing.annotate(alice, mugs[0], idempotency_key=key_of_look_alike(key, mugs[0]))
        act = listing.decide(alice, mugs, idempotency_key=key)
        other = listing.decide(alice, mugs, "Computers")

        listing.undo(alice, other, idempotency_key=key)
        listing.undo(alice, act, idempotency_key=key)

        assert listing.labels() == {mugs[0]: listing.category("Kitchen")}

    def test_of_an_unknown_act_is_refused(self, listing, alice, bob, mugs):
        act = listing.decide(alice, mugs)
        with listing.database.begin() as session:
            listing.shop = factories.make_catalogue(session, slug="other")

        with pytest.raises(NotFoundError):
            listing.undo(alice, act)
