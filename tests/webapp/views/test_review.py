import html
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.domain.jobs import JobKind
from webapp.storage import catalogues, jobs
from webapp.storage.tables import AnnotationRow, ProductRow, QueueEntryRow, RoundRow


@pytest.fixture
def watch(database, shop):
    """A watch that the live round takes for one."""
    with database.begin() as session:
        product_id = factories.make_product(
            session, shop, name="Steel watch", reason="uncertain", priority=0.9
        )
        factories.make_round(
            session, shop, {product_id: {"Watches": 0.941, "Kitchen": 0.055, "Computers": 0.004}}
        )
    return product_id


def add(database, shop, **values):
    with database.begin() as session:
        return factories.make_product(session, shop, **values)


def category(database, shop, name):
    with database.read() as session:
        return factories.category_id(session, shop, name)


def states(database):
    with database.read() as session:
        return dict(session.execute(select(ProductRow.id, ProductRow.state)).all())


def shown(page: str) -> list[int]:
    """Return the products of the cards in a page, the one in sight first."""
    return [
        int(number) for number in re.findall(r'<article class="card" data-product="(\d+)"', page)
    ]


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


class TestPage:
    def test_shows_one_card_with_its_suggestion_in_words_and_number(self, client, watch):
        page = client.get("/c/shop/review").text

        words = words_of(page)
        assert shown(page) == [watch]
        assert "Watches 94% · likely" in words
        assert "1 Kitchen 6%" in words
        assert "2 Computers <1%" in words
        assert "the labels so far leave its category open" in words
        assert "no opinion from an image" in words
        assert "Round 1" in words

    def test_keeps_two_more_cards_ready_out_of_sight(self, client, database, shop):
        for _ in range(5):
            add(database, shop)

        page = client.get("/c/shop/review").text

        assert len(shown(page)) == 3
        assert len(re.findall(r'<article class="card"[^>]*\shidden>', page)) == 2

    def test_loading_it_again_shows_the_same_cards(self, client, database, shop):
        for _ in range(5):
            add(database, shop)

        assert shown(client.get("/c/shop/review").text) == shown(client.get("/c/shop/review").text)

    @pytest.mark.parametrize(("probability", "is_guess"), [(0.4, True), (0.9, False)])
    def test_a_guess_does_not_look_like_a_sure_suggestion(
        self, client, database, shop, probability, is_guess
    ):
        product_id = add(database, shop)
        with database.begin() as session:
            factories.make_round(session, shop, {product_id: {"Watches": probability}})

        page = client.get("/c/shop/review").text

        assert ('class="primary unsure"' in page) is is_guess

    def test_of_what_the_seller_says_the_part_that_is_decided_stands_out(
        self, client, database, shop, watch
    ):
        with database.begin() as session:
            session.get_one(ProductRow, watch).source_path = "Watches > Men > Steel"

        page = client.get("/c/shop/review").text

        assert "<b>Watches</b> &gt; Men &gt; Steel" in page

    def test_a_hidden_suggestion_leaves_no_trace(self, client, database, shop):
        product_id = add(
            database, shop, name="Tray", is_evaluation=True, reason="evaluation", source="Kitchen"
        )
        with database.begin() as session:
            factories.make_round(session, shop, {product_id: {"Watches": 0.777, "Kitchen": 0.223}})

        page = client.get("/c/shop/review").text

        card = page[page.index("<article") : page.index("</article>")]
        buttons = re.findall(r'data-category="(\w+)"', card)
        assert buttons == ["Computers", "Kitchen", "Watches"]  # the order of the tree
        assert "%" not in words_of(card)
        assert "seller says" not in words_of(card)
        assert 'data-key="Enter"' not in card
        assert "hidden so that nobody is led" in words_of(card)

    def test_says_when_a_small_network_reads_the_images(self, client, database, shop, watch):
        with database.begin() as session:
            session.scalars(select(RoundRow)).one().fallback = "there are no weights"

        assert "read by a weaker network" in words_of(client.get("/c/shop/review").text)

    def test_puts_the_product_first_that_was_asked_for(self, client, database, shop):
        ids = [add(database, shop, priority=1 - n / 10) for n in range(4)]

        page = client.get(f"/c/shop/review?product={ids[-1]}").text

        assert shown(page)[0] == ids[-1]

    def test_says_when_everything_is_decided(self, client, database, shop, watch):
        client.get("/c/shop/review")
        client.post(
            f"/c/shop/review/{watch}/decide",
            data={"category_id": category(database, shop, "Watches"), "idempotency_key": "k"},
        )

        words = words_of(client.get("/c/shop/review").text)

        assert "Nothing waits for you" in words
        assert "another person" not in words
        assert "1 of 1 products" in words

    def test_tells_a_lone_moderator_what_waits_for_somebody_else(
        self, client, database, shop, watch
    ):
        with database.begin() as session:
            several = replace(shop.settings, people_per_product=2)
            catalogues.write_settings(session, catalogue_id=shop.id, settings=several)
        client.get("/c/shop/review")
        client.post(
            f"/c/shop/review/{watch}/decide",
            data={"category_id": category(database, shop, "Watches"), "idempotency_key": "k"},
        )

        words = words_of(client.get("/c/shop/review").text)

        assert "Nothing waits for you" in words
        assert "1 product waits for another person: your answer is in." in words

    def test_says_when_there_are_no_products(self, client, shop):
        assert "no products yet" in client.get("/c/shop/review").text

    def test_what_a_seller_writes_is_never_markup(self, client, database, shop):
        add(database, shop, name="<script>alert(1)</script>", description="<img src=x onerror=y>")

        page = client.get("/c/shop/review").text

        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_an_analyst_may_not_review(self, sign_in, dana, shop):
        assert sign_in(dana).get("/c/shop/review").status_code == 403

    def test_has_neither_inline_scripts_nor_inline_styles(self, client, watch):
        page = client.get("/c/shop/review").text

        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"\s(style|on\w+)=", page)


