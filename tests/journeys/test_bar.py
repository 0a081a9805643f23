"""The bar on top: nothing of it is out of sight on a phone, and its menu gets out of the way."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def width_of_page(page):
    def measure():
        return page.evaluate("document.documentElement.scrollWidth")

    page.set_viewport_size({"width": 375, "height": 800})
    return measure


def test_every_tab_of_an_admin_is_in_sight_on_a_phone(page, sign_in_as, width_of_page):
    sign_in_as(page, "admin")
    page.goto("/c/demo/products")

    tabs = page.locator(".tabs a")
    expect(tabs).to_have_count(8)
    ends = [box["x"] + box["width"] for box in (tab.bounding_box() for tab in tabs.all())]
    assert max(ends) <= 375
    assert width_of_page() == 375


def test_the_bar_of_an_admin_fits_above_the_desk(page, sign_in_as):
    sign_in_as(page, "admin")

    for width in (1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 720})
        page.goto("/c/demo/review")
        menu = page.locator("button.menu").bounding_box()
        assert menu["x"] + menu["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") == width


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
    button, menu = page.locator("button.menu"), page.locator("#menu")

    button.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    button.click()
    page.locator("h1").click()
    expect(menu).to_be_hidden()
