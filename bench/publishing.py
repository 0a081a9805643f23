"""What going back to an earlier round costs, and that it gives the same predictions again.

    python -m bench.publishing

Two rounds have predicted 10,000 products. Timed is what an admin waits for: the transaction that
moves the pointer, its commit, and the next card of a moderator, with the other round's suggestion.
The queue's new order follows in a background job.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text

from bench.web import MORE_ENTRIES, MORE_PRODUCTS, clocked, show
from tests import factories
from webapp.services import retraining, review
from webapp.storage import catalogues, migrations
from webapp.storage.database import Database

N_PRODUCTS = 10_000
N_TURNS = 20
MORE_PREDICTIONS = """
    INSERT INTO prediction (round_id, product_id, category_id, probability, margin, fused, text,
        image, created_at)
    SELECT round_id, product.id, prediction.category_id, prediction.probability, margin, fused,
        text, image, prediction.created_at
    FROM prediction JOIN product ON product.id > prediction.product_id
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{Path(scratch) / 'shelfwise.db'}")
        migrations.upgrade(database)
        user_id = fill(database)
        before = {number: digest(database, number) for number in (1, 2)}
        there = [clocked(lambda: publish(database, user_id, 1)) for _ in turns(database, user_id)]
        after = {number: digest(database, number) for number in (1, 2)}
        database.dispose()
    if before != after:
        raise AssertionError("going back and forth has changed predictions")
    note = f"{N_PRODUCTS:,} products, median of {N_TURNS}; worst {max(there):.1f} ms"
    show("going back, first card", f"{median(there):.1f} ms", note)
    show("predictions bit for bit", "equal", f"SHA-256 of all columns, before and after {N_TURNS}")


def turns(database: Database, user_id: int) -> Any:
    """Yield so many times, each time with round 2 live."""
    for turn in range(N_TURNS):
        if turn:
            publish(database, user_id, 2)
        yield turn


def publish(database: Database, user_id: int, number: int) -> None:
    """Let a round go live and take the next card."""
    with database.begin() as session:
        catalogue = catalogues.get(session, slug="shop")
        retraining.publish(session, catalogue=catalogue, number=number, now=factories.NOW)
    with database.begin() as session:
        catalogue = catalogues.get(session, slug="shop")
        (card,) = review.claim(
            session, catalogue=catalogue, user_id=user_id, now=factories.NOW, lease_s=600
        )
    assert card.round is not None
    assert card.round.number == number


def digest(database: Database, number: int) -> str:
    """Return a digest of all that a round has predicted, as it lies in the table."""
    statement = text(
        "SELECT prediction.* FROM prediction JOIN round ON round.id = prediction.round_id"
        " WHERE round.number = :number ORDER BY product_id"
    )
    with database.read() as session:
        rows = session.execute(statement, {"number": number}).all()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def fill(database: Database) -> int:
    """Add the products, two rounds and a moderator; return that one's id."""
    with database.begin() as session:
        user = factories.make_user(session)
        catalogue = factories.make_catalogue(session)
        product = factories.make_product(session, catalogue)
        for number, share in ((1, 0.6), (2, 0.9)):
            guess = {product: {"Kitchen": share, "Watches": 1 - share}}
            factories.make_round(session, catalogue, guess, number=number)
        for statement in (MORE_PRODUCTS, MORE_ENTRIES, MORE_PREDICTIONS):
            session.execute(text(statement), {"n": N_PRODUCTS} if ":n" in statement else {})
        n = session.scalar(text("SELECT count(*) FROM prediction"))
    assert n == 2 * N_PRODUCTS, n
    return user.id


if __name__ == "__main__":
    main()
