"""The report of a simulation, opened from disk in a browser: axe finds nothing in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ml.simulation.report import write_report
from tests.ml.simulation.factories import make_simulation


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "simulation.html"
    write_report(make_simulation(), path)
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


def drawn(page: Page, chart: str = "chart-reached") -> list[str]:
    """Return the strategies that a chart draws."""
    return page.evaluate(
        """name => Chart.getChart(document.querySelector(`[data-chart=${name}]`)).data.datasets
            .map((each) => each.label).filter((label) => label)""",
        chart,
    )


def first_colour(page: Page) -> str:
    return page.evaluate(
        """Chart.getChart(document.querySelector("canvas")).data.datasets[2].borderColor"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing_and_the_page_never_scrolls_sideways(
    page, report, violations, width, scheme
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(report.as_uri())
    page.locator("summary").click()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_strategies_are_drawn_by_choice_in_both_charts(page, report):
    page.goto(report.as_uri())
    before = drawn(page)
    button = page.get_by_role("button", name="Random")

    button.click()

    assert before == ["The default recipe", "Random", "Smallest margin"]
    assert button.get_attribute("aria-pressed") == "false"
    assert drawn(page) == drawn(page, "chart-right") == ["The default recipe", "Smallest margin"]


def test_the_axis_can_be_drawn_to_the_last_label(page, report):
    page.goto(report.as_uri())
    end = """Chart.getChart(document.querySelector("canvas")).scales.x.max"""
    before = page.evaluate(end)

    page.get_by_role("button", name="Show all labels").click()

    assert before < page.evaluate(end) == 580


def test_charts_change_their_colours_with_the_scheme(page, report):
    page.emulate_media(color_scheme="light")
    page.goto(report.as_uri())
    light = first_colour(page)

    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)

    assert first_colour(page) != light


def test_without_scripts_every_figure_is_there(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())

    assert page.locator("table.systems").first.locator("tbody tr").count() == 6
    assert not page.locator("canvas").first.is_visible()
    context.close()
