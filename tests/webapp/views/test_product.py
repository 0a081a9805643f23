import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests import factories
from webapp.domain.review import AskedBecause, Probe, ProductState, Verdict
from webapp.services import product_story
from webapp.storage import annotations, catalogues
from webapp.storage.tables import (
    ImportRow,
    ProductImageRow,
    ProductRow,
    ProductVersionRow,
    QueueEntryRow,
    RoundRow,
)
from webapp.views import category_paths

LIST = "/c/shop/products"


def story_of(session, catalogue, product_id):
    return product_story.tell_story(
        session, catalogue=catalogue, product_id=product_id, user_id=1, now=factories.NOW
    )


def rows(page):
    return re.findall(r'/c/shop/products/(\d+)"', page.text)


class TestShow:
    def test_leads_back_to_the_list_with_its_filters(self, client, mug):
        def back(came_from):
            page = client.get(f"{LIST}/{mug}", headers={"Referer": came_from}).text
            return re.search(r'<a href="([^"]+)">← ([^<]+)', page).groups()

        assert back(f"http://localhost{LIST}?q=mug&state=open&view=table") == (
            f"{LIST}?q=mug&amp;state=open&amp;sort=relevance&amp;view=table",
            "Back to the list",
        )
        for other in (f"http://elsewhere.example{LIST}?q=mug", "http://localhost/?q=mug", ""):
            assert back(other) == (LIST, "All products")

    def test_keeps_its_tab_marked(self, client, mug):
        page = client.get(f"{LIST}/{mug}").text

        assert f'<a href="{LIST}" aria-current="true">Products</a>' in page

    def test_shows_fields_prediction_and_how_sure_each_network_is(
        self, client, database, shop, mug
    ):
        with database.begin() as session:
            factories.make_round(session, shop, {mug: {"Kitchen": 0.8, "Watches": 0.2}})

        page = client.get(f"{LIST}/{mug}").text

        for words in ("A mug for tea and coffee.", "Shelfware · 4.50", "Colour", "Text alone"):
            assert words in page
        assert re.search(r"Kitchen\s*<span class=\"probability\">80\s?%", page)

    def test_names_an_image_that_could_not_be_used(self, client, database, mug):
        with database.begin() as session:
            session.add(
                ProductImageRow(
                    product_id=mug,
                    position=0,
                    file_name="mug.jpg",
                    sha256=None,
                    width_px=None,
                    height_px=None,
                    problem="the file is missing",
                )
            )

        assert "mug.jpg is not shown: the file is missing" in client.get(f"{LIST}/{mug}").text

    def test_tells_who_decided_what_and_what_was_undone(
        self, client, sign_in, bob, database, shop, kitchen, mug
    ):
        client.post(f"{LIST}/{mug}/flag", data={"note": "Two products in one"})
        sign_in(bob).post(f"{LIST}/{mug}/put-back")
        client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        page = client.get(f"{LIST}/{mug}").text

        for words in ("Alice", "Bob", "Two products in one", "undone later", "confirmed"):
            assert words in page

    def test_tells_what_an_import_changed(self, client, database, shop, mug):
        with database.begin() as session:
            imported = ImportRow(
                catalogue_id=shop.id,
                job_id=None,
                requested_by=None,
                file_name="march.csv",
                file_sha256="0" * 64,
                created_at=factories.NOW,
                finished_at=factories.NOW,
            )
            session.add(imported)
            session.flush()
            session.add_all(
                ProductVersionRow(
                    product_id=mug,
                    import_id=imported.id,
                    number=number,
                    content={"name": "Blue mug", "price": price},
                    created_at=factories.NOW,
                )
                for number, price in ((1, "4.50"), (2, "5.20"))
            )

        page = client.get(f"{LIST}/{mug}").text

        assert "march.csv" in page
        assert re.search(r"price</span> <del>4.50</del> <ins>5.20</ins>", page)

    def test_an_open_product_of_the_evaluation_set_leads_nobody(self, client, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(session, shop, is_evaluation=True, source="Watches")
            factories.make_round(session, shop, {product_id: {"Computers": 0.8}})

        page = client.get(f"{LIST}/{product_id}").text

        told = re.sub(r"<option.*?</option>", "", page)
        assert "Watches" not in told
        assert "Computers" not in told
        assert "selected" not in page
        assert "stays hidden until it is decided" in page

    def test_a_product_of_another_catalogue_is_not_found(self, client, database, mug):
        with database.begin() as session:
            factories.make_catalogue(session, slug="other")

        assert client.get(f"/c/other/products/{mug}").status_code == 404

    def test_who_may_not_review_sees_no_form(self, sign_in, dana, mug):
        page = sign_in(dana).get(f"{LIST}/{mug}")

        assert page.status_code == 200
        assert "Decide it here" not in page.text

    def test_what_a_seller_wrote_is_never_read_as_markup(self, client, database, shop):
        with database.begin() as session:
            product_id = factories.make_product(
                session, shop, name="<b>x</b>", description="<script>alert(1)</script>"
            )

        page = client.get(f"{LIST}/{product_id}").text

        assert "<script>alert" not in page
        assert "<b>x" not in page


class TestDecide:
    def test_labels_the_product(self, client, database, kitchen, mug):
        answer = client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        assert (answer.status_code, answer.location) == (303, f"{LIST}/{mug}")
        with database.read() as session:
            (act,) = annotations.list_of_product(session, product_id=mug)
            assert session.get(ProductRow, mug).state == ProductState.LABELLED.value
        assert act.category_id == kitchen
        assert act.verdict is Verdict.CONFIRMED  # the seller says so too

    def test_a_form_that_is_sent_twice_counts_once(self, client, database, kitchen, mug):
        form = {"category": kitchen, "idempotency_key": "one"}
        for _ in range(2):
            assert client.post(f"{LIST}/{mug}/decide", data=form).status_code == 303

        with database.read() as session:
            assert len(annotations.list_of_product(session, product_id=mug)) == 1

    def test_searches_among_many_categories_in_place_of_listing_them(
        self, client, database, monkeypatch, kitchen, mug
    ):
        monkeypatch.setattr(category_paths, "MOST_LISTED", 2)
        page = client.get(f"{LIST}/{mug}").text

        client.post(f"{LIST}/{mug}/decide", data={"path": "Kitchen"})
        refused = client.post(f"{LIST}/{mug}/decide", data={"path": "Kitchens"})

        assert "data-categories=" in page
        assert "<option" not in page
        with database.read() as session:
            (act,) = annotations.list_of_product(session, product_id=mug)
        assert act.category_id == kitchen
        assert (refused.status_code, "no category “Kitchens”" in refused.text) == (422, True)

    def test_needs_a_category(self, client, mug):
        answer = client.post(f"{LIST}/{mug}/decide", data={})

        assert answer.status_code == 422
        assert "Choose a category first." in answer.text

    def test_is_refused_while_somebody_else_has_the_product(
        self, client, sign_in, bob, kitchen, mug
    ):
        sign_in(bob).get("/c/shop/review")

        answer = client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        assert answer.status_code == 409
        assert "Somebody else" in answer.text

    def test_an_analyst_may_not(self, sign_in, dana, kitchen, mug):
        answer = sign_in(dana).post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        assert answer.status_code == 403


class TestFlag:
    def test_takes_the_product_out_and_shows_the_note(self, client, database, mug):
        client.post(f"{LIST}/{mug}/flag", data={"note": "Two products in one"})

        page = client.get(f"{LIST}?state=flagged")

        assert rows(page) == [str(mug)]
        assert "Two products in one" in page.text
        with database.read() as session:
            assert not session.get(QueueEntryRow, mug).is_waiting

    def test_needs_a_note(self, client, mug):
        answer = client.post(f"{LIST}/{mug}/flag", data={"note": " "})

        assert answer.status_code == 422
        assert "Say in a note" in answer.text


class TestPutBack:
    def test_lets_the_product_wait_again_whoever_flagged_it(
        self, client, sign_in, bob, database, mug
    ):
        client.post(f"{LIST}/{mug}/flag", data={"note": "Two products in one"})

        answer = sign_in(bob).post(f"{LIST}/{mug}/put-back")

        assert answer.status_code == 303
        with database.read() as session:
            assert session.get(ProductRow, mug).state == ProductState.OPEN.value
            assert session.get(QueueEntryRow, mug).is_waiting

    def test_returns_to_the_label_that_stood_before_the_flag(self, client, database, kitchen, mug):
        client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})
        client.post(f"{LIST}/{mug}/flag", data={"note": "Not sure any more"})

        client.post(f"{LIST}/{mug}/put-back")

        with database.read() as session:
            assert session.get(ProductRow, mug).state == ProductState.LABELLED.value
            assert not session.get(QueueEntryRow, mug).is_waiting

    def test_a_form_that_is_sent_twice_counts_once(self, client, database, mug):
        client.post(f"{LIST}/{mug}/flag", data={"note": "Two products in one"})

        answers = [
            client.post(f"{LIST}/{mug}/put-back", data={"idempotency_key": "one"}) for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [303, 303]
        with database.read() as session:
            assert len(annotations.list_of_product(session, product_id=mug)) == 2

    def test_of_a_product_that_is_not_flagged_is_a_conflict(self, client, mug):
        answer = client.post(f"{LIST}/{mug}/put-back")

        assert answer.status_code == 409
        assert "not flagged any more" in answer.text


class TestRestore:
    @pytest.fixture
    def relabelled(self, client, database, shop, kitchen, mug):
        """Return the id of an earlier decision on a product that was decided otherwise since."""
        client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})
        with database.read() as session:
            watches = factories.category_id(session, shop, "Watches")
            (first,) = annotations.list_of_product(session, product_id=mug)
        client.post(f"{LIST}/{mug}/decide", data={"category": watches})
        return first.id

    def test_is_one_more_decision_that_says_what_it_restores(
        self, sign_in, bob, database, kitchen, mug, relabelled
    ):
        browser = sign_in(bob)
        assert f"/restore/{relabelled}" in browser.get(f"{LIST}/{mug}").text

        answer = browser.post(f"{LIST}/{mug}/restore/{relabelled}")

        assert answer.status_code == 303
        with database.read() as session:
            acts = annotations.list_of_product(session, product_id=mug)
        assert (acts[-1].user_id, acts[-1].category_id) == (bob.id, kitchen)
        assert acts[-1].note.startswith("Restored what Alice decided on ")
        assert "/restore/" in browser.get(f"{LIST}/{mug}").text  # the other label is earlier now

    def test_a_form_that_is_sent_twice_counts_once(self, client, database, mug, relabelled):
        for _ in range(2):
            answer = client.post(
                f"{LIST}/{mug}/restore/{relabelled}", data={"idempotency_key": "one"}
            )
            assert answer.status_code == 303

        with database.read() as session:
            assert len(annotations.list_of_product(session, product_id=mug)) == 3

    def test_of_the_label_that_holds_is_a_conflict(self, client, database, mug, relabelled):
        with database.read() as session:
            last = annotations.list_of_product(session, product_id=mug)[-1]

        answer = client.post(f"{LIST}/{mug}/restore/{last.id}")

        assert answer.status_code == 409
        assert "has that label already" in answer.text

    def test_of_another_product_is_not_found(self, client, database, shop, relabelled):
        with database.begin() as session:
            other = factories.make_product(session, shop)

        assert client.post(f"{LIST}/{other}/restore/{relabelled}").status_code == 404


