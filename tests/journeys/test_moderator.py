"""A moderator decides by keyboard alone; an admin retrains; an analyst exports the same."""

import csv
import io
import statistics

from playwright.sync_api import Page, expect

N_DECISIONS = 20


def card_id(page: Page) -> str:
    return page.locator("#card").get_attribute("data-product-id") or ""


def press(page: Page, *keys: str) -> None:
    """Press keys and wait until another card is shown."""
    before = card_id(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("#card")).not_to_have_attribute("data-product-id", before)


def wait_until_sent(page: Page) -> None:
    expect(page.locator("#card, #empty").first).to_be_visible()
    page.wait_for_function("document.body.dataset.unsent === '0'")


def test_a_day_of_work_from_decisions_to_an_export(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/review")
    decided: list[str] = []

    # 17 first choices, 3 others by digit or search, 1 skip, 1 undone and decided again
    for n in range(N_DECISIONS):
        if n == 5:
            press(page, "s")
        if n == 10:
            press(page, "Enter")
            undone = card_id(page)
            page.keyboard.press("u")
            expect(page.locator("#card")).not_to_have_attribute("data-product-id", undone)
        decided.append(card_id(page))
        if n in (3, 7):
            press(page, "2")
        elif n == 12:
            page.keyboard.press("/")
            page.keyboard.type("ki")
            press(page, "Enter")
        elif page.locator("#card [data-key='Enter']").count():
            press(page, "Enter")
        else:  # an evaluation card hides the suggestion: a digit chooses
            press(page, "1")
    wait_until_sent(page)
    assert len(set(decided)) == N_DECISIONS
    times = page.evaluate("performance.getEntriesByName('decision-to-card').map(e => e.duration)")
    assert len(times) >= N_DECISIONS
    assert statistics.median(times) <= 100, times

    page.context.clear_cookies()
    sign_in_as(page, "admin")
    page.goto("/c/demo/retraining")
    page.get_by_role("button", name="Start a round").click()
    bar = page.locator("#progress progress")
    expect(bar).to_be_visible()
    seen = set()
    while page.locator("#progress progress").count():
        seen.add(page.locator("#progress").inner_text())
        page.wait_for_timeout(300)
        if server.query("SELECT 1 FROM round WHERE number = 2"):
            break
    assert len(seen) > 2, "the bar never moved"
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
    first = card_id(page)
    press(page, "1" if not page.locator("#card [data-key='Enter']").count() else "Enter")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.body.dataset.unsent") == "1"

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
    before = page.locator("#card").get_attribute("data-product-id")

    page.locator("#card button[name='category_id']").first.click()

    assert page.locator("#card").get_attribute("data-product-id") != before
    assert [str(row[0]) for row in server.query("SELECT product_id FROM annotation")] == [before]
    context.close()
