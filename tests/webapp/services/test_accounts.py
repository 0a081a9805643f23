import dataclasses
import time

import pytest

from tests import factories
from webapp.domain.accounts import Role
from webapp.domain.errors import ConflictError, InvalidInputError, NotFoundError
from webapp.services import accounts
from webapp.storage import users


@pytest.fixture
def session(database):
    with database.begin() as session:
        yield session


@pytest.fixture
def ann(session):
    return factories.make_user(session, name="ann")


class TestSignIn:
    def test_capitals_and_spaces_of_the_address_do_not_matter(self, session, ann):
        user = accounts.sign_in(session, email=" ANN@example.com ", password=factories.PASSWORD)

        assert user == ann

    @pytest.mark.parametrize(
        ("email", "password"),
        [("ann@example.com", "wrong"), ("nobody@example.com", factories.PASSWORD), ("", "")],
    )
    def test_a_wrong_address_and_a_wrong_password_are_alike(self, session, ann, email, password):
        assert accounts.sign_in(session, email=email, password=password) is None

    def test_an_account_that_is_switched_off_cannot(self, session, ann):
        users.set_active(session, user_id=ann.id, is_active=False)

        found = accounts.sign_in(session, email=ann.email, password=factories.PASSWORD)

        assert found is None

    def test_an_unknown_address_takes_as_long_as_a_wrong_password(self, session, ann):
        def used_s(email):
            start = time.process_time()
            accounts.sign_in(session, email=email, password="wrong password")
            return time.process_time() - start

        # the least of several: what the interpreter does beside comes on top
        known = min(used_s(ann.email) for _ in range(4))
        unknown = min(used_s("nobody@example.com") for _ in range(4))

        assert 0.4 < unknown / known < 2.5


class TestAddUser:
    def test_the_hash_is_argon2_and_holds_no_password(self, session):
        accounts.add_user(
            session,
            email="New@Example.com",
            name="",
            role=Role.ANALYST,
            password="long enough to pass",
            now=factories.NOW,
        )

        user, password_hash = users.find_with_hash(session, email="new@example.com")
        assert password_hash.startswith("$argon2id$")
        assert "long enough" not in password_hash
        assert (user.name, user.role) == ("New", Role.ANALYST)

    @pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.com", "a b@example.com"])
    def test_an_address_that_is_none_is_refused(self, session, email):
        with pytest.raises(InvalidInputError, match="not an e-mail address"):
            add(session, email=email)

    def test_a_short_password_is_refused_with_the_length_that_is_needed(self, session):
        with pytest.raises(InvalidInputError, match="at least 10 characters"):
            add(session, password="123456789")

    def test_an_address_that_is_taken_is_a_conflict(self, session, ann):
        with pytest.raises(ConflictError, match=r"ann@example\.com"):
            add(session, email="ANN@example.com")


def add(session, *, email="new@example.com", password="long enough to pass"):
    return accounts.add_user(
        session, email=email, name="", role=Role.ADMIN, password=password, now=factories.NOW
    )


class TestPasswords:
    def test_changing_it_needs_the_old_one(self, session, ann):
        with pytest.raises(InvalidInputError, match="old password is wrong"):
            accounts.change_password(session, user=ann, old="wrong", new="a fresh long one")

    def test_a_changed_one_is_the_only_one_that_works(self, session, ann):
        accounts.change_password(session, user=ann, old=factories.PASSWORD, new="a fresh long one")

        assert accounts.sign_in(session, email=ann.email, password=factories.PASSWORD) is None
        assert accounts.sign_in(session, email=ann.email, password="a fresh long one") == ann

    def test_a_new_one_ends_the_sessions_of_the_old_one(self, session, ann):
        named = accounts.session_id(session, user_id=ann.id)
        assert accounts.find_user_by_session_id(session, named=named) == ann

        accounts.set_password(session, user_id=ann.id, password="a fresh long one")

        assert accounts.find_user_by_session_id(session, named=named) is None

    @pytest.mark.parametrize("named", ["", "1", "x.y", "999.abc", "-1.abc", "1.", "²."])
    def test_a_session_that_names_nobody_finds_nobody(self, session, ann, named):
        assert accounts.find_user_by_session_id(session, named=named) is None


class TestSwitch:
    def test_the_last_active_admin_stays(self, session):
        first = factories.make_user(session, name="first", role=Role.ADMIN)
        second = factories.make_user(session, name="second", role=Role.ADMIN)
        accounts.switch(session, email=first.email, is_active=False)

        with pytest.raises(ConflictError, match="last active admin"):
            accounts.switch(session, email=second.email, is_active=False)

    def test_somebody_who_is_no_admin_can_always_be_switched_off(self, session, ann):
        factories.make_user(session, name="boss", role=Role.ADMIN)

        assert not accounts.switch(session, email=ann.email, is_active=False).is_active

    def test_on_again_finds_sessions_and_tokens_as_they_were(self, session, ann):
        factories.make_user(session, name="boss", role=Role.ADMIN)
        token = accounts.issue_token(session, email=ann.email, now=factories.NOW)
        named = accounts.session_id(session, user_id=ann.id)

        accounts.switch(session, email=ann.email, is_active=False)
        off = (
            accounts.find_user_by_token(session, token=token),
            accounts.find_user_by_session_id(session, named=named),
        )
        accounts.switch(session, email=ann.email, is_active=True)

        assert off == (None, None)
        assert accounts.find_user_by_token(session, token=token) == ann


class TestTokens:
    def test_only_the_hash_is_kept(self, session, ann):
        token = accounts.issue_token(session, email=ann.email, now=factories.NOW)

        session.flush()
        kept = session.connection().exec_driver_sql("SELECT token_sha256 FROM api_token").scalar()
        assert token not in kept
        assert kept == accounts.hash_token(token)

    def test_nobody_gets_one_whose_account_is_switched_off(self, session, ann):
        users.set_active(session, user_id=ann.id, is_active=False)

        with pytest.raises(ConflictError, match="switched off"):
            accounts.issue_token(session, email=ann.email, now=factories.NOW)

    def test_somebody_unknown_gets_none(self, session):
        with pytest.raises(NotFoundError, match="no@example"):
            accounts.issue_token(session, email="no@example.com", now=factories.NOW)

    def test_revoking_ends_all_of_one_person_and_nobody_elses(self, session, ann):
        bea = factories.make_user(session, name="bea")
        mine = [accounts.issue_token(session, email=ann.email, now=factories.NOW) for _ in "ab"]
        hers = accounts.issue_token(session, email=bea.email, now=factories.NOW)

        n_revoked = accounts.revoke_tokens(session, email=ann.email, now=factories.NOW)

        assert n_revoked == 2
        assert [accounts.find_user_by_token(session, token=token) for token in mine] == [None] * 2
        assert accounts.find_user_by_token(session, token=hers) == bea


def test_a_role_allows_nothing_to_a_person_who_is_switched_off(ann):
    off = dataclasses.replace(ann, is_active=False)

    assert ann.may("review")
    assert not off.may("review")
