import re

import pytest

from tests import factories
from webapp.domain.accounts import Role
from webapp.services import accounts
from webapp.storage import users
from webapp.views.limits import limiter

GOOD = {"email": "alice@example.com", "password": factories.PASSWORD}
NEW = "a fresh long one"


@pytest.fixture
def visitor(app, alice):
    """A browser in which nobody is signed in, where alice has an account."""
    return app.test_client()


class TestSignIn:
    def test_opens_what_was_asked_for(self, visitor):
        asked = visitor.get("/admin/accounts?x=1")

        assert asked.status_code == 303
        assert asked.location == "/login?next=/admin/accounts?x%3D1"
        answer = visitor.post(asked.location, data=GOOD)
        assert (answer.status_code, answer.location) == (303, "/admin/accounts?x=1")

    @pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"email": "nobody@example.com"}])
    def test_says_the_same_of_a_wrong_address_and_a_wrong_password(self, visitor, wrong):
        answer = visitor.post("/login", data=GOOD | wrong)

        assert answer.status_code == 422
        assert "The address or the password is wrong." in answer.text
        assert visitor.get("/").status_code == 303

    def test_missing_fields_are_named(self, visitor):
        answer = visitor.post("/login", data={"email": ""})

        assert answer.status_code == 422
        assert answer.text.count("This field is required.") == 2

    @pytest.mark.parametrize(
        "target",
        [
            "https://elsewhere.example",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "\\\\elsewhere.example",
            "/\t/elsewhere.example",
            "/\n/elsewhere.example",
            " //elsewhere.example",
            "javascript:alert(1)",
            "elsewhere",
            "",
        ],
    )
    def test_never_leads_to_another_host(self, visitor, target):
        answer = visitor.post("/login", query_string={"next": target}, data=GOOD)

        assert (answer.status_code, answer.location) == (303, "/")

    def test_begins_a_new_session_but_keeps_the_language(self, visitor):
        with visitor.session_transaction() as session:
            session["planted"] = "by somebody else"
            session["language"] = "fr"

        visitor.post("/login", data=GOOD)

        with visitor.session_transaction() as session:
            assert "planted" not in session
            assert session["language"] == "fr"

    def test_slows_down_who_guesses(self, app, visitor):
        app.config["RATELIMIT_ENABLED"] = True
        limiter.reset()

        statuses = [visitor.post("/login", data=GOOD | {"password": "x"}) for _ in range(11)]

        assert [answer.status_code for answer in statuses] == [422] * 10 + [429]
        assert "Wait a minute" in statuses[-1].text
        limiter.reset()

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, visitor):
        cookie = visitor.post("/login", data=GOOD).headers["Set-Cookie"]

        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_htmx_is_sent_to_the_sign_in_page_as_a_whole(self, visitor):
        answer = visitor.get("/admin/accounts", headers={"HX-Request": "true"})

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith("/login")

    def test_says_how_to_make_the_first_admin_where_nobody_is(self, app):
        answer = app.test_client().get("/login")

        assert "shelfwise user add" in answer.text
        assert '<form method="post">' not in answer.text


class TestSession:
    def test_ends_when_signing_out(self, client):
        answer = client.post("/logout")

        assert (answer.status_code, answer.location) == (303, "/login")
        assert client.get("/").status_code == 303

    def test_ends_when_the_account_is_switched_off(self, client, alice, database):
        assert client.get("/").status_code == 200
        with database.begin() as session:
            users.set_active(session, user_id=alice.id, is_active=False)

        assert client.get("/").status_code == 303

    def test_ends_in_other_browsers_when_the_password_changes(self, sign_in, alice):
        here, there = sign_in(alice), sign_in(alice)

        answer = here.post("/account/password", data={"old": factories.PASSWORD, "new": NEW})

        assert answer.status_code == 303
        assert here.get("/").status_code == 200
        assert there.get("/").status_code == 303


class TestChangePassword:
    def test_needs_the_old_one(self, client, alice, database):
        answer = client.post("/account/password", data={"old": "wrong", "new": NEW})

        assert answer.status_code == 422
        assert "The old password is wrong." in answer.text
        with database.read() as session:
            assert accounts.sign_in(session, email=alice.email, password=factories.PASSWORD)

    def test_refuses_a_short_one(self, client):
        answer = client.post("/account/password", data={"old": factories.PASSWORD, "new": "short"})

        assert answer.status_code == 422
        assert "at least 10 characters" in answer.text