class TestDecide:
    def test_without_javascript_goes_back_to_the_desk(self, client, database, shop, watch):
        client.get("/c/shop/review")

        answer = client.post(
            f"/c/shop/review/{watch}/decide",
            data={"category_id": category(database, shop, "Watches"), "idempotency_key": "k"},
        )

        assert answer.status_code == 303
        assert answer.location == "/c/shop/review"
        assert states(database)[watch] == "labelled"

    def test_answers_with_one_more_card_and_the_count_of_the_day(
        self, htmx, client, database, shop, watch
    ):
        others = [add(database, shop, priority=0.5 - n / 10) for n in range(3)]
        page = client.get("/c/shop/review").text

        answer = htmx(
            f"/c/shop/review/{watch}/decide",
            category_id=category(database, shop, "Watches"),
            idempotency_key="k",
            lease=re.search(r'name="lease" value="([^"]+)"', page).group(1),
            want=1,
        )

        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert 'data-today="1"' in answer.text
        assert shown(answer.text) == others[2:]
        assert "hidden>" in answer.text

    def test_a_product_that_was_decided_meanwhile_is_refused_in_plain_words(
        self, htmx, client, database, shop, watch
    ):
        client.get("/c/shop/review")
        chosen = category(database, shop, "Watches")
        htmx(f"/c/shop/review/{watch}/decide", category_id=chosen, idempotency_key="a", lease="x")

        answer = htmx(
            f"/c/shop/review/{watch}/decide", category_id=chosen, idempotency_key="b", lease="x"
        )

        assert answer.status_code == 409
        assert "decided meanwhile" in answer.text

    def test_the_same_form_twice_counts_once(self, client, database, shop, watch):
        client.get("/c/shop/review")
        form = {"category_id": category(database, shop, "Watches"), "idempotency_key": "k"}

        answers = [client.post(f"/c/shop/review/{watch}/decide", data=form) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(AnnotationRow)) == 1

    def test_a_flag_keeps_its_note(self, htmx, client, database, watch):
        client.get("/c/shop/review")

        htmx(
            f"/c/shop/review/{watch}/decide",
            verdict="flagged",
            note="no watch at all",
            idempotency_key="k",
        )

        assert states(database)[watch] == "flagged"
        with database.read() as session:
            assert session.scalars(select(AnnotationRow.note)).one() == "no watch at all"

    @pytest.mark.parametrize(
        "form",
        [
            {"idempotency_key": "k"},
            {"verdict": "flagged", "idempotency_key": "k"},
            {"verdict": "skipped"},
            {"category_id": "999", "idempotency_key": "k"},
        ],
    )
    def test_a_form_that_cannot_be_used_changes_nothing(self, htmx, client, database, watch, form):
        client.get("/c/shop/review")

        answer = htmx(f"/c/shop/review/{watch}/decide", **form)

        assert answer.status_code == 422
        assert states(database)[watch] == "open"


