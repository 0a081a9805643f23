"""Count the keys that a scripted moderator presses, with and without look-alikes.

    python -m bench.key_presses products.csv --images DIR [--n 500] [--sample SEED] [--json]

Two catalogues of the same products, one round each, the same right answers. The moderator
confirms with Enter, takes a digit where the category has one, else searches: ``/``, the letters
that tell the category from all others, Enter. With look-alikes she sees which are ticked and mends
that: ``a`` ticks all or none, Tab walks to a box and Space turns it. Products are the first of the
file, or with ``--sample`` a random part of it.
The image backbone and its weights come from SHELFWISE_IMAGE_BACKBONE and SHELFWISE_IMAGE_WEIGHTS.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.rounds import LEASE_S, SLUG, category_ids, make_catalogue, run_queued
from webapp.cli.group import Shell, now
from webapp.cli.retraining import train_here
from webapp.config import read_config
from webapp.domain.review import Verdict
from webapp.domain.review_cards import Card
from webapp.processes import quieten_tensorflow
from webapp.services import review
from webapp.storage import catalogues
from webapp.storage.tables import LabelRow, ProductRow


def main(words: Sequence[str] | None = None) -> None:
    arguments = parse_arguments(words)
    quieten_tensorflow()
    with tempfile.TemporaryDirectory() as scratch:
        arguments.products = take_part(arguments, Path(scratch))
        alone = replay(arguments, Path(scratch) / "alone", with_look_alikes=False)
        grouped = replay(arguments, Path(scratch) / "grouped", with_look_alikes=True)
    report = {
        "n_products": len(alone["labels"]),
        "are_labels_the_same": alone.pop("labels") == grouped.pop("labels"),
        "alone": alone,
        "with_look_alikes": grouped,
        "saved": 1 - grouped["keys"] / alone["keys"],
    }
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    for name in ("alone", "with_look_alikes"):
        row = report[name]
        print(f"{name}: {row['keys']} keys, {row['cards']} cards, {row['along']} taken along")
    wrong, ticked = grouped["ticked_wrongly"], grouped["ticked"]
    print(f"of {ticked} look-alikes that came ticked, {wrong} belong elsewhere")
    same = "the same labels" if report["are_labels_the_same"] else "LABELS DIFFER"
    print(f"{report['n_products']} products, {same}, {report['saved']:.1%} fewer keys")


def take_part(arguments: argparse.Namespace, scratch: Path) -> Path:
    """Write the products of the comparison into a file of their own."""
    with arguments.products.open(newline="") as file:
        table = list(csv.DictReader(file))
    if arguments.sample is not None:
        random.Random(arguments.sample).shuffle(table)
    part = scratch / "part.csv"
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table[: arguments.n])
    return part


def replay(
    arguments: argparse.Namespace, scratch: Path, *, with_look_alikes: bool
) -> dict[str, Any]:
    """Train a round, decide every product, and count."""
    scratch.mkdir()
    shell = Shell(read_config(scratch / "home"))
    try:
        truth = make_catalogue(shell, arguments, scratch)
        train_here(shell, SLUG)
        run_queued(shell)
        return decide_all(shell, truth, with_look_alikes=with_look_alikes)
    finally:
        shell.close()


def decide_all(shell: Shell, truth: dict[str, str], *, with_look_alikes: bool) -> dict[str, Any]:
    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=SLUG)
        ids = category_ids(session, catalogue)
    counts = {"keys": 0, "cards": 0, "along": 0, "ticked": 0, "ticked_wrongly": 0}
    while True:
        with shell.database.begin() as session:
            cards = review.claim(
                session, catalogue=catalogue, user_id=1, now=now(), lease_s=LEASE_S
            )
        if not cards:
            break
        (card,) = cards
        name = truth[card.product.external_id]
        keys, along = keys_for_answer(card, name, list(ids)), []
        if with_look_alikes:
            more, along = keys_for_look_alikes(card, name, truth)
            keys += more
            ticked = [truth[other.external_id] for other in card.look_alikes if other.is_proposed]
            counts["ticked"] += len(ticked)
            counts["ticked_wrongly"] += sum(other != name for other in ticked)
        with shell.database.begin() as session:
            decision = review.decide_together(
                session,
                catalogue=catalogue,
                product_id=card.product.id,
                user_id=1,
                lease=card.lease,
                verdict=Verdict.CORRECTED,
                category_id=ids[name],
                note="",
                idempotency_key=f"keys-{card.product.id}",
                took_ms=None,
                now=now(),
                look_alike_ids=along,
            )
        counts["keys"] += keys
        counts["cards"] += 1
        counts["along"] += len(decision.taken_along)
        run_queued(shell)
    with shell.database.read() as session:
        labels = session.execute(
            select(ProductRow.external_id, LabelRow.category_id).join(
                LabelRow, LabelRow.product_id == ProductRow.id
            )
        ).all()
    return {**counts, "labels": dict(labels)}


def keys_for_answer(card: Card, name: str, names: list[str]) -> int:
    """Return how many keys file a card under a category."""
    if card.suggestion is not None and card.suggestion.category.path == name:
        return 1
    if name in {option.category.path for option in card.choices}:
        return 1
    others = [other for other in names if other != name]
    n_letters = next(
        n for n in range(1, len(name) + 1) if not any(o.startswith(name[:n]) for o in others)
    )
    return n_letters + 2  # and the slash, and Enter


def keys_for_look_alikes(card: Card, name: str, truth: dict[str, str]) -> tuple[int, list[int]]:
    """Return how many keys tick those of the same category, and which they are."""
    free = [other for other in card.look_alikes if not other.is_held]
    is_same = [truth[other.external_id] == name for other in free]
    wanted = [other.product_id for other, same in zip(free, is_same, strict=True) if same]
    is_ticked = [other.is_proposed for other in free]
    changes = [at for at in range(len(free)) if is_ticked[at] != is_same[at]]
    if not changes:
        return 0, wanted
    ways = [max(changes) + 2 + len(changes)]  # Tab past "all or none" to the last, Space each
    if all(is_same):
        ways.append(1)
    if not wanted:
        ways.append(1 if all(is_ticked) else 2)  # the first ticks all, the second none
    return min(ways), wanted


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.key_presses")
    parser.add_argument("products", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(noise=0.0, seed=0, baselines="")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
