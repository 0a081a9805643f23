"""What a search of the products page costs: a page and the exact count, beside a plain LIKE.

    python -m bench.search [--database URL] [--n 100000]

Without a database it makes one for SQLite; one that is named must be empty (PostgreSQL) and keeps
what was put there, so that a second run finds it. Each search is the first page and the count, as
the page asks for them; the LIKE looks for the same word in name, description and specifications.
The processor time is that of this process and, for PostgreSQL on the same machine, of its server
process: it says more than the clock on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Text, cast, func, or_, select, text
from sqlalchemy.orm import Session

from bench.search_catalogue import fill
from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import AskedBecause, ProductState
from webapp.services import products
from webapp.storage import catalogues, migrations
from webapp.storage.database import Database
from webapp.storage.tables import ProductRow

N_TIMES = 10
LIKE = "the"  # a word of every product: the most that a search can find


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search")
    parser.add_argument("--database", help="address of a database; by default SQLite's, made anew")
    parser.add_argument("--n", type=int, default=100_000, help="products (100000)")
    parser.add_argument("--times", type=int, default=N_TIMES, help="runs of each search (10)")
    asked = parser.parse_args([] if arguments is None else arguments)
    with tempfile.TemporaryDirectory() as scratch:
        url = asked.database or f"sqlite:///{Path(scratch) / 'shelfwise.db'}"
        database = Database(url)
        prepare(database, asked.n)
        measure(database, asked.times)
        database.dispose()


def prepare(database: Database, n_products: int) -> None:
    """Fill an empty database, and let PostgreSQL see what is in it."""
    migrations.upgrade(database)
    with database.begin() as session:
        if catalogues.find(session, slug="shop") is None:
            fill(session, n_products=n_products)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(text("VACUUM ANALYZE"))


def measure(database: Database, n_times: int) -> None:
    with database.read() as session:
        catalogue = catalogues.get(session, slug="shop")
        searches = searches_of(session, catalogue)
    print(f"{'search':<34}{'found':>8}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}")
    for name, (only, order) in searches.items():
        with database.read() as session:
            show(name, n_times, session, lambda: search(session, catalogue, only, order))  # noqa: B023
    with database.read() as session:
        show(f"LIKE {LIKE!r}", n_times, session, lambda: search_plainly(session, catalogue))


def searches_of(
    session: Session, catalogue: Catalogue
) -> dict[str, tuple[ProductFilter, ProductOrder]]:
    """Return every filter by itself, every order, and words with a filter."""
    top, leaf = session.execute(
        text("SELECT min(parent_id), min(id) FROM category WHERE level = 2")
    ).one()
    person = session.scalar(text("SELECT min(id) FROM user_account"))
    filters = {
        "everything": ProductFilter(),
        "state": ProductFilter(state=ProductState.LABELLED),
        "label, a leaf": ProductFilter(label_id=leaf),
        "label, an inner node": ProductFilter(label_id=top),
        "seller's category": ProductFilter(source_id=top),
        "prediction": ProductFilter(predicted_id=top),
        "confidence 5 to 95 %": ProductFilter(low=0.05, high=0.95),
        "confidence at least 90 %": ProductFilter(low=0.9),
        "text and image disagree": ProductFilter(disagrees=True),
        "moderator": ProductFilter(moderator_id=person),
        "round": ProductFilter(round_number=2),
        "asked because": ProductFilter(asked_because=AskedBecause.CONFLICT),
        "one group": ProductFilter(group_number=30),
        "has look-alikes": ProductFilter(has_look_alikes=True),
        "look-alikes with other labels": ProductFilter(has_mixed_labels=True),
        "a word of all": ProductFilter(words=LIKE),
        "a word of half": ProductFilter(words="rideau"),
        "the beginning of a word": ProductFilter(words="curt"),
        "words nowhere": ProductFilter(words="zzzz"),
        "words and state": ProductFilter(words="rideau", state=ProductState.OPEN),
        "words and label": ProductFilter(words="rideau", label_id=top),
        "words and prediction": ProductFilter(words="rideau", predicted_id=top),
        "words and confidence": ProductFilter(words="rideau", low=0.9),
        "words and moderator": ProductFilter(words="rideau", moderator_id=person),
        "words and look-alikes": ProductFilter(words="rideau", has_look_alikes=True),
    }
    imported = {name: (only, ProductOrder.IMPORTED) for name, only in filters.items()}
    sorted_by = {
        f"{what}, order {order.value}": (only, order)
        for order in ProductOrder
        if order is not ProductOrder.IMPORTED
        for what, only in (("everything", ProductFilter()), ("curt", ProductFilter(words="curt")))
    }
    return imported | sorted_by


def search(session: Session, catalogue: Catalogue, only: ProductFilter, order: ProductOrder) -> int:
    found = products.search(session, catalogue=catalogue, only=only, order=order)
    return found.n_products


def search_plainly(session: Session, catalogue: Catalogue) -> int:
    """Look for a word as a search without an index would: count, then the first page."""
    like = or_(
        ProductRow.name.icontains(LIKE),
        ProductRow.description.icontains(LIKE),
        cast(ProductRow.specifications, Text).icontains(LIKE),
    )
    ids = select(ProductRow.id).where(ProductRow.catalogue_id == catalogue.id, like)
    n = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    session.execute(ids.order_by(ProductRow.id).limit(51)).all()
    return n


def show(name: str, n_times: int, session: Session, work: Callable[[], int]) -> None:
    """Run a search so many times, once more to warm up, and print what it took."""
    n_found, wall_ms, cpu_ms = work(), [], []
    cpu_s = processor_clock(session)
    for _ in range(n_times):
        wall, cpu = time.perf_counter(), cpu_s()
        work()
        wall_ms.append((time.perf_counter() - wall) * 1000)
        cpu_ms.append((cpu_s() - cpu) * 1000)
    p95 = quantiles(wall_ms, n=20, method="inclusive")[-1] if n_times > 1 else wall_ms[0]
    figures = f"{median(wall_ms):>9.1f}{p95:>9.1f}{median(cpu_ms):>9.1f}"
    print(f"{name:<34}{n_found:>8,}{figures}", flush=True)


def processor_clock(session: Session) -> Callable[[], float]:
    """Return a clock of the processor time in seconds, with that of a local server process."""
    if session.get_bind().dialect.name != "postgresql":
        return time.process_time
    schedule = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    if not schedule.exists():
        return time.process_time
    return lambda: time.process_time() + int(schedule.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main(sys.argv[1:])