class TestReasons:
    def sentence(self, client):
        return re.search(r'<p class="asked">(.*?)</p>', client.get("/c/shop/review").text).group(1)

    def set_shares(self, database, shop, **shares):
        with database.begin() as session:
            catalogues.write_settings(
                session, catalogue_id=shop.id, settings=replace(shop.settings, shares=shares)
            )

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("typical", "Recommended order, first labels: it is typical of many others."),
            ("suspect", "Recommended order, checking sellers"),
            ("conflict", "Asked because text and image disagree."),
            ("random", "Drawn at random: there is no model yet."),
        ],
    )
    def test_recommended_order_says_which_of_its_stages_holds(
        self, client, database, shop, reason, words
    ):
        add(database, shop, reason=reason)

        assert words in self.sentence(client)

    def test_a_strategy_of_its_own_says_what_it_goes_by(self, client, database, shop, watch):
        self.set_shares(database, shop, recommended=40, uncertain=50, random=10)

        assert self.sentence(client) == "Asked because Watches and Kitchen are close."

    def test_a_random_draw_is_one_with_a_model_too(self, client, database, shop, watch):
        with database.begin() as session:
            session.get_one(QueueEntryRow, watch).reason = "random"

        assert self.sentence(client) == "Drawn at random, to measure fairly."


class TestLookAlikes:
    @pytest.fixture
    def mugs(self, database, shop):
        return [
            add(database, shop, name=f"Mug {n}", priority=0.9 - n / 10, group_number=7)
            for n in range(3)
        ]

    def decide(self, send, database, shop, product_id, **form):
        chosen = category(database, shop, "Kitchen")
        return send(
            f"/c/shop/review/{product_id}/decide",
            **{"category_id": chosen, "idempotency_key": "k"} | form,
        )

    def test_card_without_a_suggestion_offers_them_unticked_in_its_own_form(self, client, mugs):
        page = client.get("/c/shop/review").text

        assert "2 look-alikes" in words_of(page)
        boxes = re.findall(r'<input type="checkbox" name="look_alike"[^>]*>', page)
        assert [re.search(r'value="(\d+)"', box).group(1) for box in boxes[:2]] == [
            str(mugs[1]),
            str(mugs[2]),
        ]
        assert f'form="answers-{mugs[0]}"' in boxes[0]
        assert not any("checked" in box for box in boxes)

    def test_those_with_the_same_suggestion_come_ticked(self, client, database, shop, mugs):
        said = {mugs[0]: {"Kitchen": 0.9}, mugs[1]: {"Kitchen": 0.6}, mugs[2]: {"Watches": 0.9}}
        with database.begin() as session:
            factories.make_round(session, shop, said)

        page = client.get("/c/shop/review").text

        boxes = re.findall(r'<input type="checkbox" name="look_alike"[^>]*>', page)
        assert {
            int(re.search(r'value="(\d+)"', box).group(1)): "checked" in box for box in boxes[:2]
        } == {mugs[1]: True, mugs[2]: False}

    def test_beyond_eight_are_one_click_away(self, client, database, shop, mugs):
        for _ in range(8):
            add(database, shop, priority=0.01, group_number=7)

        page = client.get("/c/shop/review").text

        in_sight, more = (
            re.search(r'<fieldset class="look-alikes".*?</fieldset>', page, re.S)
            .group()
            .split("<details")
        )
        assert in_sight.count('name="look_alike"') == 8
        assert more.count('name="look_alike"') == 2

    @pytest.mark.parametrize("as_sent", [str, lambda ids: ids])
    def test_ticked_ones_get_the_same_category(self, htmx, client, database, shop, mugs, as_sent):
        client.get("/c/shop/review")
        sent = " ".join(map(str, mugs[1:])) if as_sent is str else mugs[1:]

        answer = self.decide(htmx, database, shop, mugs[0], look_alike=sent)

        assert answer.status_code == 200
        assert set(states(database).values()) == {"labelled"}
        assert 'data-today="3"' in answer.text

    def test_says_which_one_somebody_else_has(
        self, htmx, client, database, shop, mugs, sign_in, bob
    ):
        with database.begin() as session:
            entry = session.get_one(QueueEntryRow, mugs[1])
            entry.is_waiting, entry.leased_to, entry.lease_token = False, bob.id, "t"
            entry.leased_at = factories.NOW
            entry.leased_until = datetime(2999, 1, 1, tzinfo=UTC)
        page = client.get("/c/shop/review").text

        answer = self.decide(htmx, database, shop, mugs[0], look_alike=mugs[1])

        assert "somebody else has it now" in page
        assert "because somebody else has it now: Mug 1." in html.unescape(answer.text)
        assert states(database)[mugs[1]] == "open"

    def test_without_javascript_the_next_page_says_what_happened(
        self, client, database, shop, mugs
    ):
        client.get("/c/shop/review")
        chosen = category(database, shop, "Kitchen")

        page = client.post(
            f"/c/shop/review/{mugs[0]}/decide",
            data={"category_id": chosen, "idempotency_key": "k", "look_alike": mugs[1:]},
            follow_redirects=True,
        ).text

        assert "2 look-alikes were filed with it." in page

    def test_skipping_takes_none_along(self, htmx, client, database, mugs):
        client.get("/c/shop/review")

        htmx(
            f"/c/shop/review/{mugs[0]}/decide",
            verdict="skipped",
            idempotency_key="k",
            look_alike=mugs[1],
        )

        assert set(states(database).values()) == {"open"}

    def test_words_in_the_place_of_a_number_are_refused(self, htmx, client, database, shop, mugs):
        client.get("/c/shop/review")

        answer = self.decide(htmx, database, shop, mugs[0], look_alike="all of them")

        assert answer.status_code == 422
        assert set(states(database).values()) == {"open"}

    def test_every_fifth_act_has_the_queue_ordered(
        self, htmx, client, database, shop, mugs, sent_jobs
    ):
        client.get("/c/shop/review")
        others = [add(database, shop, priority=0.2) for _ in range(2)]
        self.decide(htmx, database, shop, mugs[0], look_alike=mugs[1])
        for number, product_id in enumerate(others):
            self.decide(htmx, database, shop, product_id, idempotency_key=f"other {number}")
        assert sent_jobs == []

        self.decide(htmx, database, shop, mugs[2], idempotency_key="last")

        with database.read() as session:
            job = jobs.get(session, job_id=sent_jobs[0])
        assert (job.kind, job.catalogue_id) == (JobKind.ORDER_QUEUE, shop.id)


