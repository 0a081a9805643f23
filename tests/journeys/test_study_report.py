"""The report of a study, opened from disk in a browser: nothing is fetched, axe finds nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ml.study.report import write_report
from tests.ml.study.factories import make_study

WIDTHS = (1280, 375)
SYSTEM = "system-embedding_net_flatten"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "study.html"
    write_report(make_study(), path)
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, without any server; it complains of whatever the report asks for."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else complaints.append(request.url)
        ),
    )
    yield page
    context.close()
    assert complaints == []


def colours(page: Page) -> list[str]:
    """Return the first colour of each chart that is drawn."""
    return page.evaluate(
        """[...document.querySelectorAll("canvas[data-chart]")]
            .map((each) => Chart.getChart(each))
            .filter((chart) => chart)
            .map((chart) => chart.data.datasets[0].borderColor)"""
    )


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Look again and again; the report's policy forbids Playwright's own way of waiting."""
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(50)
    pytest.fail("it did not come about within 5 seconds")


def first_column(page: Page) -> list[str]:
    return page.locator("table.systems").first.locator("tbody th a").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_the_page_never_scrolls_sideways(
    page, report, violations, width, scheme
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{report.as_uri()}#{SYSTEM}")
    page.locator(f"#{SYSTEM} canvas").first.scroll_into_view_if_needed()
    wait_until(page, lambda: colours(page) != [])

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_address_opens_its_system_and_draws_only_what_is_seen(page, report):
    page.goto(f"{report.as_uri()}#{SYSTEM}")

    assert page.locator("details.system[open]").count() == 1
    page.locator(f"#{SYSTEM} canvas").first.scroll_into_view_if_needed()
    wait_until(page, lambda: colours(page) != [])
    assert len(colours(page)) < page.locator("canvas[data-chart]").count()


def test_a_name_in_the_table_opens_the_system(page, report):
    page.goto(report.as_uri())

    page.locator(f"table.systems a[href='#{SYSTEM}']").first.click()

    assert page.locator(f"#{SYSTEM}").get_attribute("open") is not None


def test_the_table_sorts_by_keyboard(page, report):
    page.goto(report.as_uri())
    before = first_column(page)
    head = page.locator("table.systems").first.get_by_role("button", name="ARI", exact=False).first

    head.focus()
    page.keyboard.press("Enter")

    assert first_column(page) == before[::-1]
    assert page.locator("table.systems th[aria-sort=ascending]").count() == 1


@pytest.mark.parametrize(("head", "direction"), [("Log loss", "ascending"), ("n", "descending")])
def test_a_column_shows_its_best_end_first(page, report, head, direction):
    page.goto(report.as_uri())
    table = page.locator("table.systems").first

    table.locator("thead th", has=page.get_by_text(head, exact=True)).get_by_role("button").click()

    assert table.locator(f"th[aria-sort={direction}]").inner_text().startswith(head)


def test_the_heads_of_a_table_that_fits_stay_in_sight(page, report):
    page.emulate_media(reduced_motion="reduce")
    page.goto(report.as_uri())
    table = page.locator("table.systems").first
    under_the_bar = page.locator(".bar").bounding_box()["height"]

    table.locator("tbody tr").last.evaluate("row => row.scrollIntoView({block: 'end'})")

    assert abs(table.locator("thead th").first.bounding_box()["y"] - under_the_bar) < 2


def test_on_a_phone_a_choice_sorts_the_cards(page, report):
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(report.as_uri())

    page.get_by_label("Sort by").first.select_option("System")

    assert first_column(page) == sorted(first_column(page), key=str.lower)


def test_charts_change_their_colours_with_the_scheme(page, report):
    page.emulate_media(color_scheme="light")
    page.goto(f"{report.as_uri()}#{SYSTEM}")
    page.locator(f"#{SYSTEM} canvas").first.scroll_into_view_if_needed()
    wait_until(page, lambda: colours(page) != [])
    light = colours(page)[0]

    page.emulate_media(color_scheme="dark")

    wait_until(page, lambda: colours(page)[0] != light)
    assert colours(page)[0] != light


def test_paper_gets_the_charts_of_open_systems_that_nobody_scrolled_to(page, report):
    page.goto(report.as_uri())
    page.evaluate("id => { document.getElementById(id).open = true; }", SYSTEM)
    in_system = page.locator(f"#{SYSTEM} canvas").count()

    page.pdf()

    assert 0 < len(colours(page)) == in_system < page.locator("canvas[data-chart]").count()


def test_without_scripts_every_figure_is_there(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())

    assert len(first_column(page)) > 3
    page.locator(f"#{SYSTEM} > summary").click()
    assert page.locator(f"#{SYSTEM} table.confusion").first.is_visible()
    context.close()
