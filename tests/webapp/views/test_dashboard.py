import re

import pytest

from tests import factories
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.storage import job_claims
from webapp.storage.tables import RoundRow

METRICS = {
    "accuracy": {"value": 0.9, "low": 0.85, "high": 0.94, "n": 200},
    "ari": {"value": 0.81, "low": 0.74, "high": 0.88, "n": 200},
    "macro_f1": {"value": 0.89, "low": 0.84, "high": 0.93, "n": 200},
}
BASELINE = {
    "accuracy": {"value": 0.8, "low": 0.75, "high": 0.85, "n": 200},
    "ari": {"value": 0.7, "low": 0.6, "high": 0.8, "n": 200},
    "ari_of": "predictions",
    "seconds": 2.5,
    "n_changed": 0,
}


@pytest.fixture
def add_round(database, shop):
    """Add a round with figures and a confusion of two categories; return its id."""

    def add_round(number=1, **values):
        with database.begin() as session:
            kitchen = factories.category_id(session, shop, "Kitchen")
            watches = factories.category_id(session, shop, "Watches")
            product = factories.make_product(session, shop)
            round_id = factories.make_round(
                session, shop, {product: {"Kitchen": 0.9, "Watches": 0.1}}, number=number
            )
            row = session.get_one(RoundRow, round_id)
            row.metrics = METRICS
            row.confusion = {"categories": [kitchen, watches], "counts": [[90, 7], [0, 103]]}
            for name, value in values.items():
                setattr(row, name, value)
        return round_id, kitchen, watches

    return add_round


