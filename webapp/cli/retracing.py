"""``shelfwise rounds retrace``: train a round again and compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from webapp.cli.group import Shell, command, print_json
from webapp.cli.retraining import json_option, required_slug
from webapp.cli.stages import stage_progress
from webapp.processes import quieten_tensorflow
from webapp.storage import catalogues, rounds

if TYPE_CHECKING:
    from ml.retracing import Retraced


@click.command("retrace")
@click.argument("number", type=int)
@click.option("--catalogue", "slug", help="Which catalogue.")
@json_option
@command
def retrace_command(shell: Shell, number: int, slug: str | None, as_json: bool) -> None:
    """Train round NUMBER again from its manifest, and say whether the same comes out.

    Labels, evaluation set and near-duplicates are as they were then; nothing is stored.
    """
    quieten_tensorflow()
    from ml.retracing import retrace
    from webapp.jobs.batches import pipeline_settings
    from webapp.jobs.kept_snapshot import retake_snapshot

    with shell.database.read() as session:
        catalogue = catalogues.get(session, slug=required_slug(slug))
        found = rounds.get(session, catalogue_id=catalogue.id, number=number)
    retaken = retake_snapshot(shell.config, shell.database, found)
    with stage_progress() as progress:
        retraced = retrace(
            retaken.directory, retaken.snapshot, pipeline_settings(shell.config), progress
        )
    if as_json:
        print_json({"round": number, **asdict(retraced), "n_changed": retaken.n_changed})
        return
    click.echo(sentence_of(number, retraced))
    if retaken.n_changed:
        click.echo(
            f"{retaken.n_changed} of {retraced.n_products} products have another text or image "
            "now than then."
        )
    for version in retraced.versions:
        click.echo(f"Another version than then: {version}.")
    if retraced.fallback:
        click.echo(retraced.fallback)


def sentence_of(number: int, retraced: Retraced) -> str:
    """Say what came out, in a sentence."""
    if retraced.is_equal:
        return (
            f"Round {number} trained again: the probabilities of all {retraced.n_products} "
            "products are equal, bit for bit."
        )
    return (
        f"Round {number} trained again: probabilities differ by up to "
        f"{retraced.largest_difference:.2g}; {retraced.n_other_category} of "
        f"{retraced.n_products} products get another category."
    )
