"""The report of a study: one HTML file that opens from disk and asks nothing of any network."""

from __future__ import annotations

import shlex
from pathlib import Path

from ml.study import report_numbers, report_words
from ml.study.records import Study
from ml.study.report_answers import answers_of
from ml.study.report_page import render_page, settings_in_words
from ml.study.report_systems import systems_of
from ml.study.report_tables import figure_of, leaks_of, table_of
from ml.whole_files import whole_file

_STYLES = ("app.css", "dashboard.css", "study.css")


def write_report(study: Study, path: Path) -> None:
    """Write the report to ``path``: whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(render_report(study), encoding="utf-8")


def render_report(study: Study) -> str:
    """Return the report as HTML, with its styles, its program and its pictures inside."""
    return render_page(
        "study/report.html",
        _STYLES,
        "study.js",
        study=study,
        answers=answers_of(study),
        honest=table_of(study, "honest"),
        as_published=table_of(study, "study"),
        leaks=leaks_of(study.leaks),
        systems=systems_of(study),
        command=_command(study),
        words=report_words,
        numbers=report_numbers,
        figure_of=figure_of,
    )


def _command(study: Study) -> str:
    """Return the command that measures all of this again, with the options that are known."""
    known = study.settings
    words = [
        *settings_in_words(known),
        "shelfwise",
        "study",
        study.source,
        "--images",
        "IMAGES",
        "--out",
        "OUT",
    ]
    if known.get("only"):
        words += ["--only", ",".join(known["only"])]
    if known.get("protocols"):
        protocols = known["protocols"]
        words += ["--protocol", protocols[0] if len(protocols) == 1 else "both"]
    for option in ("repeats", "seed"):
        if option in known:
            words += [f"--{option}", str(known[option])]
    return shlex.join(words)
