"""A sitting at the desk, hands on the keyboard: 100 decisions, and how long each one waits."""

import statistics
import sys

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.journeys.desk import (
    SHOWN,
    first_choice,
    open_desk,
    press,
    shown,
    untick_look_alikes,
    wait_until_sent,
)
from webapp.storage.database import Database

N_DECISIONS = 100
N_WAITED = 30
PACE_MS = 250  # between a decision and the next key: four a second, faster than anybody reads
GENEROUS_MS = 250  # p95 on an idle machine is 60 with cards ready, 150 without; a busy one passes


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def painted(page: Page, n: int) -> list[float]:
    """Return the milliseconds from each of n keys to the next product painted with its photo."""
    page.wait_for_function("(n) => performance.getEntriesByName('decision').length >= n", arg=n)
    return page.evaluate("performance.getEntriesByName('decision').map((e) => e.duration)")


def tell(what: str, times: list[float]) -> None:
    sys.stdout.write(
        f"\n{what}: median {statistics.median(times):.0f} ms, p95 {p95(times):.0f} ms,"
        f" longest {max(times):.0f} ms, n = {len(times)}\n"
    )


def test_100_products_are_decided_in_one_sitting_without_a_mouse(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page)
    decided: list[str] = []

    for n in range(N_DECISIONS):
        page.wait_for_timeout(PACE_MS)
        untick_look_alikes(page)
        decided.append(shown(page))
        press(page, "2" if n % 10 == 9 else first_choice(page))
    times = painted(page, N_DECISIONS)
    wait_until_sent(page)

    tell("key to the next product, cards ready", times)
    assert len(set(decided)) == N_DECISIONS
    stored = server.query("SELECT product_id FROM annotation ORDER BY id")
    assert [str(row[0]) for row in stored] == decided
    assert len(times) == N_DECISIONS
    assert p95(times) <= GENEROUS_MS, times


def test_without_prefetching_each_product_is_waited_for(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page, "/c/demo/review?prefetch=0")
    expect(page.locator(".card")).to_have_count(1)

    for _ in range(N_WAITED):
        untick_look_alikes(page)
        press(page, first_choice(page))
        expect(page.locator(".card")).to_have_count(1)
    times = painted(page, N_WAITED)

    tell("key to the next product, none ready", times)
    assert len(times) == N_WAITED
    assert statistics.median(times) <= GENEROUS_MS, times


def test_a_fast_person_gets_more_cards_ready(page, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page)
    expect(page.locator(".card")).to_have_count(3)

    for _ in range(8):
        untick_look_alikes(page)
        press(page, first_choice(page))

    expect(page.locator(".card")).to_have_count(12)


class TestKeys:
    def test_a_key_of_ones_own_acts_and_the_old_one_does_nothing(self, page, sign_in_as):
        sign_in_as(page, "moderator")
        page.goto("/account/keys")
        page.get_by_label("skip").focus()
        page.keyboard.press("X")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#notice")).to_contain_text("saved")
        open_desk(page)
        before = shown(page)

        page.keyboard.press("s")
        assert shown(page) == before
        page.keyboard.press("x")

        expect(page.locator(SHOWN)).not_to_have_attribute("data-product", before)
        expect(page.locator("#last")).to_have_text("Skipped.")

    def test_a_clash_is_told_while_it_is_entered_and_cannot_be_saved(self, page, sign_in_as):
        sign_in_as(page, "moderator")
        page.goto("/account/keys")

        page.get_by_label("skip").focus()
        page.keyboard.press("f")

        expect(page.locator("#clash")).to_contain_text("cannot do two things: “skip")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#notice")).to_be_empty()

    def test_caps_lock_does_no_harm(self, page, sign_in_as):
        sign_in_as(page, "moderator")
        open_desk(page)

        press(page, "S")

        expect(page.locator("#last")).to_have_text("Skipped.")


class TestLastDecisions:
    @pytest.fixture
    def desk(self, page, sign_in_as) -> Page:
        sign_in_as(page, "moderator")
        open_desk(page)
        return page

    def test_one_of_them_comes_back_by_keys_alone(self, desk, server):
        decided = []
        for key in (first_choice(desk), "s", "1"):
            untick_look_alikes(desk)
            decided.append(shown(desk))
            press(desk, key)

        desk.keyboard.press("h")
        expect(desk.locator("#recent li")).to_have_count(3)
        desk.keyboard.press("ArrowDown")
        desk.keyboard.press("ArrowDown")
        desk.keyboard.press("Enter")

        expect(desk.locator(SHOWN)).to_have_attribute("data-product", decided[0])
        expect(desk.locator("#said")).to_contain_text("Taken back.")
        open_again = server.query("SELECT id FROM product WHERE state = 'open'")
        assert int(decided[0]) in [row[0] for row in open_again]

    def test_the_key_of_undo_takes_the_chosen_one_back(self, desk):
        skipped = shown(desk)
        press(desk, "s")

        desk.keyboard.press("h")
        expect(desk.locator("#recent li button")).to_be_focused()
        with desk.expect_request("**/review/undo") as sent:
            desk.keyboard.press("u")

        expect(desk.locator(SHOWN)).to_have_attribute("data-product", skipped)
        # Kept for later, it may be sent by a page of another session: by that one's token alone.
        assert "csrf_token" not in (sent.value.post_data or "")

    def test_without_a_connection_it_says_so(self, desk):
        desk.context.set_offline(True)

        desk.keyboard.press("h")

        expect(desk.locator("#recent")).to_contain_text("could not be loaded")


class TestTheEnd:
    @pytest.fixture
    def nearly_done(self, server):
        """Only two products wait."""
        database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
        with database.begin() as session:
            session.execute(
                text(
                    "UPDATE queue_entry SET is_waiting = 0 WHERE product_id NOT IN"
                    " (SELECT product_id FROM queue_entry ORDER BY priority DESC LIMIT 2)"
                )
            )
        database.dispose()

    def test_the_last_decision_leads_to_the_end_and_back(self, page, nearly_done, sign_in_as):
        sign_in_as(page, "moderator")
        open_desk(page)
        untick_look_alikes(page)
        press(page, first_choice(page))
        last = shown(page)

        page.keyboard.press(first_choice(page))
        expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
        page.get_by_role("button", name="Take my last decision back").click()

        expect(page.locator(SHOWN)).to_have_attribute("data-product", last)
        expect(page.locator("#nothing")).to_have_count(0)
