"""Nothing decided at the desk is lost or counted twice: lost connections, reloads, two tabs."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.journeys.desk import (
    SHOWN,
    first_choice,
    open_desk,
    shown,
    untick_look_alikes,
    wait_until_sent,
)
from webapp.storage.database import Database

N_DECISIONS = 30
CUT_MS = 30_000
DECIDED = "SELECT product_id FROM annotation WHERE verdict != 'undone'"


@pytest.fixture
def desk(page, sign_in_as) -> Page:
    sign_in_as(page, "moderator")
    open_desk(page)
    return page


def decide(page: Page) -> str:
    """Decide the product in sight by key, and it alone; return it."""
    product = shown(page)
    untick_look_alikes(page)
    page.keyboard.press(first_choice(page))
    expect(page.locator(f"{SHOWN}[data-product='{product}']")).to_have_count(0)
    return product


def stored(server) -> list[str]:
    return sorted(str(row[0]) for row in server.query(DECIDED))


def test_30_decisions_around_a_cut_of_30_seconds_and_a_reload_arrive_exactly_once(desk, server):
    decided = [decide(desk) for _ in range(10)]
    wait_until_sent(desk)
    desk.wait_for_function("() => document.querySelectorAll('.card').length >= 9")

    desk.context.set_offline(True)
    desk.evaluate("() => { window.cutAt = performance.now(); }")
    while desk.locator(SHOWN).count() and len(decided) < N_DECISIONS:
        decided.append(decide(desk))
    expect(desk.locator("#waiting .unreachable")).to_be_visible()
    expect(desk.locator("#sending")).to_have_text(re.compile("not sent yet"))
    during = len(decided) - 10
    desk.wait_for_function(f"() => performance.now() - window.cutAt > {CUT_MS}", timeout=40_000)
    desk.context.set_offline(False)
    desk.reload()  # while most of it is still unsent
    desk.wait_for_selector("#desk[data-ready]")
    while len(decided) < N_DECISIONS:
        decided.append(decide(desk))
    wait_until_sent(desk)

    assert during >= 9
    assert len(set(decided)) == N_DECISIONS
    assert stored(server) == sorted(decided)


def test_taking_back_says_that_it_waits_for_the_connection(desk):
    decided = decide(desk)
    wait_until_sent(desk)
    desk.context.set_offline(True)

    desk.keyboard.press("u")
    expect(desk.locator("#sending")).to_have_text("taking back waits for the connection …")
    desk.context.set_offline(False)

    expect(desk.locator(SHOWN)).to_have_attribute("data-product", decided)
    expect(desk.locator("#sending")).to_be_empty()


def test_the_desk_goes_on_by_itself_when_the_connection_returns(desk):
    desk.context.set_offline(True)
    for _ in range(3):
        decide(desk)
    expect(desk.locator("#waiting .unreachable")).to_be_visible()

    desk.context.set_offline(False)

    expect(desk.locator(SHOWN)).to_have_count(1)
    expect(desk.locator("#waiting")).to_be_hidden()


def test_an_unsent_decision_is_taken_back_without_a_connection(desk, server):
    desk.context.set_offline(True)
    decide(desk)  # being sent, again and again
    second = decide(desk)

    desk.keyboard.press("u")

    assert shown(desk) == second
    desk.context.set_offline(False)
    wait_until_sent(desk)
    assert second not in stored(server)


def test_two_tabs_hold_different_products_and_neither_sends_twice(desk, server):
    first = set(products(desk))
    other = desk.context.new_page()
    open_desk(other)
    other.wait_for_function(
        "(held) => { const own = window.Shelfwise.cards.holds();"
        " return own.length && !own.some((each) => held.includes(each)); }",
        arg=sorted(first),
    )

    decided = [decide(each) for each in (desk, other, desk, other)]
    wait_until_sent(desk)
    wait_until_sent(other)

    assert len(set(decided)) == 4
    assert stored(server) == sorted(decided)


def test_what_a_closed_tab_left_unsent_is_sent_by_the_next_one(desk, server):
    other = desk.context.new_page()
    desk.context.set_offline(True)
    product = decide(desk)
    desk.close(run_before_unload=False)

    other.context.set_offline(False)
    open_desk(other)
    wait_until_sent(other)

    assert stored(server) == [product]


def test_the_same_decision_sent_by_two_tabs_counts_once(desk, server):
    desk.route("**/decide", lambda route: route.abort())
    product = decide(desk)
    item = desk.evaluate(
        "() => localStorage[Object.keys(localStorage).find((key) => key.includes('outbox'))]"
    )
    desk.evaluate("(item) => localStorage.setItem('copy', item)", item)
    desk.unroute("**/decide")
    wait_until_sent(desk)

    desk.evaluate(  # as a tab would that was frozen and comes back
        "() => { const key = 'shelfwise/outbox/' + document.getElementById('desk').dataset.user"
        " + '/demo/frozen'; localStorage.setItem(key, localStorage.copy); }"
    )
    open_desk(desk)
    wait_until_sent(desk)

    assert stored(server) == [product]


def test_a_browser_that_keeps_nothing_is_told_and_the_desk_goes_on(page, sign_in_as, server):
    sign_in_as(page, "moderator")
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full'); }")
    open_desk(page)

    decided = [decide(page), decide(page)]

    expect(page.locator("#notice")).to_contain_text("does not let Shelfwise keep")
    page.wait_for_function("() => !window.Shelfwise.outbox.all().length")
    assert stored(server) == sorted(decided)


def test_a_product_that_a_colleague_took_meanwhile_is_told_and_the_next_one_shown(
    page, server, sign_in_as
):
    sign_in_as(page, "moderator")
    open_desk(page)
    product = shown(page)
    name = page.locator(f"{SHOWN} h1").inner_text()
    give_away(server, product)

    page.keyboard.press(first_choice(page))

    expect(page.locator("#notice")).to_contain_text(name)
    expect(page.locator("#notice")).to_contain_text("Somebody else")
    assert shown(page) != product
    assert stored(server) == []


def test_a_product_that_was_lost_while_away_is_told_as_soon_as_the_person_is_back(
    page, server, sign_in_as
):
    sign_in_as(page, "moderator")
    open_desk(page)
    product = shown(page)
    give_away(server, product)

    page.keyboard.press("Shift")  # somebody is there
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator(SHOWN)).not_to_have_attribute("data-product", product)
    expect(page.locator("#notice")).to_contain_text("is on another desk now")


def give_away(server, product: str) -> None:
    """Let the lease of a product be another person's."""
    database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
    with database.begin() as session:
        session.execute(
            text(
                "UPDATE queue_entry SET leased_to = (SELECT max(id) FROM user_account"
                " WHERE id != leased_to) WHERE product_id = :product"
            ),
            {"product": int(product)},
        )
    database.dispose()


def products(page: Page) -> list[str]:
    return page.locator(".card").evaluate_all("all => all.map((card) => card.dataset.product)")
