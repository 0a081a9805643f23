import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from webapp.domain.errors import InvalidInputError
from webapp.domain.export import (
    COLUMN_NAMES,
    COLUMNS,
    NOTES,
    ExportRow,
    Format,
    header,
    read_moment,
    write_rows,
    write_time,
)
from webapp.domain.spreadsheets import safe_cell

ROW = ExportRow(
    external_id="A1",
    name='Mug, "blue"',
    brand="Café",
    price="4.50",
    description="First line\nsecond line",
    source_path="Kitchen > Mugs",
    source_category="Kitchen",
    state="open",
    category=None,
    decided_by="nobody",
    decided_at=None,
    verdict=None,
    annotation_id=None,
    shown_category=None,
    shown_probability=None,
    shown_round=None,
    predicted_category="Kitchen",
    predicted_probability=0.75,
    predicted_round=2,
    split="training",
)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1"],  # noqa: RUF001
)
def test_a_text_that_could_run_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["899", "-4.50", "+33", -1.5, 0, None, "", "Mug = cup", "a-b"])
def test_numbers_and_harmless_texts_stay(value):
    assert safe_cell(value) == value


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "-x", "plain", "'90s"])
def test_taking_one_apostrophe_off_gives_every_original_back(text):
    assert safe_cell(text).removeprefix("'") == text


@pytest.mark.parametrize("format", [Format.CSV, Format.EXCEL])
def test_a_csv_is_read_back_by_any_reader(format):
    text = header(format) + write_rows(format, [ROW, replace(ROW, external_id="=A2")])

    rows = list(csv.DictReader(io.StringIO(text.encode().decode("utf-8-sig"), newline="")))

    assert [row["external_id"] for row in rows] == ["A1", "'=A2"]
    assert rows[0]["name"] == 'Mug, "blue"'
    assert rows[0]["description"] == "First line\nsecond line"
    assert rows[0]["predicted_probability"] == "0.75"
    assert rows[0]["category"] == ""


def test_only_the_file_for_excel_begins_with_a_byte_order_mark():
    assert header(Format.EXCEL).encode().startswith(b"\xef\xbb\xbf")
    assert header(Format.CSV).startswith("external_id,")


def test_json_lines_hold_texts_and_types_as_they_are():
    lines = write_rows(Format.JSON_LINES, [replace(ROW, name="=1+1"), ROW]).splitlines()

    first = json.loads(lines[0])
    assert len(lines) == 2
    assert list(first) == list(COLUMN_NAMES)
    assert (first["name"], first["brand"], first["category"]) == ("=1+1", "Café", None)
    assert (first["predicted_round"], first["predicted_probability"]) == (2, 0.75)


def test_every_column_has_a_meaning():
    assert tuple(column.name for column in COLUMNS) == COLUMN_NAMES
    assert all(column.meaning.endswith(".") for column in COLUMNS)
    assert set(NOTES) == set(Format)


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01T12:00", " 2026-03-01 12:00 "],
)
def test_a_moment_is_utc_unless_it_says_otherwise(text, now):
    assert read_moment(text, now=now) == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_no_moment_means_now(now):
    assert read_moment("", now=now) == now


def test_a_moment_that_was_written_is_read_again(now):
    moment = now.replace(hour=3, microsecond=123)

    assert read_moment(write_time(moment), now=now) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+23:00"])
def test_what_is_no_moment_is_refused_with_an_example(text, now):
    with pytest.raises(InvalidInputError, match="Write it like 2026-03-01T12:00:00Z"):
        read_moment(text, now=now)


def test_the_future_is_refused(now):
    with pytest.raises(InvalidInputError, match="lies in the future"):
        read_moment("2026-03-01T12:00:01Z", now=now)
