import subprocess
import sys

STARTED_ON_WINDOWS = """
import sys
sys.platform = "win32"
sys.modules["fcntl"] = None  # as where there is none
from webapp.cli import main
main()
"""


def test_windows_is_told_what_to_do_instead():
    ended = subprocess.run(
        [sys.executable, "-c", STARTED_ON_WINDOWS], capture_output=True, text=True, timeout=120
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Linux and macOS" in ended.stderr
    assert "WSL" in ended.stderr
