"""A wheel built from the tree serves what the checkout serves."""

import gettext
import re
import subprocess
import sys
import urllib.request

import pytest

from tests.journeys.server import PROJECT, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the wheel, without what it depends on, into a folder far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (wheel,) = folder.glob("shelfwise-*.whl")
    site = folder / "site"
    run("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel)
    return site


def run(*words):
    done = subprocess.run(
        [sys.executable, *words], cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def read(address, language="en"):
    request = urllib.request.Request(address, headers={"Accept-Language": language})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def test_it_holds_all_that_the_program_reads(installed):
    def files(root, folder, pattern):
        return {path.relative_to(root) for path in (root / folder).rglob(pattern)}

    for folder in ("templates", "static"):
        assert files(installed, folder, "*.*") == files(PROJECT, folder, "*.*")
    assert files(installed, "migrations/versions", "*.py") >= files(
        PROJECT, "migrations/versions", "*.py"
    )
    assert files(installed, "webapp/translations", "*.mo")


def test_it_serves_the_first_page_with_its_style_and_in_french(installed, tmp_path):
    mark = "/* of the wheel */"
    with (installed / "static" / "app.css").open("a") as style_sheet:
        style_sheet.write(mark)
    sentences = gettext.translation(
        "messages", installed / "webapp" / "translations", languages=["fr"]
    )

    with running(tmp_path, {"PYTHONPATH": str(installed)}, cwd=tmp_path) as server:
        page = read(f"{server.address}/login")
        (style, *_) = re.findall(r'href="([^"]+app[^"]*\.css[^"]*)"', page)
        css = read(f"{server.address}{style}")
        french = read(f"{server.address}/login", language="fr")

    assert "<h1>Sign in</h1>" in page
    assert css == (PROJECT / "static" / "app.css").read_text() + mark
    assert f"<h1>{sentences.gettext('Sign in')}</h1>" in french
    assert french != page
