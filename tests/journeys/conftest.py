"""Real installations and a real browser: Debian's Chromium, driven by Playwright."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.server import Site, copy_home, running, shelfwise
from tests.journeys.web import pages
from webapp.storage import catalogues
from webapp.storage.database import Database

expect.set_options(timeout=15_000)  # a busy machine is no failure
QUICK = {"SHELFWISE_IMAGE_PIPELINE": "cnn"}
# Only lines come back: all that axe tells of what is right would take longer than the looking.
_AXE_LINES = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`))"""
AXE = Path(__file__).resolve().parents[1] / "data" / "vendor" / "axe-4.14.1.min.js"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts servers; what asks for a page needs Chromium too."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.slow)
            if "page" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing: as root, run 'apt-get install chromium'")
    return {
        "executable_path": chromium,
        "args": [
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo catalogue with round 1, made once; tests take copies of it.

    No card hides its suggestion by chance: what a test sees shall not be drawn.
    """
    home = tmp_path_factory.mktemp("demo") / "home"
    printed = shelfwise(home, "demo", "--products", "140", "--json", env=QUICK)
    (home / "demo.json").write_text(printed)
    database = Database(f"sqlite:///{home / 'shelfwise.db'}")
    with database.begin() as session:
        demo = catalogues.get(session, slug="demo")
        catalogues.write_settings(
            session, catalogue_id=demo.id, settings=replace(demo.settings, hidden_share=0)
        )
    database.dispose()
    return home


@pytest.fixture(scope="session")
def first_home(demo_home: Path) -> Path:
    """What a test begins with; a module may put more into it."""
    return demo_home


@pytest.fixture
def server(request: pytest.FixtureRequest, first_home: Path, tmp_path: Path) -> Iterator[Site]:
    """The pages of a fresh copy of the demo catalogue; a worker where the test is marked so."""
    home = copy_home(first_home, tmp_path / "home")
    is_marked = request.node.get_closest_marker("worker") is not None
    with running(home, QUICK) if is_marked else pages(home) as server:
        yield server


@pytest.fixture(scope="session")
def passwords(demo_home: Path) -> dict[str, tuple[str, str]]:
    """Return address and password by role."""
    users = json.loads((demo_home / "demo.json").read_text())["users"]
    return {user["role"]: (user["email"], user["password"]) for user in users}


@pytest.fixture
def page(browser: Browser, server: Site) -> Iterator[Page]:
    """An empty page in a browser of its own, at the size of a small laptop, in English."""
    context = browser.new_context(
        base_url=server.address, viewport={"width": 1280, "height": 720}, locale="en-GB"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Security" in message.text else None,
    )
    yield page
    context.close()
    assert complaints == [], "errors in the browser's console"


@pytest.fixture(scope="session")
def sessions(browser: Browser, demo_home: Path, passwords: dict[str, tuple[str, str]]):
    """Return by role the cookies of a person who signed in, good on every copy of the demo."""
    cookies = {}
    with pages(demo_home) as site:
        for role in passwords:
            context = browser.new_context(base_url=site.address, locale="en-GB")
            sign_in(context.new_page(), *passwords[role])
            cookies[role] = context.cookies()
            context.close()
    return cookies


def sign_in(page: Page, email: str, password: str) -> None:
    """Sign in as people do."""
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


@pytest.fixture
def sign_in_as(sessions):
    """Return a function by which a person of that role is signed in; no page is opened."""

    def sign_in(page: Page, role: str) -> None:
        page.context.add_cookies(sessions[role])

    return sign_in


@pytest.fixture
def violations():
    """Return a function that lists what axe finds on a page, one line each."""

    def find(page: Page) -> list[str]:
        page.evaluate(AXE.read_text())
        return page.evaluate(_AXE_LINES)

    return find