class TestWalking:
    @pytest.fixture
    def three(self, database, shop):
        with database.begin() as session:
            return [factories.make_product(session, shop, name=name) for name in ("a", "b", "c")]

    def test_leads_along_the_list_from_which_one_comes(self, client, three):
        first, second, third = three
        page = client.get(
            f"{LIST}/{second}", headers={"Referer": f"http://localhost{LIST}?sort=name"}
        ).text

        assert f'rel="prev" href="{LIST}/{first}?sort=name"' in page
        assert f'rel="next" href="{LIST}/{third}?sort=name"' in page
        last = client.get(f"{LIST}/{third}?sort=name").text
        assert 'rel="next"' not in last

    def test_keeps_its_place_after_a_decision_that_takes_it_off_the_list(
        self, client, three, kitchen
    ):
        first, second, third = three

        answer = client.post(f"{LIST}/{second}/decide?state=open", data={"category": kitchen})

        assert answer.location == f"{LIST}/{second}?state=open&sort=imported"
        page = client.get(answer.location).text
        assert f'rel="next" href="{LIST}/{third}?' in page
        assert f'rel="prev" href="{LIST}/{first}?' in page

    def test_a_product_opened_by_itself_has_no_neighbours(self, client, three):
        page = client.get(f"{LIST}/{three[1]}").text

        assert 'rel="prev"' not in page
        assert 'rel="next"' not in page


