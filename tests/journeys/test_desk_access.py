"""Everybody can work at the desk: readers are told what happens, axe finds nothing in a dialog."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.desk import SHOWN, first_choice, open_desk, press, shown


@pytest.fixture
def desk(page, sign_in_as) -> Page:
    sign_in_as(page, "moderator")
    open_desk(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_dialogs(desk, violations, scheme):
    desk.emulate_media(color_scheme=scheme, contrast="more", reduced_motion="reduce")
    press(desk, "s")
    found = {}

    for key, dialog in {
        "/": "search",
        "h": "recent",
        "?": "keys",
        "f": "flag",
        "z": "zoom",
    }.items():
        if key == "z" and not desk.locator(f"{SHOWN} [data-act=zoom]").count():
            continue
        desk.keyboard.press(key)
        expect(desk.locator(f"dialog#{dialog}")).to_be_visible()
        if dialog == "recent":
            expect(desk.locator("#recent li")).to_have_count(1)
        found[dialog] = violations(desk)
        desk.keyboard.press("Escape")

    assert {dialog: lines for dialog, lines in found.items() if lines} == {}


def test_readers_are_told_what_happened_and_what_comes_next(desk):
    press(desk, first_choice(desk))

    name = desk.locator(f"{SHOWN} h1").inner_text()
    said = desk.locator("#said")
    expect(said).to_have_attribute("role", "status")
    expect(said).to_contain_text("Next:")
    expect(said).to_contain_text(name)
    expect(desk.locator(f"{SHOWN} h1")).to_be_focused()


def test_the_tab_key_leads_from_the_product_to_its_answers(desk):
    seen = []
    for _ in range(40):
        desk.keyboard.press("Tab")
        seen.append(
            desk.evaluate("document.activeElement.dataset.act || document.activeElement.name")
        )
        if "category_id" in seen and "search" in seen:
            break

    assert "search" in seen
    assert "category_id" in seen or "confirm" in seen


def test_a_key_right_after_escape_acts_on_the_card(desk):
    before = shown(desk)
    desk.keyboard.press("/")
    expect(desk.locator("#search")).to_be_visible()

    desk.keyboard.press("Escape")
    desk.keyboard.press("s")

    expect(desk.locator(SHOWN)).not_to_have_attribute("data-product", before)


def test_who_confirms_where_the_suggestion_is_hidden_is_told_and_decides_nothing(desk):
    for _ in range(40):
        if not desk.locator(f"{SHOWN} [data-act=confirm]").count():
            break
        press(desk, "s")
    before = shown(desk)

    desk.keyboard.press("Enter")

    expect(desk.locator("#said")).to_contain_text("The suggestion is hidden here.")
    expect(desk.locator(f"{SHOWN} .no-suggestion")).to_have_class(re.compile("is-asked"))
    assert shown(desk) == before
