from dataclasses import replace

import pytest

from ml.contract import Epoch
from ml.study.records import Display, Points
from ml.study.report_numbers import count, decimal, ends, interval, percent, seconds, written
from ml.study.report_systems import shade, systems_of
from tests.ml.study.factories import make_figure, make_row, make_study, make_summary


def display_of(summary, **changes):
    display = Display(summary.system, summary.protocol, ((3, 1), (0, 0)), "predictions")
    return replace(display, **changes)


def only_system(**changes):
    summary = make_summary("cnn")
    display = display_of(summary, **changes)
    (system,) = systems_of(make_study(summary=(summary,), displays=(display,)))
    return system


def test_a_system_stands_once_with_its_honest_figures_first():
    summaries = (make_summary("cnn", protocol="study"), make_summary("cnn"), make_summary("nmf"))
    displays = tuple(display_of(summary) for summary in summaries)

    cnn, nmf = systems_of(make_study(summary=summaries, displays=displays))

    assert [summary.protocol for summary in cnn.summaries] == ["honest", "study"]
    assert [view.protocol for view in cnn.displays] == ["honest", "study"]
    assert [len(line.figures) for line in nmf.lines] == [1] * 6


def test_systems_stand_in_the_order_of_their_honest_figures():
    summaries = (
        make_summary("cnn", protocol="study", ari=0.99),
        make_summary("cnn", ari=0.2),
        make_summary("embedding_net", ari=0.9),
    )

    systems = systems_of(make_study(summary=summaries, displays=()))

    assert [system.name for system in systems] == ["embedding_net", "cnn"]


def test_cells_know_whether_they_are_right_and_how_much_of_their_row_they_are():
    (view,) = only_system().displays

    (right, wrong), empty = view.confusion
    assert (right.count, right.shade, right.is_right) == (3, 4, True)
    assert (wrong.count, wrong.shade, wrong.is_right) == (1, 2, False)
    assert [cell.shade for cell in empty] == [0, 0]


def test_a_shade_is_between_one_and_five_for_whatever_is_there():
    assert [shade(each, 1000) for each in (0, 1, 200, 201, 999, 1000)] == [0, 1, 1, 2, 5, 5]


def test_points_are_scaled_to_a_square_and_sorted_by_category():
    points = Points("pca", ((-2.0, 7.0), (2.0, 7.0), (0.0, 7.0)), (2, 0, 2))

    (view,) = only_system(maps=(points,)).displays

    assert view.maps[0].chart["series"] == [[1000, 0], [], [0, 0, 500, 0]]
    assert view.maps[0].n_products == 3


def test_a_map_without_points_is_not_shown():
    (view,) = only_system(maps=(Points("tsne", (), ()),)).displays

    assert view.maps == ()


def test_a_curve_keeps_what_was_not_held_out_empty():
    (view,) = only_system(curve=(Epoch(1.23456, None), Epoch(0.5, 0.75))).displays

    assert view.curve_chart["loss"] == [1.2346, 0.5]
    assert view.curve_chart["held_out_loss"] == [None, 0.75]


def test_what_was_prepared_once_is_summed_over_the_rows_of_a_system():
    summary = make_summary("cnn")
    rows = (make_row(summary, prepare_s=20.0), make_row(summary, repeat=1, prepare_s=0.5))

    (system,) = systems_of(make_study(summary=(summary,), rows=rows, displays=()))

    assert system.prepare_s == pytest.approx(20.5)


def test_a_system_that_nobody_has_described_still_has_its_place():
    (system,) = systems_of(make_study(summary=(make_summary("brand_new"),), displays=()))

    assert system.words == ""


def test_numbers_are_written_as_people_read_them():
    assert decimal(-0.0001) == "0.000"
    assert decimal(-0.0312) == "\N{MINUS SIGN}0.031"
    assert percent(0.9523).replace("\N{NO-BREAK SPACE}", " ") == "95.2 %"
    assert written("accuracy", None) == "\N{EN DASH}"
    assert count(2_670_631) == "2,670,631"
    assert [seconds(each) for each in (0.0, 59.94, 416.2, 4160.0)] == [
        "0.00",
        "59.9",
        "416",
        "4,160",
    ]


def test_an_interval_is_empty_where_there_is_none():
    figure = make_figure(0.9, 0.02)

    assert interval("ari_of_predictions", figure) == "0.880 to 0.920"
    assert ends("accuracy", figure) == "88.0\N{EN DASH}92.0\N{NO-BREAK SPACE}%"
    assert interval("accuracy", replace(figure, low=None)) == ""