class TestUndo:
    def test_brings_the_card_back(self, htmx, client, database, shop, watch):
        client.get("/c/shop/review")
        chosen = category(database, shop, "Kitchen")
        htmx(f"/c/shop/review/{watch}/decide", category_id=chosen, idempotency_key="a")

        answer = htmx("/c/shop/review/undo", idempotency_key="b")

        assert shown(answer.text) == [watch]
        assert 'data-today="0"' in answer.text
        assert states(database)[watch] == "open"

    def test_without_javascript_shows_that_product_first(self, client, database, shop, watch):
        add(database, shop, priority=0.95)
        client.get("/c/shop/review")
        client.post(
            f"/c/shop/review/{watch}/decide", data={"verdict": "skipped", "idempotency_key": "a"}
        )

        answer = client.post("/c/shop/review/undo", data={"idempotency_key": "b"})

        assert answer.status_code == 303
        assert shown(client.get(answer.location).text)[0] == watch

    def test_with_nothing_to_take_back_says_so(self, htmx, shop):
        answer = htmx("/c/shop/review/undo", idempotency_key="b")

        assert answer.status_code == 409
        assert "nothing to take back" in answer.text


class TestClaims:
    def test_lends_no_more_than_a_desk_holds(self, htmx, database, shop):
        for _ in range(14):
            add(database, shop)

        assert len(shown(htmx("/c/shop/review/claims", want=100).text)) == 12


class TestRenew:
    def test_names_the_products_that_are_lost(self, client, htmx, database, shop, watch):
        client.get("/c/shop/review")

        answer = htmx("/c/shop/review/renew", product_id=[watch, watch + 1])

        assert answer.json == {"lost": [watch + 1]}


def test_the_desk_loads_at_most_150_kb_beside_images(client, database, shop):
    for _ in range(3):
        add(database, shop, description="Some forty letters about this product. " * 50)
    page = client.get("/c/shop/review").text

    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    total = len(page.encode())
    for file in files:
        with client.get(file) as answer:
            total += len(answer.data)

    assert len(files) >= 4
    assert total <= 150_000
