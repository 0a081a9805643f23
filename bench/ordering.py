"""What it costs to order a whole queue anew and to write it, the first time and the next.

    python -m bench.ordering [--products N] [--categories K] [--database URL]

A made-up catalogue as it is right after its import: every product waits in a random place, the
features are there, a few products are labelled. What is timed is the job's own work, in seconds of
the clock, of this process's processor time and, for PostgreSQL on the same machine, of its server
process. The next time comes after as many labels again. Without a database it makes one for
SQLite; one that is named must be empty.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import insert, select, text

from bench.sampling import synthetic
from ml.sampling.pool import Pool
from tests import factories
from webapp.config import Config
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.jobs import choosing_features, ordering, runner
from webapp.jobs.context import JobContext
from webapp.storage import catalogues, jobs, migrations, queue_order, users
from webapp.storage.database import Database
from webapp.storage.tables import CategoryRow, ProductRow

AT_ONCE = 5_000
N_LABELS = 150
EVALUATION_SHARE = 0.1


@dataclass
class Stages:
    """Seconds of the clock and of the processor, by the stage that the job reports."""

    clock: Callable[[], float]
    spent: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def timed(self) -> Iterator[Callable[[str, int, int], None]]:
        """Yield what the job reports to; what comes before its first report is ``read, order``."""
        self.spent = {}
        stage, wall, cpu = "read, order", time.perf_counter(), self.clock()

        def close() -> None:
            self.spent[stage] = (time.perf_counter() - wall, self.clock() - cpu)

        def report(now: str, _done: int, _total: int) -> None:
            nonlocal stage, wall, cpu
            if now != stage:
                close()
                stage, wall, cpu = now, time.perf_counter(), self.clock()

        yield report
        close()


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ordering")
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--categories", type=int, default=30)
    parser.add_argument("--database", help="address of an empty database; by default SQLite's")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        url = asked.database or f"sqlite:///{Path(scratch) / 'shelfwise.db'}"
        config = Config(home=Path(scratch), database_url=url, queue_url="sqlite", secret_key="-")
        database = Database(url)
        migrations.upgrade(database)
        pool = synthetic(asked.products, asked.categories, np.random.default_rng(0))
        catalogue = fill(database, config, pool)
        print(f"{'':<26}{'s':>8}{'CPU-s':>8}")
        for when in ("first", "next"):
            label_some(database, catalogue, N_LABELS)
            for stage, (wall, cpu) in run(database, config, catalogue).items():
                print(f"{f'{when} time: {stage}':<26}{wall:>8.1f}{cpu:>8.1f}", flush=True)
        database.dispose()


def run(database: Database, config: Config, catalogue: Catalogue) -> dict[str, tuple[float, float]]:
    """Order the queue in a job of its own; return what each stage took."""
    with database.begin() as session:
        job = jobs.add(
            session,
            kind=JobKind.REFRESH_PREDICTIONS,
            catalogue_id=catalogue.id,
            requested_by=None,
            arguments={},
            now=factories.NOW,
        )
    claimed = runner.claim(database, job.id)
    if claimed is None:
        raise AssertionError("nobody else takes jobs here")
    stages = Stages(processor_clock(database))
    with stages.timed() as report:
        context = JobContext(claimed, config, database, report, lambda _job: None)
        ordering.reorder(context, catalogue, None)
    return stages.spent


def processor_clock(database: Database) -> Callable[[], float]:
    """Return a clock of the processor time in seconds, with that of local server processes."""
    if database.engine.dialect.name != "postgresql":
        return time.process_time

    def clock() -> float:
        backends = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        with database.read() as session:
            schedules = [Path(f"/proc/{pid}/schedstat") for pid in session.scalars(backends)]
        served = sum(int(one.read_text().split()[0]) for one in schedules if one.exists())
        return time.process_time() + served / 1e9

    return clock


def fill(database: Database, config: Config, pool: Pool) -> Catalogue:
    """Add the products of a pool with their places in the queue, and keep their features."""
    rng = np.random.default_rng(1)
    with database.begin() as session:
        catalogue = factories.make_catalogue(
            session, categories=tuple(f"Category {number}" for number in range(pool.n_categories))
        )
        of_column = session.scalars(select(CategoryRow.id).order_by(CategoryRow.id)).all()
    evaluates = (rng.random(len(pool)) < EVALUATION_SHARE).tolist()
    for start in range(0, len(pool), AT_ONCE):
        rows = range(start, min(start + AT_ONCE, len(pool)))
        with database.begin() as session:
            session.execute(
                insert(ProductRow),
                [
                    {
                        "id": row + 1,
                        "catalogue_id": catalogue.id,
                        "external_id": f"x{row}",
                        "name": f"Product {row}",
                        "description": "",
                        "specifications": [],
                        "brand": "",
                        "price": "",
                        "source_path": "",
                        "source_category_id": of_column[int(pool.sources[row])],
                        "content_sha256": "",
                        "created_at": factories.NOW,
                        "updated_at": factories.NOW,
                        "is_evaluation": evaluates[row],
                        "group_number": int(pool.groups[row]),
                        "state": "open",
                    }
                    for row in rows
                ],
            )
            queue_order.add_new(
                session,
                catalogue_id=catalogue.id,
                product_ids=[row + 1 for row in rows],
                now=factories.NOW,
            )
    path = choosing_features.path_of(config, catalogue)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        np.save(file, np.arange(1, len(pool) + 1), allow_pickle=False)
        np.save(file, np.asarray(pool.features), allow_pickle=False)
    with database.begin() as session:
        factories.make_user(session, name="moderator")
        return catalogues.get(session, slug="shop")


def label_some(database: Database, catalogue: Catalogue, n: int) -> None:
    """Label the first so many products that are still open."""
    with database.begin() as session:
        (person,) = users.list_all(session)
        open_ones = session.execute(
            select(ProductRow.id, CategoryRow.path)
            .join(CategoryRow, CategoryRow.id == ProductRow.source_category_id)
            .where(ProductRow.state == "open")
            .order_by(ProductRow.id)
            .limit(n)
        ).all()
        for product_id, path in open_ones:
            factories.make_annotation(
                session, catalogue, product_id, person, Verdict.CORRECTED, category=path
            )


if __name__ == "__main__":
    main(sys.argv[1:])
