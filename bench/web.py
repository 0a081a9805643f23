"""What the web side costs: a decision, a web process, the next product of a large queue.

    python -m bench.web

Times of two ways are taken by turns on the same machine, so their ratio means something where the
times themselves do not.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import text

from tests import factories
from tests.journeys.server import Client, Server, running, shelfwise
from webapp.domain.catalogue import Catalogue
from webapp.storage import migrations, queue
from webapp.storage.database import Database

N_DECISIONS = 200
N_WARM_UP = 20
N_CLAIMS = 200
N_SCANS = 20
SMALL, LARGE = 1_000, 100_000
NEXT_PRODUCT = (
    "SELECT product_id FROM queue_entry {hint} WHERE catalogue_id = ? AND is_waiting"
    " ORDER BY priority DESC, product_id DESC LIMIT 1"
)
MORE_PRODUCTS = """
    WITH RECURSIVE number(value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM number LIMIT :n - 1)
    INSERT INTO product SELECT number.value AS id, catalogue_id, 'more-' || number.value,
        name, description, specifications, brand, price, source_path, source_category_id,
        content_sha256, created_at, updated_at, is_evaluation, group_number, state
    FROM product JOIN number
"""
MORE_ENTRIES = """
    INSERT INTO queue_entry (product_id, catalogue_id, priority, reason, is_suggestion_hidden,
        is_waiting)
    SELECT id, catalogue_id, 1.0 / id, 'uncertain', 0, 1 FROM product WHERE id > 1
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        measure_decisions(Path(scratch) / "home")
        small = make_queue(Path(scratch) / "small.db", SMALL)
        large = make_queue(Path(scratch) / "large.db", LARGE)
        measure_claims(small, large)
        measure_index(*large)


def measure_decisions(home: Path) -> None:
    """Send decisions to a real server and print its processor time and memory."""
    home.mkdir()
    make_home(home)
    with running(home) as server:
        client = Client(
            server.address, shelfwise(home, "user", "token", "alice@example.com").strip()
        )
        decide(client, N_WARM_UP)
        before = cpu_s(server)
        decide(client, N_DECISIONS)
        spent_ms = (cpu_s(server) - before) / N_DECISIONS * 1000
        memory_mb = max(resident_mb(pid) for pid in server.pids("gunicorn"))
    show("server CPU a decision", f"{spent_ms:.1f} ms", f"claim and annotate, {N_DECISIONS} times")
    show("memory of a web process", f"{memory_mb:.0f} MB", "resident, the largest")


def make_home(home: Path) -> None:
    """Fill a home with one moderator and a catalogue whose round has predicted everything."""
    database = Database(f"sqlite:///{home / 'shelfwise.db'}")
    migrations.upgrade(database)
    with database.begin() as session:
        factories.make_user(session)
        catalogue = factories.make_catalogue(session)
        guess = {"Kitchen": 0.5, "Watches": 0.3, "Computers": 0.2}
        products = (factories.make_product(session, catalogue) for _ in range(SMALL))
        factories.make_round(session, catalogue, dict.fromkeys(products, guess))
    database.dispose()


def decide(client: Client, n: int) -> None:
    for _ in range(n):
        _, card = client.post("/catalogues/shop/claims")
        status, answer = client.post(
            "/catalogues/shop/annotations",
            {
                "product_id": card["product"]["id"],
                "lease": card["lease"],
                "verdict": "confirmed",
                "category": card["prediction"]["category_id"],
                "idempotency_key": str(uuid.uuid4()),
            },
        )
        assert status == 201, answer


def cpu_s(server: Server) -> float:
    """Return the processor time that all web processes have used, in seconds."""
    ticks = 0
    for pid in server.pids("gunicorn"):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    (size_kb,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(size_kb) / 1024


def make_queue(path: Path, n_products: int) -> tuple[Database, Catalogue, int]:
    """Return a database with so many products waiting, their catalogue and a moderator's id."""
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.begin() as session:
        user = factories.make_user(session)
        catalogue = factories.make_catalogue(session)
        factories.make_product(session, catalogue)
        for statement in (MORE_PRODUCTS, MORE_ENTRIES):
            session.execute(text(statement), {"n": n_products})
    return database, catalogue, user.id


def measure_claims(
    small: tuple[Database, Catalogue, int], large: tuple[Database, Catalogue, int]
) -> None:
    few, many = by_turns(N_CLAIMS, claim_in(*small), claim_in(*large))
    show(f"claim among {SMALL:,}", f"{few:.3f} ms", f"median of {N_CLAIMS}, without the commit")
    show(f"claim among {LARGE:,}", f"{many:.3f} ms", f"{many / few:.2f} times")


def claim_in(database: Database, catalogue: Catalogue, user_id: int) -> Callable[[], float]:
    def claim() -> float:
        with database.begin() as session:
            return clocked(
                lambda: queue.claim(
                    session, catalogue=catalogue, user_id=user_id, now=factories.NOW, lease_s=600
                )
            )

    return claim


def measure_index(database: Database, catalogue: Catalogue, _user_id: int) -> None:
    connection = database.engine.raw_connection()  # an ORM costs more than the index does

    def look(hint: str) -> Callable[[], float]:
        statement = NEXT_PRODUCT.format(hint=hint)
        return lambda: clocked(
            lambda: connection.cursor().execute(statement, (catalogue.id,)).fetchone()
        )

    index, scan = by_turns(N_SCANS, look("INDEXED BY ix_queue_entry_waiting"), look("NOT INDEXED"))
    connection.close()
    show(f"next of {LARGE:,} by index", f"{index:.3f} ms", "the partial index of what waits")
    show("the same by a full scan", f"{scan:.3f} ms", f"{scan / index:.0f} times")


def by_turns(n: int, one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Return the median times of two ways in ms, which what else the machine does hits alike."""
    pairs = [(one(), other()) for _ in range(n)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


def clocked(work: Callable[[], object]) -> float:
    """Return how long something takes, in ms."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def show(what: str, value: str, note: str) -> None:
    print(f"{what:<28} {value:>11}   {note}", flush=True)


if __name__ == "__main__":
    main()
