"""Many products at once, at a real list: by keys, by pointer, by touch, and without a script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.server import Site

LABELS = "SELECT product_id, category_id FROM label"
BOXES = "[data-pick] input[name=product]"


@pytest.fixture
def listing(page, sign_in_as) -> Page:
    """The open products of the demo, the grid ready for keys."""
    sign_in_as(page, "moderator")
    page.goto("/c/demo/products?state=open")
    page.wait_for_selector(f"{BOXES}[tabindex='0']")
    return page


def values(listing: Page, n: int) -> list[int]:
    boxes = listing.locator(BOXES)
    return [int(boxes.nth(i).get_attribute("value") or 0) for i in range(n)]


def measuring(server: Site) -> set[int]:
    """Return the products of the evaluation set, which are judged one by one."""
    return {row[0] for row in server.query("SELECT id FROM product WHERE is_evaluation")}


def press(listing: Page, *keys: str) -> None:
    for key in keys:
        listing.keyboard.press(key)


def file_under(listing: Page, typed: str) -> None:
    press(listing, "c")
    listing.keyboard.type(typed)
    expect(listing.locator("[role=option][aria-selected=true] mark").first).to_be_visible()
    press(listing, "Enter", "Enter")
    expect(listing.locator("#last-act")).to_be_focused()


def test_a_range_is_selected_filed_and_taken_back_by_keys_alone(listing, server):
    before = server.query(LABELS)
    first = values(listing, 4)

    press(listing, "ArrowDown", "x", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    expect(listing.locator(".n-selected")).to_have_text("4 selected")
    press(listing, "Shift+ArrowLeft")
    expect(listing.locator(".n-selected")).to_have_text("3 selected")
    file_under(listing, listing.locator("datalist option").first.get_attribute("value")[:4])

    expect(listing.locator("#last-act")).to_contain_text(re.compile(r"filed under .+\."))
    added = {product for product, _ in server.query(LABELS)} - {product for product, _ in before}
    assert added == set(first[:3]) - measuring(server)

    press(listing, "u")

    expect(listing.locator("#last-act")).to_contain_text("taken back")
    assert server.query(LABELS) == before


def typed_search(listing: Page) -> None:
    """Search by typing, and wait for what is found: the field keeps the focus."""
    word = (listing.locator("a.opens").first.inner_text()).split()[0].strip(",")
    press(listing, "/")
    listing.keyboard.type(word)
    listing.wait_for_url("**q=**")
    listing.wait_for_selector(f"{BOXES}[tabindex='0']")


def test_the_first_product_that_is_ticked_after_a_search_stays_ticked(listing):
    typed_search(listing)

    listing.locator(BOXES).first.click()
    listing.wait_for_timeout(500)  # a list that is fetched anew comes within this time

    expect(listing.locator(BOXES).first).to_be_checked()
    expect(listing.locator(".n-selected")).to_have_text("1 selected")


def test_the_arrow_down_leads_from_the_search_to_what_it_found(listing):
    typed_search(listing)

    press(listing, "ArrowDown", "x")

    expect(listing.locator(BOXES).first).to_be_focused()
    expect(listing.locator(BOXES).first).to_be_checked()


def test_all_that_match_are_selected_by_pressing_twice(listing):
    n_open = int(listing.locator(".bulk-bar").get_attribute("data-all"))

    press(listing, "ArrowDown", "Control+a")
    expect(listing.locator(".n-selected")).to_have_text(
        f"{listing.locator(BOXES).count()} selected"
    )
    press(listing, "Control+a")
    expect(listing.locator(".n-selected")).to_have_text(f"{n_open} selected")

    press(listing, "Escape")

    expect(listing.locator(".n-selected")).to_have_text("nothing selected")
    expect(listing.locator(f"{BOXES}:checked")).to_have_count(0)


def test_arrows_go_by_rows_and_enter_opens(listing):
    boxes = listing.locator(BOXES)
    press(listing, "ArrowDown", "ArrowDown")
    focused = listing.locator(f"{BOXES}:focus")
    assert focused.bounding_box()["y"] > boxes.first.bounding_box()["y"]
    assert focused.bounding_box()["x"] == boxes.first.bounding_box()["x"]
    chosen = focused.get_attribute("value")

    press(listing, "Enter")

    listing.wait_for_url(f"**/products/{chosen}")


def test_shift_and_a_click_select_what_lies_between(listing):
    boxes = listing.locator(BOXES)
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])

    expect(listing.locator(f"{BOXES}:checked")).to_have_count(4)
    expect(listing.locator(".n-selected")).to_have_text("4 selected")


def test_a_search_that_finds_something_else_meanwhile_decides_nothing(listing, server):
    before = server.query(LABELS)
    press(listing, "ArrowDown", "Control+a", "Control+a")
    listing.locator("[name=expected]").evaluate("field => { field.value = 1; }")

    press(listing, "c")
    listing.keyboard.type("a")
    expect(listing.locator("[role=option][aria-selected=true]")).to_be_visible()
    press(listing, "Enter", "Enter")

    expect(listing.locator("#notice")).to_contain_text("Nothing was decided")
    expect(listing.locator(f"{BOXES}:checked")).to_have_count(0)
    assert server.query(LABELS) == before


def test_enter_in_the_note_flags_and_files_nothing(listing, server):
    measured = measuring(server)
    chosen = next(product for product in values(listing, 12) if product not in measured)
    before = server.query(LABELS)
    box = listing.locator(f"{BOXES}[value='{chosen}']")
    box.check()
    press(listing, "c")
    listing.keyboard.type("a")
    press(listing, "Escape")
    box.focus()

    press(listing, "f")
    listing.keyboard.type("two products in one")
    press(listing, "Enter")

    expect(listing.locator("#last-act")).to_be_focused()
    assert server.query(LABELS) == before
    flagged = server.query("SELECT product_id FROM annotation WHERE verdict = 'flagged'")
    assert [row[0] for row in flagged] == [chosen]


def test_the_note_of_a_flag_is_ready_for_typing_where_it_is_opened_by_a_click(listing):
    listing.locator(BOXES).first.check()

    listing.locator(".flagging summary").click()
    listing.keyboard.type("which colour is it?")

    expect(listing.locator("#bulk-note")).to_have_value("which colour is it?")


def test_the_note_of_a_flag_closes_by_escape_and_keeps_the_selection(listing):
    press(listing, "ArrowDown", "x", "f")
    expect(listing.locator("#bulk-note")).to_be_focused()

    press(listing, "Escape")

    expect(listing.locator("#bulk-note")).to_be_hidden()
    expect(listing.locator(f"{BOXES}:checked")).to_have_count(1)


def test_a_long_touch_begins_a_selection(browser: Browser, server, sign_in_as):
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": 375, "height": 800},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    phone = context.new_page()
    sign_in_as(phone, "moderator")
    phone.goto("/c/demo/products")
    phone.wait_for_selector(f"{BOXES}[tabindex='0']")
    session = context.new_cdp_session(phone)
    place = phone.locator("a.opens .photo").nth(0).bounding_box()
    point = {"x": place["x"] + 60, "y": place["y"] + 60}

    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(phone.locator(".n-selected")).to_have_text("1 selected")
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.locator("a.opens .photo").nth(1).tap()

    expect(phone.locator(".n-selected")).to_have_text("2 selected")
    assert phone.url.endswith("/products")
    context.close()


def test_without_a_script_boxes_and_buttons_do(browser: Browser, server, sign_in_as):
    context = browser.new_context(
        base_url=server.address, java_script_enabled=False, locale="en-GB"
    )
    plain = context.new_page()
    sign_in_as(plain, "moderator")
    plain.goto("/c/demo/products")
    chosen = [product for product in values(plain, 12) if product not in measuring(server)][:2]
    for product in chosen:
        plain.locator(f"{BOXES}[value='{product}']").check()
    category = plain.locator("datalist option").first.get_attribute("value") or ""
    plain.get_by_label("Category", exact=True).fill(category)

    plain.get_by_role("button", name="File them").click()

    expect(plain.locator("#last-act")).to_contain_text(category)
    assert {product for product, _ in server.query(LABELS)} >= set(chosen)
    plain.get_by_role("button", name="Undo").click()
    expect(plain.locator("#last-act")).to_contain_text("2 taken back.")
    context.close()


def test_a_group_of_look_alikes_is_filed_but_for_what_was_taken_out(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    page.goto("/c/demo/groups")
    group = page.locator("form.bulk").first
    boxes = group.locator("input[name=product]")
    members = [int(box.get_attribute("value") or 0) for box in boxes.all()]
    boxes.last.uncheck()
    category = page.locator("datalist option").last.get_attribute("value")
    group.locator("[name=path]").fill(category)
    group.locator("[name=path]").press("Enter")

    page.keyboard.press("Enter")

    expect(page.locator("#last-act")).to_contain_text(category)
    acts = server.query(
        "SELECT product_id FROM annotation WHERE bulk_act_id IS NOT NULL AND undoes_id IS NULL"
    )
    assert {row[0] for row in acts} == set(members[:-1])
