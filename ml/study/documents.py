"""A study as files: ``study.json``, ``study.csv`` and the report, each whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from ml.study.records import Study
from ml.study.report import write_report
from ml.whole_files import whole_file


def document_of(study: Study) -> dict[str, Any]:
    """Return a study as JSON keeps it: the figures, without what only the report draws."""
    return {
        **study.subject_as_dict(),
        "rows": [row.as_dict() for row in study.rows],
        "summary": [summary.as_dict() for summary in study.summary],
        "leakage": [leak.as_dict() for leak in study.leaks],
    }


def write_documents(study: Study, out: Path) -> None:
    """Write the three files into ``out``."""
    text = json.dumps(document_of(study), indent=2, ensure_ascii=False, allow_nan=False)
    table = pd.DataFrame(
        [row.as_dict() | {"left_out": " ".join(row.left_out)} for row in study.rows]
    )
    _write(out / "study.json", lambda path: path.write_text(text + "\n", encoding="utf-8"))
    _write(out / "study.csv", lambda path: table.to_csv(path, index=False))
    write_report(study, out / "study.html")


def _write(path: Path, write: Callable[[Path], object]) -> None:
    with whole_file(path) as unfinished:
        write(unfinished)
