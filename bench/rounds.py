"""Replay a moderator over several rounds of a labelled file, and compare estimates with the truth.

    python -m bench.rounds products.csv --images DIR [--rounds 5] [--decisions 100] [--noise 0.1]
        [--baselines tfidf_linear,backbone] [--home DIR] [--json]

A share of the source categories is made wrong at random; the moderator decides what the queue asks,
always rightly. With ``--home`` the installation stays, and ``shelfwise --home DIR serve`` shows it.
The image backbone and its weights come from SHELFWISE_IMAGE_BACKBONE and SHELFWISE_IMAGE_WEIGHTS.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from webapp.cli.group import Shell, now
from webapp.cli.retraining import train_here
from webapp.config import read_config
from webapp.domain.accounts import Role
from webapp.domain.catalogue import Catalogue
from webapp.domain.jobs import JobState
from webapp.domain.review import Verdict
from webapp.jobs import runner
from webapp.processes import quieten_tensorflow
from webapp.services import accounts, review
from webapp.services.catalogue import import_file
from webapp.storage import catalogues
from webapp.storage.tables import JobRow, LabelRow, PredictionRow, ProductRow

NAME, SLUG = "Flipkart", "flipkart"
LEASE_S = 3600
COLUMN = "product_category_tree"


def main(words: Sequence[str] | None = None) -> None:
    arguments = parse_arguments(words)
    quieten_tensorflow()
    with tempfile.TemporaryDirectory() as scratch:
        shell = Shell(read_config(arguments.home or Path(scratch) / "home"))
        try:
            rows = replay(shell, arguments, Path(scratch))
        finally:
            shell.close()
    if arguments.json:
        print(json.dumps(rows, indent=2))


def replay(shell: Shell, arguments: argparse.Namespace, scratch: Path) -> list[dict[str, Any]]:
    truth = make_catalogue(shell, arguments, scratch)
    rows = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        found, live_id = train_here(shell, SLUG)
        seconds = time.perf_counter() - start
        run_queued(shell)
        rows.append(
            {
                "round": found.number,
                "is_live": found.id == live_id,
                "reason": found.reason,
                "n_labels": found.n_labels + found.n_evaluation_labels,
                "metrics": found.metrics,
                "estimates": found.estimates,
                "right_in_truth": share_right(shell, truth, live_id),
                "seconds": round(seconds, 1),
            }
        )
        if not arguments.json:
            print_round(rows[-1])
        decide(shell, truth, arguments.decisions)
    return rows


def make_catalogue(shell: Shell, arguments: argparse.Namespace, scratch: Path) -> dict[str, str]:
    """Import the file with some categories made wrong; return the true ones by external id."""
    with arguments.products.open(newline="") as file:
        table = list(csv.DictReader(file))
    truth = {row["uniq_id"]: json.loads(row[COLUMN])[0].split(" >> ")[0] for row in table}
    names = sorted(set(truth.values()))
    rng = np.random.default_rng(arguments.seed)
    for at in rng.permutation(len(table))[: round(arguments.noise * len(table))].tolist():
        others = [name for name in names if name != truth[table[at]["uniq_id"]]]
        table[at][COLUMN] = json.dumps([others[rng.integers(len(others))]])
    noisy = scratch / "products.csv"
    with noisy.open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)
    import_file(
        shell.database,
        shell.config,
        path=noisy,
        file_name=noisy.name,
        name=NAME,
        images_dir=arguments.images,
        now=now(),
    )
    with shell.database.begin() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        baselines = tuple(name for name in arguments.baselines.split(",") if name)
        catalogues.write_settings(
            session,
            catalogue_id=catalogue.id,
            settings=replace(catalogue.settings, baselines=baselines),
        )
        accounts.add_user(
            session,
            email="replay@example.com",
            name="Replay",
            role=Role.ADMIN,
            password="replay of a labelled file",
            now=now(),
        )
    return truth


def decide(shell: Shell, truth: dict[str, str], n: int) -> None:
    """Decide what the queue asks, rightly; cheap rebuilds of the queue run between."""
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        ids = category_ids(session, catalogue)
        user_id = 1
    for _ in range(n):
        with shell.database.begin() as session:
            cards = review.claim(
                session, catalogue=catalogue, user_id=user_id, now=now(), lease_s=LEASE_S
            )
        if not cards:
            return
        (card,) = cards
        with shell.database.begin() as session:
            review.annotate(
                session,
                catalogue=catalogue,
                product_id=card.product.id,
                user_id=user_id,
                lease=card.lease,
                verdict=Verdict.CORRECTED,
                category_id=ids[truth[card.product.external_id]],
                idempotency_key=f"replay-{card.product.id}",
                now=now(),
            )
        run_queued(shell)


def run_queued(shell: Shell) -> None:
    """Run the jobs that wait, such as baselines and rebuilds of the queue, in this process."""
    while True:
        with shell.database.read() as session:
            waiting = select(JobRow.id).where(JobRow.state == JobState.QUEUED.value)
            job_id = session.scalar(waiting.order_by(JobRow.id).limit(1))
        job = None if job_id is None else runner.claim(shell.database, job_id)
        if job is None:
            return
        runner.run_claimed(
            job, config=shell.config, database=shell.database, send=lambda job_id: None
        )


def share_right(shell: Shell, truth: dict[str, str], live_id: int | None) -> float:
    """Return which share of the catalogue has the true category, by label or else by prediction."""
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        ids = category_ids(session, catalogue)
        rows = session.execute(
            select(ProductRow.external_id, LabelRow.category_id, PredictionRow.category_id)
            .outerjoin(LabelRow, LabelRow.product_id == ProductRow.id)
            .outerjoin(
                PredictionRow,
                (PredictionRow.product_id == ProductRow.id) & (PredictionRow.round_id == live_id),
            )
        ).all()
    right = [(label or said) == ids[truth[external_id]] for external_id, label, said in rows]
    return float(np.mean(right))


def category_ids(session: Any, catalogue: Catalogue) -> dict[str, int]:
    found = catalogues.list_categories(session, catalogue_id=catalogue.id, level=1)
    return {category.path: category.id for category in found}


def print_round(row: dict[str, Any]) -> None:
    figures = ", ".join(
        f"{name} {interval(row['metrics'].get(name))}" for name in ("accuracy", "ari")
    )
    print(f"round {row['round']}: {figures}, {row['n_labels']} labels, {row['seconds']} s")
    right = interval(row["estimates"].get("right"))
    print(f"  right by estimate {right}, in truth {row['right_in_truth']:.3f}; {row['reason']}")


def interval(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "unknown"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}] (n = {figure['n']})"


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("products", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--decisions", type=int, default=100)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--baselines", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
