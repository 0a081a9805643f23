"""Collect the sentences that a person sees and bring the French catalogue up to date.

A sentence is what stands in ``_()``, ``gettext()``, ``N_()`` and their kin, and the first argument
of an ``AppError``: errors are raised in English where they happen and translated at the door.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webapp.config import PROJECT
from webapp.domain import errors, imports

LANGUAGES = ("fr",)
FOLDER = Path(__file__).resolve().parent
_METHODS = {"webapp": [("**.py", "python")], "templates": [("**.html", "jinja2")]}
_REFUSALS = {
    name: None
    for name, kind in (vars(errors) | vars(imports)).items()
    if isinstance(kind, type) and issubclass(kind, errors.AppError)
}


def collect() -> Catalog:
    """Return every sentence of the program and its templates."""
    template = Catalog(project="Shelfwise", charset="utf-8")
    keywords = {**DEFAULT_KEYWORDS, **_REFUSALS, "lazy_gettext": None, "Column": (2,)}
    for folder, methods in _METHODS.items():
        for file, _line, message, comments, context in extract_from_dir(
            PROJECT / folder,
            method_map=methods,
            options_map={"**.html": {"trimmed": "true"}},
            keywords=keywords,
            comment_tags=("translators:",),
        ):
            template.add(
                message,
                None,
                [(f"{folder}/{file}", 0)],  # without line numbers: they change with every edit
                auto_comments=comments,
                context=context,
            )
    return template


def read_catalogue(language: str) -> Catalog:
    """Return the translated sentences of a language, empty where there are none yet."""
    path = _path(language, "po")
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def untranslated(language: str) -> list[str]:
    """Return the sentences of the program that a language lacks."""
    known = read_catalogue(language)
    missing = []
    for message in collect():
        if not message.id:
            continue
        found = known.get(message.id, context=message.context)
        if found is None or not all(_texts(found.string)) or found.fuzzy:
            missing.append(str(message.id))
    return missing


def update(language: str) -> list[str]:
    """Write the catalogue of a language anew; return what is still to be translated."""
    catalogue = read_catalogue(language)
    # A new date alone would change the files at every run.
    catalogue.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    _path(language, "po").parent.mkdir(parents=True, exist_ok=True)
    with _path(language, "po").open("wb") as file:
        write_po(file, catalogue, omit_header=False, sort_output=True, include_lineno=False)
    with _path(language, "mo").open("wb") as file:
        write_mo(file, catalogue)
    return untranslated(language)


def _texts(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or [""])


def _path(language: str, suffix: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"messages.{suffix}"


if __name__ == "__main__":
    for code in LANGUAGES:
        for sentence in update(code):
            sys.stdout.write(f"{code}: not translated: {sentence}\n")
