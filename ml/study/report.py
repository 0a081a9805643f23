"""The report of a study: one HTML file that opens from disk and asks nothing of any network."""

from __future__ import annotations

import base64
import hashlib
import shlex
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ml.study import report_numbers, report_words
from ml.study.records import Study
from ml.study.report_answers import answers_of
from ml.study.report_systems import systems_of
from ml.study.report_tables import figure_of, leaks_of, table_of
from ml.whole_files import whole_file

_PROJECT = Path(__file__).resolve().parents[2]
_STATIC = _PROJECT / "static"
_STYLES = ("app.css", "dashboard.css", "study.css")
_CHART = "chart-4.6.1"
_VARIABLES = {
    "SHELFWISE_IMAGE_BACKBONE": "backbone",
    "SHELFWISE_IMAGE_WEIGHTS": "weights",
    "SHELFWISE_IMAGE_POOLING": "pooling",
    "SHELFWISE_IMAGE_PRECISION": "precision",
}


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
    style = "\n".join((_STATIC / name).read_text("utf-8") for name in _STYLES)
    licence = (_STATIC / "vendor" / f"{_CHART}.LICENSE").read_text("utf-8")
    chart = (_STATIC / "vendor" / f"{_CHART}.umd.min.js").read_text("utf-8")
    scripts = [f"/*\n{licence}*/\n{chart}", (_STATIC / "study.js").read_text("utf-8")]
    template = _environment().get_template("study/report.html")
    return template.render(
        study=study,
        style=style,
        scripts=scripts,
        logo=(_STATIC / "img" / "shelfwise.svg").read_bytes(),
        policy=_policy(style, scripts),
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


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PROJECT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode("ascii")
    return environment


def _policy(style: str, scripts: list[str]) -> str:
    """Return a content security policy: these very texts may act, and nothing is fetched."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = " ".join(map(digest, scripts))
    return (
        f"default-src 'none'; img-src data:; style-src {digest(style)}; script-src {allowed}; "
        "base-uri 'none'; form-action 'none'"
    )


def _command(study: Study) -> str:
    """Return the command that measures all of this again, with the options that are known."""
    known = study.settings
    words = [
        f"{variable}={known[setting]}"
        for variable, setting in _VARIABLES.items()
        if known.get(setting)
    ]
    words += ["shelfwise", "study", study.source, "--images", "IMAGES", "--out", "OUT"]
    if known.get("only"):
        words += ["--only", ",".join(known["only"])]
    if known.get("protocols"):
        protocols = known["protocols"]
        words += ["--protocol", protocols[0] if len(protocols) == 1 else "both"]
    for option in ("repeats", "seed"):
        if option in known:
            words += [f"--{option}", str(known[option])]
    return shlex.join(words)
