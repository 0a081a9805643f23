import pytest
from sqlalchemy import select

from tests import factories
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage import annotations, catalogues
from webapp.storage.annotations import NewAnnotation
from webapp.storage.tables import AnnotationRow, ConsensusRow, LabelRow, ProductRow

ADDRESS = "/c/shop/adjudication"


@pytest.fixture
def shop(database):
    with database.begin() as session:
        return factories.make_catalogue(session, people_per_product=2)


@pytest.fixture
def dispute(database, shop):
    """Return a function that lets people decide a new product differently."""

    def make(*answers, **values):
        with database.begin() as session:
            product_id = factories.make_product(session, shop, priority=None, **values)
            for user, category, note in answers:
                annotations.add(
                    session,
                    catalogue_id=shop.id,
                    new=NewAnnotation(
                        product_id=product_id,
                        user_id=user.id,
                        verdict=Verdict.CORRECTED if category else Verdict.FLAGGED,
                        category_id=factories.category_id(session, shop, category)
                        if category
                        else None,
                        note=note,
                        idempotency_key=f"{user.id} {product_id}",
                        asked_because=AskedBecause.RANDOM,
                        is_suggestion_hidden=False,
                        created_at=factories.NOW,
                        n_needed=2,
                    ),
                )
            session.get_one(ProductRow, product_id).state = ProductState.DISPUTED.value
        return product_id

    return make


@pytest.fixture
def judge_client(sign_in, database):
    """A moderator who has decided nothing herself."""
    with database.begin() as session:
        erin = factories.make_user(session, name="erin")
    return sign_in(erin)


def label_of(database, product_id):
    with database.read() as session:
        return session.scalar(select(LabelRow.category_id).where(LabelRow.product_id == product_id))


def category(database, shop, name):
    with database.read() as session:
        return factories.category_id(session, shop, name)


class TestPage:
    def test_shows_every_answer_with_its_argument_and_who_gave_it(
        self, judge_client, dispute, alice, bob, carol
    ):
        dispute((alice, "Watches", "It ticks."), (bob, "Kitchen", ""), (carol, "Watches", ""))

        page = judge_client.get(ADDRESS)

        assert "It ticks." in page.text
        assert all(name in page.text for name in ("Alice", "Bob", "Carol"))
        assert "majority: 2 of 3" in page.text
        assert page.text.count("data-majority") == 1
        assert "1 dispute" in page.text

    def test_a_tie_has_no_majority(self, judge_client, dispute, alice, bob):
        dispute((alice, "Watches", ""), (bob, "Kitchen", ""))

        assert "data-majority" not in judge_client.get(ADDRESS).text

    def test_says_that_nobody_disagrees(self, judge_client, shop):
        assert "Nobody disagrees" in judge_client.get(ADDRESS).text

    def test_whoever_took_part_sees_it_and_cannot_judge(self, client, dispute, alice, bob):
        dispute((alice, "Watches", ""), (bob, "Kitchen", ""))

        page = client.get(ADDRESS)

        assert "somebody else has to judge" in page.text
        assert "File under" not in page.text

    def test_shows_one_to_judge_before_an_own_one(self, client, dispute, alice, bob, carol):
        dispute((alice, "Watches", ""), (bob, "Kitchen", ""), name="Own")
        dispute((carol, "Watches", ""), (bob, "Kitchen", ""), name="Of others")

        page = client.get(ADDRESS)

        assert '<a href="/c/shop/adjudication?product=2" aria-current="true">Of others' in page.text

    def test_tells_what_answers_come_to_but_not_in_the_evaluation_set(
        self, judge_client, dispute, alice, bob, database, shop
    ):
        kitchen = category(database, shop, "Kitchen")
        answers = (alice, "Watches", ""), (bob, "Kitchen", "")
        products = [dispute(*answers), dispute(*answers, is_evaluation=True)]
        with database.begin() as session:
            session.add_all(
                ConsensusRow(
                    product_id=each,
                    catalogue_id=shop.id,
                    n_people=2,
                    majority_category_id=None,
                    category_id=kitchen,
                    quality=0.8,
                )
                for each in products
            )

        pages = [judge_client.get(f"{ADDRESS}?product={each}").text for each in products]

        assert "with the model: Kitchen, 80%" in pages[0]
        assert "with the model" not in pages[1]


