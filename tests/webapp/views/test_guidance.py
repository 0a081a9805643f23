import re

import pytest
from sqlalchemy import update

from tests import factories
from webapp.domain.review import Verdict
from webapp.storage import guidance
from webapp.storage.tables import CatalogueRow, CategoryRow, RoundRow

LIST = "/c/shop/guidance"


@pytest.fixture
def mug(database, shop, alice):
    """A product that alice decided as Kitchen."""
    with database.begin() as session:
        product_id = factories.make_product(session, shop, name="Blue mug", external_id="mug-1")
        factories.make_annotation(
            session, shop, product_id, alice, Verdict.CONFIRMED, category="Kitchen"
        )
        return product_id


def describe(client, category_id, belongs="Mugs and pans.", **fields):
    return client.post(f"{LIST}/{category_id}/edit", data={"belongs": belongs, **fields})


def versions(database, category_id):
    with database.read() as session:
        return guidance.list_versions(session, category_id=category_id)


class TestPage:
    def test_lists_the_tree_with_how_far_each_category_is(
        self, client, admin_client, shop, kitchen, mug
    ):
        describe(admin_client, kitchen)

        page = client.get(LIST).text

        line = re.search(rf'<li[^>]*>\s*<a href="{LIST}/{kitchen}">Kitchen</a>.*?</li>', page, re.S)
        assert "1 label" in line[0]
        assert ">described<" in line[0]
        assert page.count("not described yet") == 2

    def test_finds_categories_by_all_words_of_their_path(self, client, shop):
        page = client.get(f"{LIST}?q=kit che").text

        assert "Kitchen" in page
        assert "Watches" not in page

    def test_htmx_gets_the_results_alone(self, client, shop):
        answer = client.get(f"{LIST}?q=nothing", headers={"HX-Request": "true"})

        assert "<html" not in answer.text
        assert "No category matches." in answer.text


class TestShow:
    def test_tells_what_belongs_as_paragraphs_and_lists_and_never_as_markup(
        self, client, admin_client, kitchen
    ):
        describe(
            admin_client, kitchen, belongs="Pans:\n- small\n- <b>big</b>", excludes="Toy kitchens."
        )

        page = client.get(f"{LIST}/{kitchen}").text

        assert "<li>small</li>" in page
        assert "<li>&lt;b&gt;big&lt;/b&gt;</li>" in page
        assert "<p>Toy kitchens.</p>" in page
        assert "described by Carol" in page

    def test_shows_what_was_decided_last_where_nobody_chose_examples(self, client, kitchen, mug):
        page = client.get(f"{LIST}/{kitchen}").text

        assert "Decided last" in page
        assert f'href="/c/shop/products/{mug}"' in page
        assert "1 labelled product" in page

    def test_a_chosen_example_that_was_decided_otherwise_is_left_out(
        self, client, admin_client, database, shop, alice, kitchen, mug
    ):
        describe(admin_client, kitchen, example=mug)
        assert "Examples" in client.get(f"{LIST}/{kitchen}").text

        with database.begin() as session:
            factories.make_annotation(
                session, shop, mug, alice, Verdict.CORRECTED, category="Watches"
            )

        assert "Blue mug" not in client.get(f"{LIST}/{kitchen}").text

    def test_names_the_categories_that_the_live_model_mixes_up_with_it(
        self, client, database, shop, kitchen, mug
    ):
        with database.begin() as session:
            watches = factories.category_id(session, shop, "Watches")
            round_id = factories.make_round(session, shop, {mug: {"Kitchen": 0.9}})
            confusion = {"categories": [kitchen, watches], "counts": [[9, 2], [1, 9]]}
            session.execute(
                update(RoundRow).where(RoundRow.id == round_id).values(confusion=confusion)
            )

        page = client.get(f"{LIST}/{kitchen}").text

        assert f'<a href="{LIST}/{watches}">Watches</a>' in page
        assert "2 products of this category were taken for it." in page
        assert "1 of its products was taken for one of this category." in page
        assert "while there are few labels" in page  # the round of the test is provisional

    def test_tells_what_holds_for_the_category_above(self, client, admin_client, database, shop):
        with database.begin() as session:
            catalogue = factories.make_catalogue(session, slug="deep", categories=("Home",))
            home = factories.category_id(session, catalogue, "Home")
            session.add(
                CategoryRow(
                    catalogue_id=catalogue.id,
                    parent_id=home,
                    name="Mugs",
                    path="Home > Mugs",
                    level=2,
                )
            )
            session.execute(
                update(CatalogueRow).where(CatalogueRow.id == catalogue.id).values(decision_level=2)
            )
            mugs = factories.category_id(session, catalogue, "Home > Mugs")
        admin_client.post(f"/c/deep/guidance/{home}/edit", data={"belongs": "All for the home."})

        page = client.get(f"/c/deep/guidance/{mugs}").text

        assert "What holds for all of Home" in page
        assert "All for the home." in page

    def test_the_desk_gets_the_text_alone(self, client, kitchen):
        answer = client.get(f"{LIST}/{kitchen}", headers={"HX-Request": "true"})

        assert "<html" not in answer.text
        assert 'id="guide-title"' in answer.text

    def test_a_category_of_another_catalogue_is_not_found(self, client, database, kitchen):
        with database.begin() as session:
            factories.make_catalogue(session, slug="other")

        assert client.get(f"/c/other/guidance/{kitchen}").status_code == 404