class TestWhatIsKeptBack:
    def test_look_alikes_are_shown_with_their_labels(self, client, database, shop, alice):
        with database.begin() as session:
            one, other = (factories.make_product(session, shop, group_number=4) for _ in "ab")
            factories.make_annotation(
                session, shop, other, alice, Verdict.CORRECTED, category="Watches"
            )

        page = client.get(f"{LIST}/{one}").text

        assert f'href="{LIST}/{other}"' in page
        assert re.search(r'class="chip[^"]*">Watches<', page)

    def test_look_alikes_of_an_undecided_product_of_the_evaluation_set_tell_no_label(
        self, client, database, shop, alice
    ):
        with database.begin() as session:
            one, other = (
                factories.make_product(session, shop, group_number=4, is_evaluation=True)
                for _ in "ab"
            )
            factories.make_annotation(
                session, shop, other, alice, Verdict.CORRECTED, category="Watches"
            )

        page = client.get(f"{LIST}/{one}").text

        assert f'href="{LIST}/{other}"' in page
        assert not re.search(r'class="chip[^"]*">Watches<', page)

    def test_what_is_at_her_desk_is_decided_there(self, client, bob, sign_in, database, shop, mug):
        with database.begin() as session:
            factories.make_round(session, shop, {mug: {"Watches": 0.97}})
        client.get("/c/shop/review")

        mine, others = client.get(f"{LIST}/{mug}").text, sign_in(bob).get(f"{LIST}/{mug}").text

        assert "at your desk now" in mine
        assert "97%" not in mine
        assert "Decide it here" not in mine
        assert "Decide it here" in others

    @pytest.mark.parametrize(("probe", "is_told"), [(None, True), (Probe.PLANTED, False)])
    def test_a_suggestion_that_was_wrong_on_purpose_is_not_told(
        self, client, database, shop, alice, kitchen, mug, probe, is_told
    ):
        with database.begin() as session:
            round_id = factories.make_round(session, shop, {mug: {"Kitchen": 0.9}})
            annotations.add(
                session,
                catalogue_id=shop.id,
                new=annotations.NewAnnotation(
                    product_id=mug,
                    user_id=alice.id,
                    verdict=Verdict.CORRECTED,
                    idempotency_key="one",
                    asked_because=AskedBecause.UNCERTAIN,
                    is_suggestion_hidden=False,
                    created_at=factories.NOW,
                    category_id=kitchen,
                    shown_round_id=round_id,
                    shown_category_id=factories.category_id(session, shop, "Watches"),
                    shown_probability=0.9,
                    probe=probe,
                ),
            )

        page = client.get(f"{LIST}/{mug}").text

        assert ("shown by round 1: Watches" in page) == is_told

    @pytest.mark.parametrize(("people", "is_told"), [(2, True), (3, False)])
    def test_what_others_answered_is_hidden_until_all_answers_are_in(
        self, client, sign_in, bob, database, shop, mug, kitchen, people, is_told
    ):
        share_with(database, shop, people=people)
        sign_in(bob).post(f"{LIST}/{mug}/decide", data={"category": kitchen})

        before = client.get(f"{LIST}/{mug}").text
        client.post(f"{LIST}/{mug}/decide", data={"category": kitchen})
        after = client.get(f"{LIST}/{mug}").text

        assert "Somebody else has decided this product." in before
        assert "Bob" not in before
        assert ("Bob" in after) == is_told


def share_with(database, shop, *, people):
    """Let several people decide each product of a catalogue."""
    with database.begin() as session:
        settings = replace(shop.settings, people_per_product=people, are_only_unsure_shared=False)
        catalogues.write_settings(session, catalogue_id=shop.id, settings=settings)


def test_predictions_of_every_round_are_told_newest_first(client, database, shop, mug):
    with database.begin() as session:
        factories.make_round(session, shop, {mug: {"Watches": 0.6}}, number=1)
        factories.make_round(session, shop, {mug: {"Kitchen": 0.9}}, number=2)
        catalogue = catalogues.get(session, slug="shop")

        story = story_of(session, catalogue, mug)

    assert [(past.round_number, past.is_live) for past in story.predictions] == [
        (2, True),
        (1, False),
    ]


def test_a_round_that_is_still_being_written_is_not_told(client, database, shop, mug):
    with database.begin() as session:
        round_id = factories.make_round(session, shop, {mug: {"Watches": 0.6}}, is_live=False)
        session.execute(update(RoundRow).where(RoundRow.id == round_id).values(is_complete=False))

        story = story_of(session, shop, mug)

    assert story.predictions == ()
