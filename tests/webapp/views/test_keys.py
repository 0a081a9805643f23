import html
import re

import pytest

from tests import factories


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        factories.make_product(session, catalogue)
    return catalogue


def field(page: str, act: str) -> str:
    found = re.search(rf'<input id="key-{act}"[^>]* value="([^"]*)"', page)
    assert found, act
    return html.unescape(found.group(1))


def form(**changed: str) -> dict[str, str]:
    return {"skip": "s", "flag": "f", "undo": "u"} | changed


class TestPage:
    def test_shows_the_key_of_each_act(self, client):
        page = client.get("/account/keys").text

        assert field(page, "confirm") == "Enter"
        assert field(page, "search") == "/"

    def test_is_for_people_who_decide(self, sign_in, dana):
        assert sign_in(dana).get("/account/keys").status_code == 403

    def test_the_menu_leads_there(self, client, sign_in, dana):
        assert 'href="/account/keys"' in client.get("/").text
        assert 'href="/account/keys"' not in sign_in(dana).get("/").text


class TestSave:
    def test_the_desk_shows_the_new_keys_where_they_act(self, client, shop):
        answer = client.post("/account/keys", data=form(skip="x", undo="+"))

        assert answer.status_code == 303
        desk = client.get("/c/shop/review").text
        assert re.search(
            r'value="skipped" data-act="skip" data-key="x" aria-keyshortcuts="x"><kbd[^>]*>x<', desk
        )
        assert re.search(r'data-key="\+" aria-keyshortcuts="Plus"', desk)

    def test_keys_are_of_one_person_alone(self, client, sign_in, bob):
        client.post("/account/keys", data=form(skip="x"))

        assert field(sign_in(bob).get("/account/keys").text, "skip") == "s"

    def test_a_clash_is_told_in_one_sentence_and_nothing_changes(self, client):
        answer = client.post("/account/keys", data=form(skip="f"))

        assert answer.status_code == 422
        words = html.unescape(answer.text)
        assert (
            "The key f cannot do two things: “skip: it comes again at the end” and “flag with a "
            "note: something is wrong with the product”." in words
        )
        assert field(answer.text, "skip") == "f"  # what was entered stays to be mended
        assert field(client.get("/account/keys").text, "skip") == "s"

    def test_what_is_no_key_is_told_with_its_act(self, client):
        answer = client.post("/account/keys", data=form(skip="7"))

        assert answer.status_code == 422
        assert "“7” cannot be the key of “skip" in html.unescape(answer.text)


class TestReset:
    def test_gives_the_first_keys_back(self, client):
        client.post("/account/keys", data=form(skip="x"))

        answer = client.post("/account/keys/reset")

        assert answer.status_code == 303
        assert field(client.get("/account/keys").text, "skip") == "s"
