"""What the web process loads, and that its layers hold: the reason why it stays small."""

import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median

import grimp
import pytest

PROJECT = Path(__file__).resolve().parents[1]
MODEL_LIBRARIES = (
    "cv2",
    "keras",
    "ml",
    "nltk",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "tensorflow",
)
MAX_RESIDENT_MB = 150
STARTED = """
import json, sys
from pathlib import Path
{start}
status = Path("/proc/self/status")
resident = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")] \
    if status.exists() else []
print(json.dumps({{
    "modules": sorted(sys.modules),
    "resident_mb": int(resident[0].split()[1]) / 1024 if resident else None,
}}))
"""
SERVED = """
import tempfile
from webapp.app import create_app
from webapp.config import read_config
from webapp.storage import migrations
from webapp.storage.database import Database
config = read_config(Path(tempfile.mkdtemp()), {})
database = Database(config.database_url)
migrations.upgrade(database)
client = create_app(config, queue=None, database=database).test_client()
assert client.get("/login").status_code == 200
assert client.get("/api/v1/openapi.json").status_code == 200
"""


def started(start: str) -> dict:
    """Start Python, do that, and return which modules are loaded and how much memory is used."""
    answer = subprocess.run(
        [sys.executable, "-c", STARTED.format(start=start)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(answer.stdout)


@pytest.mark.parametrize("start", ["import webapp.app", "import webapp.wsgi", SERVED])
def test_the_web_process_loads_no_model_library(start):
    process = started(start)

    assert [name for name in MODEL_LIBRARIES if name in process["modules"]] == []


def test_a_web_process_that_has_served_pages_stays_small():
    resident_mb = started(SERVED)["resident_mb"]

    if resident_mb is None:
        pytest.skip("this system does not tell the memory of a process in /proc")
    assert resident_mb < MAX_RESIDENT_MB


def test_the_layers_hold():
    # A process of its own: import-linter switches the loggers of this one off.
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert checked.returncode == 0, checked.stdout


def test_modules_import_each_other_without_a_cycle():
    graph = grimp.build_graph("ml", "webapp", cache_dir=None)

    order = TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    )

    assert set(order.static_order()) == graph.modules  # a CycleError names the cycle


def test_a_module_is_one_subject():
    n_lines = {
        str(path.relative_to(PROJECT)): len(path.read_text().splitlines())
        for folder in ("ml", "webapp")
        for path in (PROJECT / folder).rglob("*.py")
        if path.name != "__init__.py"  # most hold one sentence, and would flatter the median
    }

    assert [path for path, length in n_lines.items() if length > 400] == []
    assert median(n_lines.values()) < 150
