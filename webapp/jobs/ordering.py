"""Puts the undecided products of a catalogue in the order in which a round wants them asked."""

from __future__ import annotations

from webapp.domain.asking_order import arrange
from webapp.domain.catalogue import Catalogue
from webapp.jobs.context import JobContext
from webapp.jobs.writing import write_in_pieces
from webapp.storage import queue_order


def reorder(context: JobContext, catalogue: Catalogue, round_id: int | None) -> None:
    """Rebuild the queue of a catalogue; repeating it changes nothing."""
    with context.database.read() as session:
        products = list(
            queue_order.iterate_open(session, catalogue_id=catalogue.id, round_id=round_id)
        )
    places = arrange(
        products, evaluation_share=catalogue.evaluation_share, has_round=round_id is not None
    )
    write_in_pieces(
        context,
        "order",
        places,
        lambda session, piece: queue_order.write(session, catalogue_id=catalogue.id, places=piece),
    )
