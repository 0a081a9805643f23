"""Every act of several people in any order: what the tables say follows from the acts alone."""

import itertools
import random
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from tests import factories
from webapp.domain.acceptance import Ruling
from webapp.domain.accounts import Role
from webapp.domain.asking_order import place_of_new
from webapp.domain.dashboard import Agreement
from webapp.domain.errors import AppError, LeaseLostError
from webapp.domain.review import (
    DECIDING,
    AskedBecause,
    Probe,
    ProductState,
    Verdict,
    settle,
    standing,
)
from webapp.services import adjudication, bulk, gold, product_page, recent_acts, review
from webapp.storage import (
    acceptance_writes,
    annotations,
    catalogues,
    disputes,
    export_rows,
    queue,
    queue_order,
    statistics,
)
from webapp.storage.database import Database
from webapp.storage.tables import (
    AcceptanceRow,
    AnnotationRow,
    BulkActRow,
    LabelRow,
    ProductRow,
    QueueEntryRow,
)

LEASE_S = 600
N_PRODUCTS = 4  # few, so that acts meet
CATEGORIES = ("Watches", "Computers", "Kitchen")
PEOPLE = (("ann", Role.MODERATOR), ("ben", Role.MODERATOR), ("dee", Role.ADMIN))

people = st.integers(0, len(PEOPLE) - 1)
products = st.integers(0, N_PRODUCTS - 1)
some_products = st.lists(products, min_size=1, unique=True)
categories = st.integers(0, len(CATEGORIES) - 1)
some_act = st.integers(0, 10_000)  # one of the acts until now


