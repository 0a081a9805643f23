import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.journeys.server import running
from webapp.cli import group, shelfwise

LONGEST_S = 60


@pytest.fixture
def server(config):
    with running(config.home) as server:
        yield server


def until(condition):
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {LONGEST_S} s")


def answers(address):
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def descendants(pid):
    """Return the command lines of all processes below, by process id."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    found, level = {}, {str(pid)}
    while level:
        below = {row[0]: row[2] for row in rows if row[1] in level and row[0] not in found}
        found |= below
        level = set(below)
    return {int(number): arguments for number, arguments in found.items()}


def is_gone(pid):
    stat = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return stat.stdout.strip().startswith("Z") or not stat.stdout.strip()


def of_worker(processes):
    return [pid for pid, arguments in processes.items() if "worker --with-parent" in arguments]


@pytest.mark.slow
class TestServe:
    def test_stops_everything_on_sigterm_and_says_how_to_make_an_admin(self, server):
        below = descendants(server.process.pid)

        server.process.terminate()
        status = server.process.wait(60)

        assert status == 0
        assert len(below) >= 3
        assert all(is_gone(pid) for pid in below)
        assert "user add you@example.com --role admin" in (server.home / "serve.log").read_text()

    def test_starts_a_worker_again_that_died(self, server):
        (worker,) = until(lambda: of_worker(descendants(server.process.pid)))

        os.kill(worker, signal.SIGKILL)

        until(lambda: set(of_worker(descendants(server.process.pid))) - {worker})
        assert answers(server.address)

    def test_leaves_nobody_behind_when_it_is_killed(self, server):
        below = descendants(server.process.pid)

        server.process.kill()
        server.process.wait()

        until(lambda: all(is_gone(pid) for pid in below))
        assert not answers(server.address)

    def test_a_web_process_stays_small(self, server):
        sizes_kb = [
            int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))
            for pid, arguments in descendants(server.process.pid).items()
            if "gunicorn" in arguments
            for status in [Path(f"/proc/{pid}/status").read_text()]
        ]

        assert len(sizes_kb) == 3  # the two that serve, and the one that starts them
        assert max(sizes_kb) < 150_000


def test_a_port_that_is_taken_is_refused_in_one_line(config, monkeypatch):
    monkeypatch.setattr(group, "read_config", lambda home: config)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        result = CliRunner().invoke(shelfwise, ["serve", "--port", str(taken.getsockname()[1])])

    assert result.exit_code == 1
    assert "cannot be used" in result.stderr
    assert "--port" in result.stderr


class TestWeights:
    def test_status_says_what_is_missing_and_what_to_do(self, config, monkeypatch, tmp_path):
        own = replace(config, image_weights=tmp_path / "nowhere.h5")
        monkeypatch.setattr(group, "read_config", lambda home: own)

        result = CliRunner().invoke(shelfwise, ["weights", "status", "--json"])

        printed = json.loads(result.stdout)
        assert (printed["backbone"], printed["ok"]) == ("VGG16", False)
        assert "nowhere.h5" in printed["problem"]
