"""The desk on a phone: answers under the thumb, swipes, and two fingers on a photo."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.desk import SHOWN, open_desk, shown, wait_until_sent

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 375, 800


@pytest.fixture
def phone(browser, server, sign_in_as) -> Iterator[Page]:
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in_as(page, "moderator")
    open_desk(page)
    yield page
    context.close()


@pytest.fixture
def fingers(phone) -> CDPSession:
    return phone.context.new_cdp_session(phone)


def touch(fingers: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    fingers.send(
        "Input.dispatchTouchEvent",
        {
            "type": kind,
            "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)],
        },
    )


def drag(fingers: CDPSession, *stops: float, y: float = 200) -> None:
    """Put a finger down at the first stop and move it over the others, without letting go."""
    touch(fingers, "touchStart", (stops[0], y))
    for before, after in itertools.pairwise(stops):
        for step in range(1, 6):
            touch(fingers, "touchMove", (before + (after - before) * step / 5, y))


def with_suggestion(page: Page) -> str:
    """Skip to a product whose suggestion is shown; return it."""
    while not page.locator(f"{SHOWN} [data-act=confirm]").count():
        before = shown(page)
        page.locator(f"{SHOWN} [data-act=skip]").click()
        expect(page.locator(SHOWN)).not_to_have_attribute("data-product", before)
    return shown(page)


def test_a_swipe_to_the_right_confirms(phone, fingers, server):
    product = with_suggestion(phone)

    drag(fingers, 100, 300)
    expect(phone.locator("#swipe")).to_have_attribute("data-far", "true")
    touch(fingers, "touchEnd")

    expect(phone.locator(SHOWN)).not_to_have_attribute("data-product", product)
    wait_until_sent(phone)
    verdicts = server.query(
        "SELECT verdict FROM annotation WHERE product_id = :product", product=int(product)
    )
    assert [row[0] for row in verdicts] == ["confirmed"]


def test_a_swipe_to_the_left_skips(phone, fingers):
    product = shown(phone)

    drag(fingers, 300, 80)
    touch(fingers, "touchEnd")

    expect(phone.locator(SHOWN)).not_to_have_attribute("data-product", product)
    expect(phone.locator("#said")).to_contain_text("Skipped.")


def test_going_back_before_letting_go_cancels(phone, fingers, server):
    product = with_suggestion(phone)
    n_before = server.query("SELECT count(*) FROM annotation")[0][0]

    drag(fingers, 100, 300, 120)
    touch(fingers, "touchEnd")

    assert shown(phone) == product
    expect(phone.locator("#swipe")).to_be_hidden()
    expect(phone.locator("#zoom")).to_be_hidden()  # nor was the photo tapped
    assert server.query("SELECT count(*) FROM annotation")[0][0] == n_before


def test_people_who_want_no_motion_swipe_nothing(phone, fingers):
    phone.emulate_media(reduced_motion="reduce")
    product = with_suggestion(phone)

    drag(fingers, 100, 300)

    expect(phone.locator("#swipe")).to_be_hidden()
    touch(fingers, "touchEnd")
    assert shown(phone) == product


def test_two_fingers_enlarge_the_photo_and_bring_it_back(phone, fingers):
    while not phone.locator(f"{SHOWN} a.photo").count():
        phone.locator(f"{SHOWN} [data-act=skip]").click()
    phone.locator(f"{SHOWN} a.photo").first.tap()
    image = phone.locator("#zoom img")
    expect(image).to_be_visible()
    phone.wait_for_timeout(400)  # or it counts as a double tap
    before = image.bounding_box()["width"]

    touch(fingers, "touchStart", (150, 400), (220, 400))
    for step in range(1, 6):
        touch(fingers, "touchMove", (150 - 20 * step, 400), (220 + 20 * step, 400))
    touch(fingers, "touchEnd")

    assert image.bounding_box()["width"] > 2 * before
    touch(fingers, "touchStart", (50, 400), (320, 400))
    for step in range(1, 6):
        touch(fingers, "touchMove", (50 + 25 * step, 400), (320 - 25 * step, 400))
    touch(fingers, "touchEnd")
    assert image.bounding_box()["width"] == pytest.approx(before, rel=0.05)


def test_the_answers_are_in_sight_and_large_enough_for_a_thumb(phone):
    with_suggestion(phone)

    confirm = phone.locator(f"{SHOWN} [data-act=confirm]")
    expect(confirm).to_be_in_viewport(ratio=1)
    box = confirm.bounding_box()
    assert box["height"] >= 44
    assert box["y"] > HEIGHT / 2
    for button in phone.locator(f"{SHOWN} .choices button").all()[:3]:
        assert button.bounding_box()["height"] >= 40
    assert phone.evaluate("document.documentElement.scrollWidth") == WIDTH
