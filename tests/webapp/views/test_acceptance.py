import pytest
from sqlalchemy import select, update

from tests import factories
from tests.webapp.acceptance import apply, ask_for, make_shop
from webapp.domain.review import ProductState
from webapp.storage import catalogues
from webapp.storage.tables import AcceptanceRuleRow, JobRow

PAGE = "/c/shop/acceptance"


@pytest.fixture
def make(database, config, alice, carol):
    """Return a function that asks for 95 % in a shop with so many evaluation labels."""

    def with_labels(n_labelled=70, **asked):
        with database.begin() as session:
            make_shop(session, alice, n_labelled=n_labelled)
        ask_for(database, carol, **asked)
        apply(database, config)
        with database.begin() as session:
            session.execute(update(JobRow).values(state="done"))

    return with_labels


class TestPage:
    def test_a_rule_in_force_says_what_it_accepts_and_why(self, admin_client, make):
        make()

        page = admin_client.get(PAGE).text

        assert "in force" in page
        assert "What round 1 gives at least 99.0% is accepted: 40 of 50 undecided" in page
        assert "70 of 70 such predictions are right; so at least 95.8% of what is" in page
        assert "0 audits done, 0 wrong" in page

    def test_a_refused_one_says_how_many_labels_are_missing(self, admin_client, make):
        make(n_labelled=30)

        page = admin_client.get(PAGE).text

        assert "not yet" in page
        assert "takes at least 59 without an error" in page
        assert "more evaluation labels are needed" in page
        assert "import more products, or ask for less" in page

    def test_a_refused_one_without_sure_predictions_says_how_many_labels_there_are(
        self, admin_client, database, make
    ):
        make(n_labelled=10)
        with database.begin() as session:
            rule = session.scalars(select(AcceptanceRuleRow)).one()
            rule.evidence = {**rule.evidence, "n_accepted": 0, "lower_bound": None}

        page = admin_client.get(PAGE).text

        assert "the evaluation set has 10 labels, and the surest predictions are not among" in page
        assert "0 sure predictions" not in page

    def test_says_that_99_percent_takes_299_labels(self, admin_client, make):
        make(target=0.99)

        assert "takes at least 299 labels without an error" in admin_client.get(PAGE).text

    def test_without_a_label_says_that_sellers_are_no_evidence(self, admin_client, make):
        make(n_labelled=0)

        assert "What sellers claim is no evidence" in admin_client.get(PAGE).text

    def test_a_suspended_one_says_what_audits_found(self, admin_client, database, make):
        make()
        with database.begin() as session:
            session.execute(update(AcceptanceRuleRow).values(state="suspended", reason="4/60"))

        page = admin_client.get(PAGE).text

        assert "Audits found 4 of 60 accepted products wrong" in page
        assert "stopped it" in admin_client.get("/c/shop/dashboard").text

    def test_each_category_has_a_row(self, admin_client, make):
        make(is_per_category=True)

        page = admin_client.get(PAGE).text

        assert "right in every category" in page
        assert "Kitchen" in page

    def test_rules_before_are_kept(self, admin_client, database, config, carol, make):
        make()
        ask_for(database, carol, target=0.9)
        apply(database, config)

        assert "something else was asked for" in admin_client.get(PAGE).text

    def test_before_the_first_round_says_what_is_missing(self, admin_client, database, carol):
        with database.begin() as session:
            factories.make_catalogue(session)
        ask_for(database, carol)

        assert "There is no live round yet" in admin_client.get(PAGE).text

    def test_asks_again_only_while_it_is_worked_out(self, admin_client, database, carol, make):
        make()
        settled = admin_client.get(PAGE, headers={"HX-Request": "true"}).text
        ask_for(database, carol, target=0.98)

        working = admin_client.get(PAGE, headers={"HX-Request": "true"}).text

        assert "hx-trigger" not in settled
        assert "<html" not in working
        assert "hx-trigger" in working


class TestSave:
    def test_stores_what_was_asked_for_and_has_it_worked_out(
        self, admin_client, database, sent_jobs, make
    ):
        make(target=None)
        sent_jobs.clear()

        answer = admin_client.post(
            PAGE, data={"target": "0.99", "confidence": "0.9", "per_category": "on"}
        )

        assert (answer.status_code, answer.location) == (303, PAGE)
        assert len(sent_jobs) == 1
        with database.read() as session:
            settings = catalogues.get(session, slug="shop").settings
        assert (settings.accept_target, settings.accept_confidence) == (0.99, 0.9)
        assert settings.is_accepted_per_category

    def test_off_accepts_nothing_and_leaves_other_settings_alone(
        self, admin_client, database, make
    ):
        make()
        with database.read() as session:
            before = catalogues.get(session, slug="shop").settings

        admin_client.post(PAGE, data={"target": "off", "confidence": "0.95"})

        with database.read() as session:
            settings = catalogues.get(session, slug="shop").settings
        assert settings.accept_target is None
        assert settings.shares == before.shares

    @pytest.mark.parametrize("form", [{}, {"target": "2", "confidence": "0.95"}])
    def test_what_cannot_be_promised_is_refused_in_words(self, admin_client, make, form):
        make()

        answer = admin_client.post(PAGE, data=form)

        assert answer.status_code == 422
        assert "Choose" in answer.text


def test_lists_count_what_was_accepted(admin_client, make):
    make()

    assert "40 accepted automatically" in admin_client.get("/").text
    assert "40 more are accepted automatically" in admin_client.get("/c/shop/dashboard").text
    listed = admin_client.get(f"/c/shop/products?state={ProductState.ACCEPTED.value}").text
    assert "40 products" in listed
