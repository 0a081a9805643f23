"""Whoever reads, points or moves otherwise: keyboard, French, contrast, calm, forced colours."""

import pytest
from playwright.sync_api import expect

from tests.journeys.desk import open_desk, press
from tests.journeys.test_accessibility import PAGES, is_as_wide_as_the_window


def test_no_page_scrolls_sideways_on_a_phone_in_french_either(page, sign_in_as):
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto("/login")
    page.get_by_role("button", name="Français").click()
    page.wait_for_load_state()
    too_wide = []
    for role, addresses in PAGES.items():
        sign_in(page, sign_in_as, role)
        for address in addresses:
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == "fr"
            if not is_as_wide_as_the_window(page):
                too_wide.append(address)
        sign_out(page)

    assert too_wide == []


def sign_in(page, sign_in_as, role):
    """Sign in and choose French, as that is kept with the session."""
    sign_in_as(page, role)
    page.goto("/")
    page.get_by_role("button", name="Français").click()
    page.wait_for_load_state()


def sign_out(page):
    page.context.clear_cookies()


def test_the_first_stop_of_the_keyboard_leads_past_the_bar(page, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/products")

    page.keyboard.press("Tab")

    link = page.get_by_role("link", name="Skip to the content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("address", ["/c/demo/products", "/c/demo/guidance", "/c/demo/dashboard"])
def test_each_stop_of_the_keyboard_can_be_seen(page, sign_in_as, address):
    sign_in_as(page, "moderator")
    page.goto(address)
    unseen = []

    for _ in range(25):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const it = document.activeElement, style = getComputedStyle(it);
              const box = it.getBoundingClientRect();
              const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return {name: it.outerHTML.slice(0, 80), ring, inside: box.bottom > 0 && box.top <
                innerHeight && box.width > 0, body: it === document.body};
            }"""
        )
        if not stop["body"] and not (stop["ring"] and stop["inside"]):
            unseen.append(stop["name"])

    assert unseen == []


def test_nothing_moves_for_those_who_ask_for_calm(page, sign_in_as):
    page.emulate_media(reduced_motion="reduce")
    sign_in_as(page, "admin")

    for address in ("/c/demo/review", "/c/demo/dashboard", "/c/demo/products"):
        page.goto(address)
        assert (
            page.evaluate(
                "document.getAnimations().filter((each) => each.playState === 'running').length"
            )
            == 0
        ), address


def test_more_contrast_is_given_to_those_who_ask_for_it(page, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/guidance")
    usual = contrast(page, ".tree .quiet")

    page.emulate_media(contrast="more")

    assert contrast(page, ".tree .quiet") > max(usual, 10)


def contrast(page, selector):
    """Return the ratio of contrast of a text on the panel behind it, as WCAG defines it."""
    return page.evaluate(
        """(selector) => {
          const light = (colour) => {
            const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => {
              const share = part / 255;
              return share <= .04045 ? share / 12.92 : ((share + .055) / 1.055) ** 2.4;
            });
            return .2126 * parts[0] + .7152 * parts[1] + .0722 * parts[2];
          };
          const text = document.querySelector(selector);
          const ink = light(getComputedStyle(text).color);
          const paper = light(getComputedStyle(text.closest(".panel")).backgroundColor);
          return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
        }""",
        selector,
    )


def test_the_page_that_is_open_is_marked_where_the_system_chooses_the_colours(page, sign_in_as):
    page.emulate_media(forced_colors="active")
    sign_in_as(page, "moderator")
    page.goto("/c/demo/guidance")

    width = page.locator(".tabs [aria-current]").evaluate("it => getComputedStyle(it).borderWidth")

    assert width == "2px"


def test_what_belongs_in_a_category_is_one_key_from_the_card_and_escape_leads_back(
    page, sign_in_as
):
    sign_in_as(page, "moderator")
    open_desk(page)
    suggested = page.locator(".card:not([hidden]) .suggestion .name")
    while not suggested.count():  # a card of the evaluation set makes no suggestion
        press(page, "s")
    name = suggested.inner_text()

    page.keyboard.press("g")

    expect(page.locator("#guidance h1")).to_have_text(name)
    expect(page.locator("#guidance h1")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#guidance")).to_be_hidden()
    expect(suggested).to_have_text(name)  # the card is the same


def test_the_key_tells_of_the_choice_that_is_focused(page, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page)
    choice = page.locator(".card:not([hidden]) .choices button").first
    name = choice.locator(".name").inner_text()

    choice.focus()
    page.keyboard.press("g")

    expect(page.locator("#guidance h1")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(choice).to_be_focused()
