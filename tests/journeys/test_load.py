"""Twenty moderators at once while a round trains; processes killed in the middle."""

import csv
import os
import signal
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.web import cpu_s
from tests import factories
from tests.journeys.conftest import QUICK
from tests.journeys.server import Client, Server, copy_home, running, shelfwise
from webapp.services import accounts
from webapp.storage.database import Database

N_MODERATORS = 20
N_DECISIONS = 100
N_FEW = 8  # moderators where something is killed
MOST_CPU_MS = 25  # per decision: twice what a busy machine takes, to tell of a lost index


@pytest.fixture
def busy_home(demo_home: Path, tmp_path: Path) -> Path:
    """The demo catalogue with enough products for twenty moderators."""
    home = copy_home(demo_home, tmp_path / "home")
    more = tmp_path / "more.csv"
    with more.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "description", "category"])
        rows.writerows(
            [f"more-{n}", f"Lamp {n}", f"A lamp number {n}.", "Lighting"]
            for n in range(N_MODERATORS * N_DECISIONS)
        )
    shelfwise(home, "import", str(more), "--catalogue", "demo")
    return home


def clients(server: Server, n: int = N_FEW) -> list[Client]:
    """Return clients of that many new moderators."""
    database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
    with database.begin() as session:
        people = [factories.make_user(session, name=f"m{uuid.uuid4().hex}") for _ in range(n)]
        tokens = [
            accounts.issue_token(session, email=person.email, now=factories.NOW)
            for person in people
        ]
    database.dispose()
    return [Client(server.address, token) for token in tokens]


def decide(client: Client, acknowledged: list[tuple[int, str]], statuses: list[int]) -> bool:
    """Claim a product and confirm what is proposed; False when nothing is left."""
    status, card = client.post("/catalogues/demo/claims")
    statuses.append(status)
    if status == 204:
        return False
    assert status == 200, card
    key = str(uuid.uuid4())
    category = card["categories"][0]["id"]
    status, answer = client.post(
        "/catalogues/demo/annotations",
        {
            "product_id": card["product"]["id"],
            "lease": card["lease"],
            "verdict": "corrected",
            "category": category,
            "idempotency_key": key,
        },
    )
    statuses.append(status)
    assert status == 201, answer
    acknowledged.append((card["product"]["id"], key))
    return True


def test_twenty_moderators_while_a_round_trains(busy_home, capsys):
    acknowledged: list[tuple[int, str]] = []
    statuses: list[int] = []
    with running(busy_home, QUICK) as server:
        people = clients(server, N_MODERATORS)
        shelfwise(busy_home, "retrain", "--catalogue", "demo", env=QUICK)
        before_s = cpu_s(server)

        def work(client: Client) -> None:
            for _ in range(N_DECISIONS):
                assert decide(client, acknowledged, statuses)

        with ThreadPoolExecutor(N_MODERATORS) as pool:
            for done in [pool.submit(work, person) for person in people]:
                done.result()

        spent_ms = (cpu_s(server) - before_s) / len(acknowledged) * 1000
        stored = server.query(
            "SELECT product_id, idempotency_key FROM annotation WHERE created_at > :begin",
            begin=factories.NOW.replace(tzinfo=None),
        )
        still_lent = server.query("SELECT 1 FROM queue_entry WHERE leased_to IS NOT NULL")
        is_alive = decide(people[0], [], statuses)

    with capsys.disabled():
        sys.stdout.write(f"\n{spent_ms:.1f} ms of processor time for a claim and a decision\n")
    assert len(acknowledged) == N_MODERATORS * N_DECISIONS
    assert sorted(map(tuple, stored)) == sorted(acknowledged)
    assert len({product_id for product_id, _ in acknowledged}) == len(acknowledged)
    assert set(statuses) == {200, 201}
    assert still_lent == []
    assert is_alive
    assert spent_ms < MOST_CPU_MS


def test_a_killed_web_process_loses_no_acknowledged_decision(busy_home):
    acknowledged: list[tuple[int, str]] = []
    with running(busy_home, QUICK) as server:
        people = clients(server)
        is_over = threading.Event()

        def work(client: Client) -> None:
            while not is_over.is_set():
                try:
                    decide(client, acknowledged, [])
                except OSError:
                    return

        with ThreadPoolExecutor(N_FEW) as pool:
            jobs = [pool.submit(work, person) for person in people]
            while len(acknowledged) < 60:
                time.sleep(0.02)
            server.kill()
            is_over.set()
            for job in jobs:
                job.result()

    with running(busy_home, QUICK) as server:
        stored = {
            tuple(row) for row in server.query("SELECT product_id, idempotency_key FROM annotation")
        }
        assert set(acknowledged) <= stored
        assert len({product_id for product_id, _ in stored}) == len(stored)
        assert decide(clients(server)[0], [], [])


def test_a_worker_killed_in_the_middle_of_a_round_does_it_once_after_a_restart(demo_home, tmp_path):
    home = copy_home(demo_home, tmp_path / "home")
    with running(home, QUICK) as server:
        shelfwise(home, "retrain", "--catalogue", "demo", env=QUICK)
        wait_until(
            server, "SELECT 1 FROM job WHERE kind = 'retrain' AND stage IN ('text', 'image')"
        )
        (worker, *_) = server.pids("worker --with-parent")

        os.kill(worker, signal.SIGKILL)

        wait_until(
            server,
            "SELECT 1 FROM job WHERE kind = 'retrain' AND state = 'done' AND n_attempts = 2",
            timeout_s=240,
        )
        rounds = server.query("SELECT number, is_published FROM round ORDER BY number")

    assert [tuple(row) for row in rounds] == [(1, 1), (2, 1)]


def wait_until(server: Server, sql: str, timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while not server.query(sql):
        jobs = server.query("SELECT id, kind, state, stage, n_attempts, reason FROM job")
        assert time.monotonic() < deadline, f"never: {sql}; jobs: {jobs}"
        time.sleep(0.1)
