"""A moderator decides by keyboard alone; an admin retrains; an analyst exports the same."""

import csv
import io
import statistics

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import SHOWN, first_choice, press, shown, wait_until_sent

N_DECISIONS = 20


@pytest.mark.worker
def test_a_day_of_work_from_decisions_to_an_export(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/review")
    decided: list[str] = []

    # 17 first choices, 3 others by digit or search, 1 skip, 1 undone and decided again
    for n in range(N_DECISIONS):
        if n == 5:
            press(page, "s")
        if n == 10:
            undone = shown(page)
            press(page, first_choice(page))
            page.keyboard.press("u")
            expect(page.locator(SHOWN)).to_have_attribute("data-product", undone)
        decided.append(shown(page))
        if n in (3, 7):
            press(page, "2")
        elif n == 12:
            page.keyboard.press("/")
            page.keyboard.type("kit")
            press(page, "Enter")
        else:
            press(page, first_choice(page))
    wait_until_sent(page)
    assert len(set(decided)) == N_DECISIONS
    times = page.evaluate("performance.getEntriesByName('decision').map(e => e.duration)")
    assert len(times) >= N_DECISIONS
    assert statistics.median(times) <= 100, times

    page.context.clear_cookies()
    sign_in_as(page, "admin")
    page.goto("/c/demo/retraining")
    page.get_by_role("button", name="Start a round").click()
    expect(page.locator("#progress progress")).to_be_visible()
    seen = set()
    while (bar := page.locator("#progress progress")).count():
        seen.add(f"{page.locator('#progress').inner_text()} {bar.get_attribute('value')}")
        page.wait_for_timeout(250)
    assert len(seen) >= 5, f"the bar hardly moved: {seen}"
    page.goto("/c/demo/dashboard")
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("#rounds tbody tr")).to_have_count(2)

    page.context.clear_cookies()
    sign_in_as(page, "analyst")
    page.goto("/c/demo/export")
    page.get_by_label("CSV").check()
    page.get_by_label("Only labelled products").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    stored = server.query(
        "SELECT p.external_id FROM label l JOIN product p ON p.id = l.product_id ORDER BY 1"
    )
    assert len(rows) == N_DECISIONS
    assert sorted(row["external_id"] for row in rows) == [row[0] for row in stored]
    assert {row["decided_by"] for row in rows} != {""}


def test_a_decision_made_without_a_connection_arrives_once(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/review")
    page.context.set_offline(True)
    first = shown(page)
    press(page, first_choice(page))
    expect(page.locator("#sending")).to_have_attribute("data-state", "unsent")

    page.context.set_offline(False)
    wait_until_sent(page)

    stored = server.query("SELECT product_id FROM annotation")
    assert [str(row[0]) for row in stored] == [first]


def test_without_javascript_a_decision_still_counts(browser, server, passwords):
    context = browser.new_context(
        base_url=server.address, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    email, password = passwords["moderator"]
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/c/demo/review")
    before = shown(page)

    page.locator(f"{SHOWN} button[name='category_id']").first.click()

    assert shown(page) != before
    assert [str(row[0]) for row in server.query("SELECT product_id FROM annotation")] == [before]
    context.close()