class TestSave:
    def test_keeps_every_version_with_who_wrote_it(self, admin_client, database, carol, kitchen):
        describe(admin_client, kitchen, belongs="One.")
        (first,) = versions(database, kitchen)
        describe(admin_client, kitchen, belongs="Two.", based_on=first.id)

        assert [(v.belongs, v.user_name) for v in versions(database, kitchen)] == [
            ("Two.", "Carol"),
            ("One.", "Carol"),
        ]

    def test_saving_without_a_change_adds_no_version(self, admin_client, database, kitchen):
        describe(admin_client, kitchen)
        (first,) = versions(database, kitchen)

        answer = describe(admin_client, kitchen, based_on=first.id)

        assert answer.status_code == 303
        assert len(versions(database, kitchen)) == 1

    def test_what_somebody_else_wrote_meanwhile_is_not_overwritten_and_nothing_is_lost(
        self, admin_client, database, kitchen
    ):
        describe(admin_client, kitchen, belongs="Theirs.")

        answer = describe(admin_client, kitchen, belongs="Mine.")

        assert answer.status_code == 409
        assert "Mine." in answer.text
        assert "Theirs." in answer.text
        assert "Somebody else has changed this guidance" in answer.text
        newest_id = re.search(r'name="based_on" value="(\d+)"', answer.text)[1]
        assert describe(admin_client, kitchen, "Mine.", based_on=newest_id).status_code == 303
        assert versions(database, kitchen)[0].belongs == "Mine."

    def test_examples_can_be_named_by_their_external_ids(
        self, admin_client, database, kitchen, mug
    ):
        describe(admin_client, kitchen, more_examples="mug-1")

        assert versions(database, kitchen)[0].example_ids == (mug,)

    @pytest.mark.parametrize(
        ("category", "external_id", "words"),
        [("Kitchen", "mug-9", "no product with"), ("Watches", "mug-1", "not decided as this")],
    )
    def test_an_example_that_is_none_is_refused_and_the_text_stays(
        self, admin_client, database, shop, mug, category, external_id, words
    ):
        with database.read() as session:
            category_id = factories.category_id(session, shop, category)

        answer = describe(admin_client, category_id, "Long text.", more_examples=external_id)

        assert answer.status_code == 422
        assert words in answer.text
        assert "Long text." in answer.text
        assert versions(database, category_id) == []


class TestRestore:
    def test_lets_an_earlier_version_count_again_as_one_more(self, admin_client, database, kitchen):
        describe(admin_client, kitchen, belongs="One.")
        (first,) = versions(database, kitchen)
        describe(admin_client, kitchen, belongs="Two.", based_on=first.id)

        answer = admin_client.post(f"{LIST}/{kitchen}/restore/{first.id}")

        assert answer.status_code == 303
        assert [v.belongs for v in versions(database, kitchen)] == ["One.", "Two.", "One."]

    def test_of_another_category_is_not_found(self, admin_client, database, shop, kitchen):
        describe(admin_client, kitchen)
        with database.read() as session:
            watches = factories.category_id(session, shop, "Watches")
        (first,) = versions(database, kitchen)

        answer = admin_client.post(f"{LIST}/{watches}/restore/{first.id}")

        assert answer.status_code == 404
        assert versions(database, watches) == []
