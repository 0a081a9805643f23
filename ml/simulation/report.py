"""The report of a simulation: one HTML file that opens from disk and fetches nothing."""

from __future__ import annotations

import shlex
from pathlib import Path

from ml.simulation import report_numbers, report_words
from ml.simulation.records import SHARES, Simulation
from ml.simulation.report_curves import chart_of, drawn_curves
from ml.study import report_numbers as numbers
from ml.study.report_page import render_page, settings_in_words
from ml.whole_files import whole_file

_STYLES = ("app.css", "dashboard.css", "study.css", "simulation.css")


def write_report(simulation: Simulation, path: Path) -> None:
    """Write the report to ``path``: whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(render_report(simulation), encoding="utf-8")


def render_report(simulation: Simulation) -> str:
    """Return the report as HTML, with its styles and its program inside."""
    drawn = drawn_curves(simulation)
    targets = {target.repeat: target for target in simulation.targets}
    return render_page(
        "simulation/report.html",
        _STYLES,
        "simulation.js",
        simulation=simulation,
        shares=SHARES,
        answers=report_words.answers_of(simulation),
        drawn=drawn,
        charts={name: chart_of(drawn, name, simulation) for name in ("reached", "right")},
        targets=targets,
        command=_command(simulation),
        words=report_words,
        written=report_numbers,
        numbers=numbers,
    )


def _command(simulation: Simulation) -> str:
    """Return the command that measures all of this again, with the options that are known."""
    known = simulation.settings
    words = [*settings_in_words(known), "shelfwise", "simulate", simulation.source]
    words += ["--images", "IMAGES", "--out", "OUT", "--strategies", ",".join(known["strategies"])]
    for noise in known["noise"]:
        words += ["--noise", noise]
    words += ["--repeats", str(known["repeats"]), "--seed", str(known["seed"])]
    return shlex.join(words)
