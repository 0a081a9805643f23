"""What reports are made of: one HTML file, its styles and programs inside, fetching nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_PROJECT = Path(__file__).resolve().parents[2]
_STATIC = _PROJECT / "static"
_CHART = "chart-4.6.1"
_VARIABLES = {
    "SHELFWISE_IMAGE_BACKBONE": "backbone",
    "SHELFWISE_IMAGE_WEIGHTS": "weights",
    "SHELFWISE_IMAGE_POOLING": "pooling",
    "SHELFWISE_IMAGE_PRECISION": "precision",
}


def render_page(template: str, styles: tuple[str, ...], program: str, **values: Any) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    template
        Below ``templates/``; it finds ``style``, ``scripts``, ``logo`` and ``policy`` beside the
        ``values``.
    styles, program
        Files below ``static/``; the library of charts comes before the program.
    """
    style = "\n".join((_STATIC / name).read_text("utf-8") for name in styles)
    licence = (_STATIC / "vendor" / f"{_CHART}.LICENSE").read_text("utf-8")
    chart = (_STATIC / "vendor" / f"{_CHART}.umd.min.js").read_text("utf-8")
    scripts = [f"/*\n{licence}*/\n{chart}", (_STATIC / program).read_text("utf-8")]
    return (
        _environment()
        .get_template(template)
        .render(
            style=style,
            scripts=scripts,
            logo=(_STATIC / "img" / "shelfwise.svg").read_bytes(),
            policy=_policy(style, scripts),
            **values,
        )
    )


def settings_in_words(settings: Mapping[str, Any]) -> list[str]:
    """Return what stands before a command: the variables of the settings that are known."""
    return [
        f"{variable}={settings[name]}"
        for variable, name in _VARIABLES.items()
        if settings.get(name)
    ]


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