class TestDecide:
    def send(self, client, product_id, **form):
        return client.post(
            f"{ADDRESS}/{product_id}/decide",
            data={"idempotency_key": "judged"} | form,
            headers={"HX-Request": "true"},
        )

    def test_what_is_judged_is_the_label_and_the_next_dispute_is_up(
        self, judge_client, dispute, alice, bob, database, shop
    ):
        answers = (alice, "Watches", ""), (bob, "Kitchen", "")
        first, _ = dispute(*answers), dispute(*answers, name="Second mug")

        answer = self.send(judge_client, first, answer=category(database, shop, "Kitchen"))

        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert "Second mug" in answer.text
        assert label_of(database, first) == category(database, shop, "Kitchen")
        with database.read() as session:
            act = session.scalars(
                select(AnnotationRow).order_by(AnnotationRow.id.desc()).limit(1)
            ).one()
        assert (act.asked_because, act.is_suggestion_hidden, act.n_needed) == (
            "adjudication",
            True,
            2,
        )

    def test_a_category_that_nobody_named_can_be_typed(
        self, judge_client, dispute, alice, bob, database, shop
    ):
        product = dispute((alice, "Watches", ""), (bob, "Kitchen", ""))

        self.send(judge_client, product, path="Computers", act="file")

        assert label_of(database, product) == category(database, shop, "Computers")

    @pytest.mark.parametrize("form", [{}, {"path": "Nowhere"}, {"answer": "x"}])
    def test_nothing_that_can_be_understood_is_refused(
        self, judge_client, dispute, alice, bob, database, form
    ):
        product = dispute((alice, "Watches", ""), (bob, "Kitchen", ""))

        assert self.send(judge_client, product, **form).status_code == 422
        assert label_of(database, product) is None

    def test_a_flag_keeps_the_argument_of_whoever_flagged(
        self, judge_client, dispute, alice, bob, database
    ):
        product = dispute((alice, None, "Not a product."), (bob, "Kitchen", ""))

        self.send(judge_client, product, answer="flag")

        with database.read() as session:
            assert session.get_one(ProductRow, product).state == "flagged"
            notes = session.scalars(select(AnnotationRow.note).order_by(AnnotationRow.id)).all()
        assert notes[-1] == "Not a product."

    def test_whoever_took_part_is_refused_but_an_admin(
        self, client, admin_client, dispute, alice, carol, database, shop
    ):
        product = dispute((alice, "Watches", ""), (carol, "Kitchen", ""))
        kitchen = category(database, shop, "Kitchen")

        refused = self.send(client, product, answer=kitchen)
        taken = self.send(admin_client, product, answer=kitchen)

        assert (refused.status_code, taken.status_code) == (403, 200)

    def test_is_refused_once_somebody_else_has_judged(
        self, judge_client, admin_client, dispute, alice, bob, database, shop
    ):
        product = dispute((alice, "Watches", ""), (bob, "Kitchen", ""))
        kitchen = category(database, shop, "Kitchen")

        self.send(judge_client, product, answer=kitchen)
        late = self.send(admin_client, product, answer=kitchen, idempotency_key="late")

        assert late.status_code == 409
        assert "agree on this product by now" in late.text

    def test_without_script_leads_back_to_the_page(
        self, judge_client, dispute, alice, bob, database, shop
    ):
        product = dispute((alice, "Watches", ""), (bob, "Kitchen", ""))

        answer = judge_client.post(
            f"{ADDRESS}/{product}/decide",
            data={"idempotency_key": "k", "answer": category(database, shop, "Kitchen")},
        )

        assert (answer.status_code, answer.location) == (303, ADDRESS)


class TestUndo:
    def test_brings_the_dispute_back(self, judge_client, dispute, alice, bob, database, shop):
        product = dispute((alice, "Watches", ""), (bob, "Kitchen", ""))
        with database.begin() as session:
            session.add(
                factories.QueueEntryRow(
                    product_id=product,
                    catalogue_id=shop.id,
                    priority=-2e10,
                    reason="second",
                    is_waiting=False,
                )
            )
        judge_client.post(
            f"{ADDRESS}/{product}/decide",
            data={"idempotency_key": "k", "answer": category(database, shop, "Kitchen")},
        )
        page = judge_client.get(ADDRESS)
        assert "Your last judgement" in page.text
        with database.read() as session:
            last = annotations.find_last_standing(
                session,
                catalogue_id=catalogues.get(session, slug="shop").id,
                user_id=session.scalars(
                    select(AnnotationRow.user_id).order_by(AnnotationRow.id.desc()).limit(1)
                ).one(),
            )

        answer = judge_client.post(
            f"{ADDRESS}/undo", data={"idempotency_key": "u", "annotation": last.id}
        )

        assert answer.location == f"{ADDRESS}?product={product}"
        assert label_of(database, product) is None
        assert "1 dispute" in judge_client.get(ADDRESS).text
