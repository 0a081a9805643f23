"""The bar on top: nothing of it is out of sight on a phone, and its menu gets out of the way."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def width_of_page(page):
    def measure():
        return page.evaluate("document.documentElement.scrollWidth")

    page.set_viewport_size({"width": 375, "height": 800})
    return measure


def test_every_page_of_an_admin_is_in_a_menu_on_a_phone(page, sign_in_as, width_of_page):
    sign_in_as(page, "admin")
    page.goto("/c/demo/products")

    page.get_by_role("button", name="Products").click()

    links = page.locator("#pages a")
    names = links.all_inner_texts()
    assert {"Review", "Guidance", "Retraining", "Settings"} <= set(names)
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
    assert width_of_page() == 375
    page.get_by_role("link", name="Guidance").click()
    page.wait_for_url("**/guidance")


def test_the_menu_of_an_admin_opens_by_key_and_closes_by_escape_or_on_leaving(page, sign_in_as):
    sign_in_as(page, "admin")
    page.goto("/c/demo/products")
    opener, settings = (
        page.locator(".manage summary"),
        page.locator(".manage a", has_text="Settings"),
    )

    opener.focus()
    page.keyboard.press("Enter")
    expect(settings).to_be_visible()
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("h1").click()
    expect(settings).to_be_hidden()


def test_the_bar_of_an_admin_fits_above_the_desk(page, sign_in_as):
    sign_in_as(page, "admin")

    for width in (1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 720})
        page.goto("/c/demo/review")
        menu = page.locator("button[popovertarget=menu]").bounding_box()
        assert menu["x"] + menu["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") == width
        expect(page.get_by_role("link", name="Shelfwise", exact=True)).to_have_count(1)


def test_what_was_decided_last_leaves_the_name_of_the_catalogue_whole(page, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/review")

    page.locator(".card:not([hidden]) .choices button").first.click()

    expect(page.locator("#last")).not_to_be_empty()
    for name in (".catalogue-name", "#last"):
        needs, has = page.locator(name).evaluate("(it) => [it.scrollWidth, it.clientWidth]")
        assert needs <= has, name


def test_an_unsent_decision_is_told_on_a_phone_without_moving_the_page(
    page, sign_in_as, width_of_page
):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/review")
    before = page.locator("#cards").bounding_box()["y"]

    page.context.set_offline(True)
    page.locator(".card:not([hidden]) .choices button").first.click()

    expect(page.locator("#sending")).to_contain_text("not sent yet: 1")
    expect(page.locator("#sending")).to_be_in_viewport(ratio=1)
    assert width_of_page() == 375
    assert page.locator("#cards").bounding_box()["y"] == before
    page.context.set_offline(False)
    expect(page.locator("#sending")).to_be_empty()


def test_the_menu_closes_by_escape_and_by_a_click_beside_it(page, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/products")
    button, menu = page.locator("button[popovertarget=menu]"), page.locator("#menu")

    button.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    button.click()
    page.locator("h1").click()
    expect(menu).to_be_hidden()
