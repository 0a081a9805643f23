"""A real installation for a test: its own home, server, worker and people, and a JSON client."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from webapp.storage.database import Database

PROJECT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60


def shelfwise(home: Path, *words: str, env: dict[str, str] | None = None) -> str:
    """Run one command and return what it printed on standard output; fail with its words."""
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "--home", str(home), *words],
        cwd=PROJECT,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, f"shelfwise {' '.join(words)}: {done.stderr[-3000:]}"
    return done.stdout


@dataclass
class Site:
    """An installation whose pages are served, and what a test wants to know of it."""

    home: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def query(self, sql: str, **values: object) -> list[Any]:
        """Return the rows of a statement on the server's database."""
        database = Database(f"sqlite:///{self.home / 'shelfwise.db'}")
        try:
            with database.read() as session:
                return list(session.execute(text(sql), values))
        finally:
            database.dispose()


@dataclass
class Server(Site):
    """A running ``shelfwise serve`` with its worker."""

    process: subprocess.Popen[bytes]

    def pids(self, words: str) -> list[int]:
        """Return the processes of this installation whose command line holds ``words``."""
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal():
                continue
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                home = f"SHELFWISE_HOME={self.home}".encode()
                is_ours = home in (folder / "environ").read_bytes() or str(self.home) in line
            except OSError:
                continue
            if is_ours and words in line:
                found.append(int(folder.name))
        return found

    def kill(self) -> None:
        """Kill the server and all it started, at once."""
        for pid in self.pids(""):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@contextmanager
def running(home: Path, env: dict[str, str] | None = None, cwd: Path = PROJECT) -> Iterator[Server]:
    """Serve a home folder on a free port; end the server and its worker afterwards."""
    port = free_port()
    log = (home / "serve.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "serve", "--port", str(port)],
        cwd=cwd,
        env=os.environ | {"SHELFWISE_HOME": str(home)} | (env or {}),
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    server = Server(home, port, process)
    try:
        wait_until_up(server, lambda: process.poll() is None)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
        log.close()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(site: Site, is_alive: Callable[[], bool]) -> None:
    """Wait for the first answer; fail with the server's words if it ends before."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert is_alive(), (site.home / "serve.log").read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{site.address}/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError("the server did not come up: " + (site.home / "serve.log").read_text())


def copy_home(source: Path, target: Path) -> Path:
    """Copy an installation that is not running."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("serve.log"))
    return target


@dataclass(frozen=True)
class Client:
    """Calls the JSON API as one person."""

    address: str
    token: str

    def post(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Return status and document; a connection that breaks raises OSError."""
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}",
            data=json.dumps(body or {}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if content else None
        except urllib.error.HTTPError as refusal:
            content = refusal.read()
            return refusal.code, json.loads(content) if content else None
        except http.client.HTTPException as error:  # it broke within an answer
            raise ConnectionError(f"{path}: {error}") from error