class TestPeople:
    def test_an_admin_adds_somebody_who_can_sign_in(self, app, admin_client):
        form = {"email": "eve@example.com", "name": "Eve", "role": "analyst", "password": NEW}

        answer = admin_client.post("/admin/accounts", data=form)

        assert answer.status_code == 303
        assert "eve@example.com can sign in now." in admin_client.get("/admin/accounts").text
        signed_in = app.test_client().post("/login", data={"email": form["email"], "password": NEW})
        assert signed_in.status_code == 303

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"email": "eve"}, "eve is not an e-mail address."),
            ({"email": "carol@example.com"}, "already an account"),
            ({"password": "short"}, "at least 10 characters"),
            ({"role": "emperor"}, "Not a valid choice"),
        ],
    )
    def test_what_is_wrong_with_the_form_is_said(self, admin_client, changes, words):
        form = {"email": "eve@example.com", "name": "Eve", "role": "analyst", "password": NEW}

        answer = admin_client.post("/admin/accounts", data=form | changes)

        assert answer.status_code == 422
        assert words in answer.text

    def test_switching_off_says_what_it_means_and_not_the_opposite_of_now(
        self, admin_client, alice, database
    ):
        for _ in range(2):  # a button that is pressed twice
            admin_client.post(f"/admin/accounts/{alice.id}/switch", data={"active": "0"})

        with database.read() as session:
            assert not users.get(session, user_id=alice.id).is_active

    def test_nobody_is_offered_to_switch_herself_off(self, admin_client, alice, carol):
        page = admin_client.get("/admin/accounts").text

        assert f'aria-label="Switch off {alice.name}"' in page
        assert f'aria-label="Switch off {carol.name}"' not in page

    def test_the_last_admin_cannot_switch_herself_off(self, admin_client, carol):
        answer = admin_client.post(f"/admin/accounts/{carol.id}/switch", data={"active": "0"})

        assert answer.status_code == 409
        assert "The last active admin cannot be switched off." in answer.text

    def test_an_admin_sets_a_new_password(self, app, admin_client, alice):
        answer = admin_client.post(f"/admin/accounts/{alice.id}/password", data={"new": NEW})

        assert answer.status_code == 303
        signed_in = app.test_client().post("/login", data={"email": alice.email, "password": NEW})
        assert signed_in.status_code == 303

    def test_a_new_password_that_is_short_is_refused(self, admin_client, alice):
        answer = admin_client.post(f"/admin/accounts/{alice.id}/password", data={"new": "short"})

        assert answer.status_code == 422
        assert "at least 10 characters" in answer.text

    def test_a_person_who_is_not_there_is_not_found(self, admin_client):
        assert admin_client.get("/admin/accounts/999/password").status_code == 404

    def test_a_name_is_never_read_as_markup(self, admin_client, database):
        with database.begin() as session:
            users.add(
                session,
                email="x@example.com",
                name="<script>alert(1)</script>",
                role=Role.MODERATOR,
                password_hash="-",
                now=factories.NOW,
            )

        page = admin_client.get("/admin/accounts").text

        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


class TestLanguage:
    def test_is_kept_for_the_browser(self, client):
        answer = client.post("/language", data={"language": "fr", "next": "/"})

        assert answer.status_code == 303
        assert re.search('<html lang="fr"', client.get("/").text)

    def test_leads_nowhere_else(self, client):
        answer = client.post("/language", data={"language": "fr", "next": "//elsewhere.example"})

        assert answer.location == "/"

    def test_one_that_is_not_there_changes_nothing(self, client):
        client.post("/language", data={"language": "xx"})

        assert '<html lang="en"' in client.get("/").text


@pytest.mark.parametrize("address", ["/login", "/account/password", "/admin/accounts"])
def test_json_sent_to_a_form_is_an_empty_form(app, admin_client, address):
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    answer = admin_client.post(address, json=[1])

    assert answer.status_code == 422


@pytest.mark.parametrize("action", ["switch", "password"])
def test_an_account_number_that_no_database_can_hold_is_not_found(app, admin_client, action):
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    answer = admin_client.post(f"/admin/accounts/{10**19}/{action}")

    assert answer.status_code == 404
    assert "on our side" not in answer.text
