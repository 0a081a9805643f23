import html
import re

import pytest

from tests import factories
from webapp.services import bulk
from webapp.storage import catalogues
from webapp.storage.bulk import find_newest_annotation_id
from webapp.storage.tables import ProductRow


@pytest.fixture
def shop(database):
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        for n in range(6):
            factories.make_product(session, catalogue, name=f"Mug {n}", priority=1 - n / 10)
    return catalogue


@pytest.fixture
def decide(client, database, shop):
    """Return a function that files the product in sight, or does what the form says instead."""

    def act(key: str, **form: str) -> int:
        product_id = int(re.search(r'data-product="(\d+)"', client.get(DESK).text).group(1))
        with database.read() as session:
            kitchen = factories.category_id(session, shop, "Kitchen")
        fields = form or {"category_id": kitchen}
        answer = client.post(f"{DESK}/{product_id}/decide", data=fields | {"idempotency_key": key})
        assert answer.status_code == 303
        return product_id

    return act


DESK = "/c/shop/review"
RECENT = f"{DESK}/recent"


def lines(page: str) -> list[str]:
    """Return the words of each decision in the list, the newest first."""
    found = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    words = [html.unescape(re.sub(r"<[^>]+>", " ", line)) for line in found]
    return [" ".join(line.replace("Take it back", "").split()) for line in words]


def fields_of(page: str, n: int) -> dict[str, str]:
    form = re.findall(r"<form.*?</form>", page, re.DOTALL)[n]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def states(database) -> dict[int, str]:
    with database.read() as session:
        return {row.id: row.state for row in session.query(ProductRow)}


def listed(client) -> str:
    return client.get(RECENT, headers={"HX-Request": "true"}).text


class TestRecent:
    def test_lists_what_was_done_newest_first(self, client, decide):
        decide("1")
        decide("2", verdict="skipped")
        decide("3", verdict="flagged", note="torn")

        found = lines(listed(client))

        assert [re.sub(r" \d+ seconds? ago$", "", line) for line in found] == [
            "Mug 2 flagged",
            "Mug 1 skipped",
            "Mug 0 confirmed as Kitchen",
        ]

    def test_is_a_page_without_javascript(self, client, decide):
        decide("1")

        page = client.get(RECENT).text

        assert "<html" in page
        assert len(lines(page)) == 1

    def test_shows_nobody_elses_decisions(self, sign_in, bob, decide):
        decide("1")

        page = listed(sign_in(bob))

        assert lines(page) == []
        assert "no decision of yours" in page

    def test_lists_at_most_thirty(self, client, database, shop, decide):
        with database.begin() as session:
            for n in range(30):
                factories.make_product(session, shop, name=f"Pan {n}", priority=2)
        for n in range(32):
            decide(f"k{n}")

        assert len(lines(listed(client))) == 30

    def test_what_was_taken_back_is_gone(self, client, decide):
        decide("1")
        client.post(f"{DESK}/undo", data={"idempotency_key": "u"})

        assert lines(listed(client)) == []


class TestTakingBack:
    def test_an_earlier_decision_comes_back_and_the_later_ones_stay(
        self, client, database, htmx, decide
    ):
        first = decide("1")
        second = decide("2")

        answer = htmx(f"{DESK}/undo", **fields_of(listed(client), 1))

        assert f'data-product="{first}"' in answer.text
        assert states(database)[first] == "open"
        assert states(database)[second] == "labelled"

    @pytest.mark.parametrize("form", [{"verdict": "skipped"}, {"verdict": "flagged", "note": "no"}])
    def test_skips_and_flags_come_back_too(self, client, database, htmx, decide, form):
        product_id = decide("1", **form)

        answer = htmx(f"{DESK}/undo", **fields_of(listed(client), 0))

        assert f'data-product="{product_id}"' in answer.text
        assert states(database)[product_id] == "open"

    def test_a_decision_with_look_alikes_is_one_line_and_comes_back_whole(
        self, client, database, htmx, shop
    ):
        with database.begin() as session:
            ids = [
                factories.make_product(session, shop, name="Cup", priority=2, group_number=7)
                for _ in range(3)
            ]
            kitchen = factories.category_id(session, shop, "Kitchen")
        client.get(f"{DESK}?product={ids[0]}")
        htmx(
            f"{DESK}/{ids[0]}/decide",
            category_id=kitchen,
            look_alike=f"{ids[1]} {ids[2]}",
            idempotency_key="k",
        )
        assert {states(database)[each] for each in ids} == {"labelled"}
        page = listed(client)
        assert re.match(r"Cup and 2 more (confirmed|filed) as Kitchen", lines(page)[0])
        assert len(lines(page)) == 1

        htmx(f"{DESK}/undo", **fields_of(page, 0))

        assert {states(database)[each] for each in ids} == {"open"}

    def test_sent_twice_it_takes_back_one_decision_only(self, client, database, htmx, decide):
        first, second = decide("1"), decide("2")
        fields = fields_of(listed(client), 0)

        htmx(f"{DESK}/undo", **fields)
        htmx(f"{DESK}/undo", **fields)

        assert states(database)[second] == "open"
        assert states(database)[first] == "labelled"

    def test_nobody_takes_back_what_somebody_else_decided(self, sign_in, bob, client, decide):
        decide("1")
        fields = fields_of(listed(client), 0)

        answer = sign_in(bob).post(f"{DESK}/undo", data=fields, headers={"HX-Request": "true"})

        assert answer.status_code == 403


class TestActsOnMany:
    @pytest.fixture
    def act(self, database, shop, alice, now):
        with database.begin() as session:
            return bulk.decide(
                session,
                catalogue=catalogues.get(session, slug="shop"),
                user_id=alice.id,
                category_id=factories.category_id(session, shop, "Watches"),
                note="",
                chosen=[1, 2, 3],
                seen_id=find_newest_annotation_id(session),
                idempotency_key="many",
                now=now,
            )

    def test_are_one_line(self, client, act):
        assert len(lines(listed(client))) == 1
        assert "and 2 more" in lines(listed(client))[0]

    def test_come_back_from_the_list_as_one(self, client, database, htmx, act):
        answer = htmx(f"{DESK}/undo", **fields_of(listed(client), 0))

        assert answer.status_code == 200
        assert set(states(database).values()) == {"open"}

    def test_are_not_the_last_decision_that_one_key_takes_back(self, client, database, htmx, act):
        answer = htmx(f"{DESK}/undo", idempotency_key="u")

        assert answer.status_code == 409
        assert "on selected products (3)" in answer.text
        assert states(database)[1] == "labelled"