class Walk(RuleBasedStateMachine):
    """A shop of four products (one of the evaluation set, two near-duplicates), and one beside it.

    A refused act is fine, as long as it leaves everything true.
    """

    empty_database = None  # of the fixture

    def __init__(self):
        super().__init__()
        self.resources = ExitStack()
        home = Path(self.resources.enter_context(TemporaryDirectory()))
        self.database = Database(self.resources.enter_context(self.empty_database.copy(home)))
        self.resources.callback(self.database.dispose)
        self.patched = self.resources.enter_context(pytest.MonkeyPatch.context())
        self.now = factories.NOW
        self.n_keys = 0
        self.last = None
        self.states = {}
        self.n_bulk_acts = 0
        with self.database.begin() as session:
            self.people = [
                factories.make_user(session, name=name, role=role) for name, role in PEOPLE
            ]
            shop = factories.make_catalogue(session)
            self.categories = [factories.category_id(session, shop, name) for name in CATEGORIES]
            self.products = [
                factories.make_product(
                    session,
                    shop,
                    external_id=str(at),
                    is_evaluation=at == 0,
                    group_number=1 if at in {1, 2} else None,
                )
                for at in range(N_PRODUCTS)
            ]
            sure, unsure = {"Watches": 0.95, "Kitchen": 0.05}, {"Kitchen": 0.5, "Watches": 0.5}
            said = {each: sure if at % 2 else unsure for at, each in enumerate(self.products[:-1])}
            self.round_id = factories.make_round(session, shop, said)
            self.rule_id = factories.make_rule(session, shop, round_id=self.round_id)
            other = factories.make_catalogue(session, slug="other")
            self.foreign_id = factories.make_product(session, other, group_number=1)
        self.cards = {person.id: {} for person in self.people}

    def teardown(self):
        self.resources.close()

    @initialize(seed=st.integers(0, 1000), n=st.sampled_from([1, 2, 3]))
    def open_the_shop(self, seed, n):
        chance = random.Random(seed)  # what cards do by chance, and whose turn it is
        self.patched.setattr("secrets.randbelow", chance.randrange)
        self.patched.setattr("secrets.choice", chance.choice)
        self.change_settings(n, False, 0)

    # ---- acts ----

    @rule(who=people, n=st.integers(1, 3))
    def claim(self, who, n):
        user = self.people[who]
        with self.database.begin() as session:
            cards = review.claim(
                session,
                catalogue=self.shop(session),
                user_id=user.id,
                now=self.now,
                lease_s=LEASE_S,
                n=n,
            )
            for card in cards:
                acts = standing(annotations.list_of_product(session, product_id=card.product.id))
                own = [act for act in acts if act.user_id == user.id and act.verdict in DECIDING]
                assert not own, f"product {card.product.id} is asked of who has decided it"
        self.cards[user.id] |= {card.product.id: card.lease for card in cards}

    @rule(who=people, what=products)
    def open_at_the_desk(self, who, what):
        user = self.people[who]
        with self.database.begin() as session:
            cards = review.open_desk(
                session,
                catalogue=self.shop(session),
                user_id=user.id,
                now=self.now,
                lease_s=LEASE_S,
                n=1,
                first_id=self.products[what],
            )
        self.cards[user.id] |= {card.product.id: card.lease for card in cards}

    @rule(
        who=people,
        which=some_act,
        category=categories,
        verdict=st.sampled_from([*Verdict][:4]),
        along=st.sets(products),
    )
    def decide_a_card(self, who, which, category, verdict, along):
        user = self.people[who]
        cards = self.cards[user.id]
        if not cards:
            self.claim(who, 1)
        if not cards:
            return
        product_id = sorted(cards)[which % len(cards)]
        lease = cards.pop(product_id)
        names = verdict in {Verdict.CONFIRMED, Verdict.CORRECTED}
        is_confirming = verdict is Verdict.CONFIRMED and which % 2
        self.act(
            review.decide_together,
            product_id=product_id,
            user_id=user.id,
            lease=lease,
            verdict=verdict,
            category_id=self.categories[category] if names and not is_confirming else None,
            note="why" if verdict is Verdict.FLAGGED else "",
            took_ms=1000,
            look_alike_ids=[self.products[each] for each in sorted(along)] if names else (),
        )

    @rule(who=people, what=products, category=categories)
    def decide_on_the_page_of_a_product(self, who, what, category):
        self.act(
            product_page.decide,
            product_id=self.products[what],
            user_id=self.people[who].id,
            category_id=self.categories[category],
        )

    @rule(who=people, what=products)
    def flag_on_the_page_of_a_product(self, who, what):
        self.act(
            product_page.flag,
            product_id=self.products[what],
            user_id=self.people[who].id,
            note="why",
        )

    @rule(who=people, what=products)
    def take_a_flag_off(self, who, what):
        self.act(product_page.put_back, product_id=self.products[what], user_id=self.people[who].id)

    @rule(who=people, which=some_act)
    def restore(self, who, which):
        with self.database.read() as session:
            acts = session.execute(select(AnnotationRow.id, AnnotationRow.product_id)).all()
        if acts:
            act = acts[which % len(acts)]
            self.act(
                product_page.restore,
                product_id=act.product_id,
                annotation_id=act.id,
                user_id=self.people[who].id,
            )

    @rule(who=people)
    def undo_the_last(self, who):
        self.get_back(who, review.undo)

    @rule(who=people)
    def undo_the_last_of_the_list(self, who):
        self.get_back(who, recent_acts.undo, annotation_id=None)

    @rule(who=people, which=some_act, is_whole=st.booleans())
    def undo_one(self, who, which, is_whole):
        of_hers = select(AnnotationRow.id).where(AnnotationRow.user_id == self.people[who].id)
        with self.database.read() as session:
            ids = session.scalars(of_hers).all()
        if ids:
            one = ids[which % len(ids)]
            self.get_back(who, review.undo, annotation_id=one, is_whole=is_whole)

    @rule(who=people, chosen=some_products, category=categories, is_flag=st.booleans())
    def decide_many(self, who, chosen, category, is_flag):
        with self.database.read() as session:
            newest = session.scalar(select(func.max(AnnotationRow.id))) or 0
        self.n_bulk_acts += 1
        self.act(
            bulk.decide,
            user_id=self.people[who].id,
            category_id=None if is_flag else self.categories[category],
            note="why" if is_flag else "",
            chosen=[*(self.products[each] for each in chosen), self.foreign_id],
            seen_id=newest,
        )

    @precondition(lambda self: self.n_bulk_acts)
    @rule(who=people, which=some_act)
    def undo_many(self, who, which):
        with self.database.read() as session:
            ids = session.scalars(select(BulkActRow.id)).all()
        if ids:
            user = self.people[who]
            self.act(
                bulk.undo,
                bulk_act_id=ids[which % len(ids)],
                user_id=user.id,
                may_undo_others=user.role is Role.ADMIN,
            )

    @precondition(lambda self: self.find_in(ProductState.DISPUTED))
    @rule(who=people, which=some_act, category=st.none() | categories)
    def adjudicate(self, who, which, category):
        ids = self.find_in(ProductState.DISPUTED)
        self.act(
            adjudication.judge,
            product_id=ids[which % len(ids)],
            user=self.people[who],
            category_id=None if category is None else self.categories[category],
            note="why",
            took_ms=None,
        )

    @rule(what=products)
    def make_gold(self, what):
        with suppress(AppError), self.database.begin() as session:
            gold.mark(
                session,
                catalogue=self.shop(session),
                product_id=self.products[what],
                user_id=self.people[-1].id,
                now=self.now,
            )

    # ---- what else happens ----

    @rule(
        n=st.sampled_from([1, 2, 3]),
        only_unsure=st.booleans(),
        planted=st.sampled_from([0, 50]),
    )
    def change_settings(self, n, only_unsure, planted):
        with self.database.begin() as session:
            shop = self.shop(session)
            changed = replace(
                shop.settings,
                people_per_product=n,
                are_only_unsure_shared=only_unsure,
                planted_share=planted,
                hidden_share=20,
            )
            catalogues.write_settings(session, catalogue_id=shop.id, settings=changed)

    @rule(chosen=some_products, is_accepted=st.booleans(), is_audited=st.booleans())
    def let_a_rule_decide(self, chosen, is_accepted, is_audited):
        rulings = [
            Ruling(
                self.products[at],
                self.rule_id if is_accepted else None,
                self.categories[0],
                0.95,
                is_audited=is_audited,
            )
            for at in sorted(chosen)
        ]
        with self.database.begin() as session:
            acceptance_writes.write(session, rulings=rulings, now=self.now)

    @rule()
    def order_the_queue(self):
        is_open = ProductRow.state == ProductState.OPEN.value
        with self.database.begin() as session:
            shop = self.shop(session)
            of_shop = select(ProductRow.id).where(ProductRow.catalogue_id == shop.id, is_open)
            places = [
                place_of_new(each, AskedBecause.UNCERTAIN) for each in session.scalars(of_shop)
            ]
            queue_order.write(session, catalogue_id=shop.id, places=places)

    @rule()
    def let_leases_run_out(self):
        self.now += timedelta(seconds=LEASE_S + 1)
        with self.database.begin() as session:
            queue.free_expired(session, now=self.now)

    @precondition(lambda self: self.last is not None)
    @rule()
    def send_again(self):
        """An act that was acknowledged and is sent again changes nothing."""
        name, values = self.last
        n_before = self.count_acts()

        with suppress(LeaseLostError), self.database.begin() as session:  # of what was taken back
            name(session, catalogue=self.shop(session), now=self.now, **values)

        assert self.count_acts() == n_before

    # ---- what stays true ----

    @invariant()
    def tables_follow_from_the_acts(self):
        with self.database.read() as session:
            assert not annotations.list_of_product(session, product_id=self.foreign_id)
            acts = self.list_acts(session)
            self.states = self.check_projections(session, acts)
            self.check_queue(session, acts, self.states)

    @rule()  # of some moments: these read more than an act does
    def pages_and_exports_follow_too(self):
        with self.database.read() as session:
            acts = self.list_acts(session)
            states = self.check_projections(session, acts)
            self.check_export(session, states)
            self.check_counts(session, acts, Counter(states.values()))
            self.check_agreement(session, acts)

    def check_projections(self, session, acts):
        """State and label of each product are what its acts come to; return the states."""
        labels = {
            row.product_id: (row.category_id, row.annotation_id)
            for row in session.scalars(select(LabelRow))
        }
        rows = session.execute(select(ProductRow.id, ProductRow.state))
        states = {row.id: ProductState(row.state) for row in rows if row.id in acts}
        accepted = self.find_accepted(session)
        for product_id, its in acts.items():
            outcome, name = settle(its), f"product {product_id}"
            state, label = outcome.state, None
            if state is ProductState.OPEN and not outcome.n_answers and product_id in accepted:
                state = ProductState.ACCEPTED
            if outcome.category_id is not None:
                label = (outcome.category_id, outcome.annotation_id)
            assert states[product_id] is state, f"state of {name}"
            assert labels.get(product_id) == label, f"label of {name}"
        return states

    def check_export(self, session, states):
        """An export tells the states of this moment."""
        found = export_rows.iterate(
            session, catalogue_id=self.shop(session).id, level=1, as_of=self.now
        )
        exported = {int(row.external_id): row.state for rows in found for row in rows}
        for at, product_id in enumerate(self.products):
            assert exported[at] == states[product_id], f"export of product {product_id}"

    def check_queue(self, session, acts, states):
        """An undecided product waits or is lent, never both; nobody is asked another one."""
        audited = self.find_accepted(session, AcceptanceRow.is_audited)
        entries = select(QueueEntryRow).where(QueueEntryRow.product_id.in_(acts))
        for entry in session.scalars(entries):
            name, state = f"product {entry.product_id}", states[entry.product_id]
            is_lent = entry.leased_to is not None
            is_accepted = state is ProductState.ACCEPTED
            is_audit = is_accepted and entry.product_id in audited
            assert not (is_lent and entry.is_waiting), f"{name} is lent and waits"
            if state is ProductState.OPEN or is_audit:
                assert is_lent or entry.is_waiting, f"{name} is lost"
            else:
                assert not entry.is_waiting, f"{name} waits and is {state}"
                assert not is_lent or is_accepted, f"{name} is lent and is {state}"
            if state is ProductState.OPEN and not is_lent:
                assert (entry.reason == "second") == self.is_begun(acts[entry.product_id]), name
            if is_accepted and not is_lent:
                assert (entry.reason == "audit") == is_audit, f"{name} is asked as an audit"

    def check_counts(self, session, acts, n_in):
        """What pages count is what there is."""
        shop = self.shop(session)
        counts = statistics.count_states(session, catalogue_id=shop.id)
        assert counts.n_products == N_PRODUCTS
        assert counts.n_labelled == n_in[ProductState.LABELLED]
        assert counts.n_flagged == n_in[ProductState.FLAGGED]
        assert counts.n_accepted == n_in[ProductState.ACCEPTED]
        assert counts.n_disputed == n_in[ProductState.DISPUTED]
        assert disputes.count(session, catalogue_id=shop.id) == n_in[ProductState.DISPUTED]
        assert counts.n_open == n_in[ProductState.OPEN]
        waiting = session.scalars(
            select(QueueEntryRow).where(
                QueueEntryRow.product_id.in_(acts), QueueEntryRow.is_waiting
            )
        )
        begun = [each for each in waiting if self.is_begun(acts[each.product_id])]
        assert queue.count(session, catalogue=shop).n_for_others == len(begun)
        midnight = self.now.replace(hour=0, minute=0, second=0)
        decided = Counter(
            act.user_id
            for its in acts.values()
            for act in standing(its)
            if act.verdict in DECIDING and act.created_at >= midnight
        )
        for person in self.people:
            n = review.count_today(session, catalogue=shop, user_id=person.id, now=self.now)
            assert n == decided[person.id], f"decisions today of {person.name}"

    def check_agreement(self, session, acts):
        """The dashboard counts what was confirmed and corrected of settled products."""
        settled = [its for its in acts.values() if settle(its).state is not ProductState.OPEN]
        n = Counter(
            (act.shown_category_id is not None and not act.is_suggestion_hidden, act.verdict)
            for act in itertools.chain.from_iterable(standing(its) for its in settled)
            if act.probe is not Probe.PLANTED
        )
        found = statistics.count_agreement(session, catalogue_id=self.shop(session).id)
        assert found == Agreement(
            n_confirmed=n[True, Verdict.CONFIRMED],
            n_corrected=n[True, Verdict.CORRECTED],
            n_source_confirmed=n[False, Verdict.CONFIRMED],
            n_source_corrected=n[False, Verdict.CORRECTED],
        )

    # ---- helpers ----

    def shop(self, session):
        return catalogues.get(session, slug="shop")

    def act(self, name, **values):
        """Do something a second later, under a key of its own; return None where it is refused."""
        self.now += timedelta(seconds=1)
        self.n_keys += 1
        values = {"idempotency_key": f"key {self.n_keys}"} | values
        try:
            with self.database.begin() as session:
                done = name(session, catalogue=self.shop(session), now=self.now, **values)
        except AppError:
            return None
        self.last = (name, values)
        return done

    def get_back(self, who, name, **values):
        user = self.people[who]
        card = self.act(name, user_id=user.id, lease_s=LEASE_S, **values)
        if card is not None and card.leased_until is not None:
            self.cards[user.id][card.product.id] = card.lease

    def count_acts(self):
        with self.database.read() as session:
            return session.scalar(select(func.count(AnnotationRow.id)))

    def list_acts(self, session):
        return {
            product_id: annotations.list_of_product(session, product_id=product_id)
            for product_id in self.products
        }

    def find_in(self, state):
        return [product_id for product_id in self.states if self.states[product_id] is state]

    def is_begun(self, acts):
        return any(act.verdict in DECIDING for act in standing(acts))

    def find_accepted(self, session, *conditions):
        stands = AcceptanceRow.ended_at.is_(None)
        return set(session.scalars(select(AcceptanceRow.product_id).where(stands, *conditions)))


@pytest.mark.slow
def test_whatever_people_do_in_any_order_leaves_every_table_true(empty_database):
    run_state_machine_as_test(
        type("Walk", (Walk,), {"empty_database": empty_database}),
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],  # making shorter what fails would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
