import io
import json

import pytest

from webapp.domain.import_files import read_table
from webapp.domain.imports import ImportProblem, ImportRejectedError, SourceRow
from webapp.domain.text_lines import MAX_LINE_CHARS


def read(content: str | bytes, file_name: str = "products.csv"):
    content = content.encode() if isinstance(content, str) else content
    return list(read_table(io.BytesIO(content), file_name=file_name).rows)


def lines_of(rows):
    return [(type(row).__name__, row.line) for row in rows]


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_delimiter_is_found(self, delimiter):
        (row,) = read(f"id{delimiter}name\n1{delimiter}Blue mug\n")

        assert row == SourceRow(2, {"id": "1", "name": "Blue mug"})

    def test_byte_order_mark_is_no_part_of_the_first_column(self):
        assert read(b"\xef\xbb\xbfid,name\n1,Mug\n")[0].values["id"] == "1"

    def test_utf_16_with_its_mark_is_read(self):
        assert read("id;name\n1;Été\n".encode("utf-16"))[0].values["name"] == "Été"

    def test_line_is_that_on_which_the_row_begins(self):
        rows = read('id,text\n1,"two\nlines"\n\n2,x\n')

        assert lines_of(rows) == [("SourceRow", 2), ("SourceRow", 5)]

    def test_old_line_ends_are_read(self):
        assert lines_of(read("id,name\r1,a\r2,b\r")) == [("SourceRow", 2), ("SourceRow", 3)]

    def test_row_with_too_few_values_is_named_with_the_first_column_that_is_missing(self):
        good, bad = read("id,name,price\n1,a,2\n2,b\n")

        assert good.line == 2
        assert bad == ImportProblem(3, "price", "b", "the row has 2 values and the header 3")

    def test_missing_quote_costs_one_row_and_not_those_behind_it(self):
        rows = read('id,name\n1,a\n2,"b\n3,"c"\n4,d\n')

        assert lines_of(rows) == [
            ("SourceRow", 2),
            ("ImportProblem", 3),
            ("SourceRow", 4),
            ("SourceRow", 5),
        ]

    def test_file_that_ends_inside_a_value_gives_one_problem_with_all_its_lines(self):
        good, bad = read('id,name,text\n1,a,b\n2,b,"one\ntwo\nthr')

        assert good.line == 2
        assert bad.line == 3
        assert "cut off" in bad.reason
        assert "(lines 3 to 5)" in bad.reason

    def test_quote_inside_a_value_is_named(self):
        bad, good = read('id,name\n1,"a "big" mug"\n2,b\n')

        assert "quote" in bad.reason
        assert good.values["name"] == "b"

    def test_value_that_is_too_long_is_stepped_over(self):
        bad, good = read(f"id,name\n1,{'x' * 200_000}\n2,b\n")

        assert "longer than 131,072 characters" in bad.reason
        assert len(bad.value) <= 80
        assert good.line == 3

    def test_line_without_end_neither_fills_the_memory_nor_stops_the_rest(self):
        bad, good = read(f"id,name\n1,{'x' * (2 * MAX_LINE_CHARS)}\n2,b\n")

        assert (bad.line, good.line) == (2, 3)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"\n\n", "empty"),
            (b"PK\x03\x04rest", "Excel workbook or a ZIP"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "cannot be read"),
            (b"id,caf\xe9\n1,2\n", "UTF-8"),
            (b"id,name,name\n1,2,3\n", "name twice"),
            (b'[{"id": 1}]', "one JSON list"),
        ],
    )
    def test_what_is_no_table_is_refused_in_plain_words(self, content, words):
        with pytest.raises(ImportRejectedError, match=words):
            read(content)


class TestJsonLines:
    def test_objects_are_rows_whatever_the_file_is_called(self):
        (row,) = read('{"id": 1, "images": ["a.jpg"]}\n', file_name="products.txt")

        assert row == SourceRow(1, {"id": 1, "images": ["a.jpg"]})

    def test_columns_are_those_of_the_first_objects_in_their_order(self):
        content = io.BytesIO(b'{"id": 1}\n{"id": 2, "name": "b"}\n')

        assert read_table(content, file_name="x.jsonl").columns == ("id", "name")

    def test_broken_lines_are_named_and_the_others_read(self):
        deep = "[" * 100_000
        rows = read(
            f'{{"id": 1}}\n{deep}\n[1]\n{{"id": {"9" * 5000}}}\n\n{{"id": 2}}\n{{"id": 3, "na'
        )

        assert lines_of(rows) == [
            ("SourceRow", 1),
            ("ImportProblem", 2),
            ("ImportProblem", 3),
            ("ImportProblem", 4),
            ("SourceRow", 6),
            ("ImportProblem", 7),
        ]
        assert "no whole JSON object" in rows[-1].reason

    def test_file_without_an_object_is_refused(self):
        with pytest.raises(ImportRejectedError, match="no JSON object"):
            read("hello\n", file_name="x.jsonl")

    def test_only_the_rows_asked_for_are_read(self):
        lines = "".join(json.dumps({"id": n}) + "\n" for n in range(50_000)).encode()
        stream = io.BytesIO(lines)

        table = read_table(stream, file_name="x.jsonl")
        next(table.rows)

        assert stream.tell() < len(lines) / 2