def text_of(answer):
    """Return the words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


class TestPage:
    def test_says_how_good_the_live_model_is(self, client, add_round):
        add_round(is_provisional=False)

        words = text_of(client.get("/c/shop/dashboard"))

        assert (
            "Round 1 gets 90.0% of 200 evaluation products right "
            "(95% interval: 85.0% to 94.0%)." in words
        )
        assert "90.0% right" in words
        assert "Its ARI is 0.810 (0.740 to 0.880)." in words

    def test_says_when_figures_are_provisional(self, client, add_round):
        add_round(is_provisional=True)

        words = text_of(client.get("/c/shop/dashboard"))

        assert "90.0% as sellers say" in words
        assert "agrees with what sellers claim on 90.0% of 200" in words
        assert "Provisional: there are too few labels" in words

    def test_names_the_fallback_of_the_image_branch(self, client, add_round):
        add_round(fallback="the weights are not there: the small network stands in")

        assert "the small network stands in" in client.get("/c/shop/dashboard").text

    def test_lists_every_round_beside_the_chart(self, client, add_round):
        add_round(1, is_provisional=True)
        add_round(2, is_provisional=False)

        answer = client.get("/c/shop/dashboard")

        rows = re.findall(r'<tr>\s*<th scope="row">(\d)</th>', answer.text)
        assert rows == ["2", "1"]
        assert "&#34;isProvisional&#34;: true" in answer.text

    def test_draws_no_baselines_where_none_were_scored(self, client, add_round):
        add_round()

        assert "baselines-chart" not in client.get("/c/shop/dashboard").text

    def test_lists_baselines_with_their_intervals_beside_the_round(self, client, add_round):
        add_round()
        add_round(2, baselines={"tfidf_linear": BASELINE, "lda": BASELINE | {"ari_of": "clusters"}})

        page = client.get("/c/shop/dashboard")

        table = re.search(r'<table class="baselines">.*?</table>', page.text, re.DOTALL).group()
        words = " ".join(re.sub(r"<[^>]*>", " ", table).split())
        assert "Round 2" in words
        assert "Round 1" not in words  # nothing was scored beside it
        assert "TF-IDF and logistic regression 0.700 0.600 to 0.800 accuracy 80.0%" in words
        assert words.count("ARI of the groups that it finds without labels") == 1
        assert 'id="baselines-chart"' in page.text

    def test_a_baseline_without_figures_says_why(self, client, add_round):
        add_round(baselines={"cnn": {"reason": "It cannot learn: no product has an image."}})

        assert "It cannot learn: no product has an image." in client.get("/c/shop/dashboard").text

    def test_tells_where_products_have_changed_since_the_round(self, client, add_round):
        add_round(baselines={"lda": BASELINE | {"n_changed": 3}})

        assert "3 products changed since" in client.get("/c/shop/dashboard").text

    def test_marks_a_held_round(self, client, add_round):
        add_round()
        add_round(2, is_held=True, is_published=False)

        assert '<span class="badge">held</span>' in client.get("/c/shop/dashboard").text

    def test_a_cell_of_the_matrix_opens_the_products_behind_it(self, client, add_round):
        _, kitchen, watches = add_round(is_provisional=False)

        answer = client.get("/c/shop/dashboard")

        address = f"/c/shop/products?predicted={watches}&amp;category={kitchen}"
        assert re.search(
            rf'<td class="wrong-1"><a href="{re.escape(address)}"[^>]*>7</a>', answer.text
        )
        assert "7 products of Kitchen were taken for Watches" in answer.text

    def test_a_provisional_matrix_opens_products_by_what_sellers_claim(self, client, add_round):
        _, kitchen, watches = add_round(is_provisional=True)

        answer = client.get("/c/shop/dashboard")

        assert f"/c/shop/products?predicted={watches}&amp;source={kitchen}" in answer.text

    def test_shows_agreement_with_its_n(self, client, add_round, database, shop, alice):
        round_id, _, _ = add_round()
        with database.begin() as session:
            for verdict, category in (
                (Verdict.CONFIRMED, "Kitchen"),
                (Verdict.CORRECTED, "Watches"),
            ):
                factories.make_annotation(
                    session,
                    shop,
                    factories.make_product(session, shop),
                    alice,
                    verdict,
                    category=category,
                    shown=(round_id, "Kitchen"),
                )

        words = text_of(client.get("/c/shop/dashboard"))

        assert "Of 2 suggestions that moderators saw, they confirmed 1 and corrected 1." in words
        assert "2 of 3 products have a label. Waiting: 1; flagged: 0." in words
        assert "Half of the newest decisions took less than 2.0 seconds." in words

    def test_pace_by_person_is_for_admins(
        self, client, admin_client, add_round, database, shop, alice
    ):
        add_round()
        with database.begin() as session:
            factories.make_annotation(
                session,
                shop,
                factories.make_product(session, shop),
                alice,
                Verdict.CONFIRMED,
                category="Kitchen",
                at=factories.datetime.now(factories.UTC),
            )

        assert "Pace by person" in admin_client.get("/c/shop/dashboard").text
        assert "Pace by person" not in client.get("/c/shop/dashboard").text

    def test_has_no_inline_style_or_script(self, client, add_round):
        add_round()

        page = client.get("/c/shop/dashboard").text

        assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src=)", page)

    def test_of_an_unknown_catalogue_is_not_found(self, client):
        assert client.get("/c/nowhere/dashboard").status_code == 404


WORTH = {
    "right": {"value": 0.962, "low": 0.94, "high": 0.98, "n": 84},
    "weighted_accuracy": {"value": 0.91, "low": 0.88, "high": 0.94, "n": 300},
    "left": {"target": 0.99, "n": 61, "n_at_most": 140},
    "gain": {
        "n_last": 100,
        "ari": {"value": 0.031, "low": -0.002, "high": 0.06, "n": 84},
        "accuracy": {"value": 0.01, "low": -0.01, "high": 0.03, "n": 84},
    },
    "curve": [{"n_labels": 10, "ari": METRICS["ari"], "accuracy": METRICS["accuracy"]}],
    "random_curve": [],
    "advice": {"stop": False, "n_corrections": 4, "n_decisions": 30, "reason": ""},
}


class TestWorth:
    def test_says_how_much_of_the_catalogue_is_right(self, client, add_round):
        add_round(is_provisional=False, estimates=WORTH)

        words = text_of(client.get("/c/shop/dashboard"))

        assert "96.2% of all products are filed right, by their label or else by the model" in words
        assert "(95% interval: 94.0% to 98.0%; n = 84 drawn at random)" in words
        assert "About 61 more decisions lead to 99.0%, at most 140." in words

    def test_says_that_labels_are_newer_than_the_estimate(
        self, client, database, shop, alice, add_round
    ):
        add_round(is_provisional=False, estimates=WORTH)
        assert "newer" not in text_of(client.get("/c/shop/dashboard"))
        with database.begin() as session:
            product = factories.make_product(session, shop)
            factories.make_annotation(
                session, shop, product, alice, Verdict.CORRECTED, category="Watches"
            )

        words = text_of(client.get("/c/shop/dashboard"))

        assert "As round 1 saw it: 1 label is newer." in words

    def test_says_what_the_last_decisions_brought(self, client, add_round):
        add_round(is_provisional=False, estimates=WORTH)

        words = text_of(client.get("/c/shop/dashboard"))

        assert (
            "The last 100 decisions changed the ARI of a quick model by +0.031 "
            "(95% interval: -0.002 to +0.060; n = 84)." in words
        )

    def test_says_in_words_that_the_last_decisions_changed_no_prediction(self, client, add_round):
        nothing = {"value": 0.0, "low": 0.0, "high": 0.0, "n": 84}
        gain = WORTH["gain"] | {"ari": nothing, "n_differ": 0}
        add_round(is_provisional=False, estimates=WORTH | {"gain": gain})

        words = text_of(client.get("/c/shop/dashboard"))

        assert "The last 100 decisions changed no prediction of a quick model (n = 84)." in words
        assert "+0.000 to" not in words

    def test_labels_the_weighted_estimate_as_one(self, client, add_round):
        add_round(is_provisional=False, estimates=WORTH)

        words = text_of(client.get("/c/shop/dashboard"))

        assert "From all 300 labels by importance weights, the model gets 91.0%" in words
        assert "never in its place" in words

    def test_says_that_nothing_can_be_told_without_a_random_sample(self, client, add_round):
        nothing = {"value": None, "low": None, "high": None, "n": 0}
        add_round(estimates=WORTH | {"right": nothing, "weighted_accuracy": nothing})

        words = text_of(client.get("/c/shop/dashboard"))

        assert "How much is right is worked out by each round" in words


class TestNextStep:
    def test_a_moderator_goes_on_deciding(self, client, add_round):
        add_round(estimates=WORTH)

        answer = client.get("/c/shop/dashboard")

        assert "Go on deciding: about 61 products are left to 99%." in text_of(answer)
        assert 'href="/c/shop/review">Decide the next product' in answer.text

    def test_advice_to_stop_says_its_numbers(self, client, add_round):
        advice = {"stop": True, "n_corrections": 1, "n_decisions": 30, "reason": ""}
        add_round(estimates=WORTH | {"advice": advice})

        words = text_of(client.get("/c/shop/dashboard"))

        assert "You may stop: of the last 30 doubtful products, 1 had to be corrected" in words

    def test_a_held_round_comes_first(self, admin_client, add_round):
        add_round(2, is_held=True, is_published=False)
        add_round(1, estimates=WORTH)  # added last, so it is live

        answer = admin_client.get("/c/shop/dashboard")

        assert "Look at round 2: it is held" in text_of(answer)


class TestEmptyStates:
    def test_an_empty_catalogue_asks_for_an_import(self, admin_client, shop):
        answer = admin_client.get("/c/shop/dashboard")

        assert "This catalogue has no products yet." in answer.text
        assert "Import a file" in answer.text

    def test_before_a_round_an_admin_is_led_to_the_first(self, admin_client, database, shop):
        with database.begin() as session:
            factories.make_product(session, shop)

        answer = admin_client.get("/c/shop/dashboard")

        assert "Start the first round" in answer.text
        assert "Decide the first product" in answer.text
        assert "canvas" not in answer.text

    def test_before_a_round_a_moderator_learns_who_starts_it(self, client, shop):
        answer = client.get("/c/shop/dashboard")

        assert "An admin starts the first round" in answer.text
        assert "Start the first round" not in answer.text

    def test_an_analyst_is_not_asked_to_decide(self, sign_in, dana, database, shop):
        with database.begin() as session:
            factories.make_product(session, shop)

        answer = sign_in(dana).get("/c/shop/dashboard")

        assert answer.status_code == 200
        assert "Decide the first product" not in answer.text

    def test_a_round_that_could_not_be_measured_says_so(self, client, add_round):
        none = {"value": None, "low": None, "high": None, "n": 0}
        add_round(metrics={"accuracy": none, "ari": none, "macro_f1": none})

        answer = client.get("/c/shop/dashboard")

        assert "too few products of the evaluation set" in answer.text
        assert "not measured" in answer.text


class TestFigures:
    def test_nothing_is_sent_while_no_round_has_finished(self, client, add_round):
        round_id, _, _ = add_round()

        answer = client.get(
            f"/c/shop/dashboard?seen={round_id}-{round_id}-0", headers={"HX-Request": "true"}
        )

        assert answer.status_code == 204

    def test_baselines_that_were_scored_bring_the_figures_anew(
        self, client, add_round, database, shop
    ):
        add_round()
        before = client.get("/c/shop/dashboard").text
        seen = re.search(r"seen=([\d-]+)", before).group(1)
        with database.begin() as session:
            job = factories.make_job(session, shop, JobKind.SCORE_BASELINES)
            job = job_claims.claim(session, job_id=job.id, now=factories.NOW)

        def ask():
            address = f"/c/shop/dashboard?seen={seen}"
            return client.get(address, headers={"HX-Request": "true"}).status_code

        assert ask() == 204
        with database.begin() as session:
            job_claims.finish(session, job_id=job.id, fence=job.fence, result={}, now=factories.NOW)
        assert ask() == 200

    def test_a_new_round_brings_the_figures_anew(self, client, add_round):
        first, _, _ = add_round(1)
        add_round(2)

        answer = client.get(
            f"/c/shop/dashboard?seen={first}-{first}-0", headers={"HX-Request": "true"}
        )

        assert answer.status_code == 200
        assert 'id="figures"' in answer.text
        assert "<html" not in answer.text
