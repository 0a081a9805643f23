from dataclasses import replace

import pytest

from ml.study.records import Figure
from ml.study.report_tables import best_of, compare, leaks_of, table_of
from tests.ml.study.factories import make_figure, make_leak, make_row, make_study, make_summary


def without_predictions(summary, clusters):
    return replace(
        summary,
        figures=summary.figures
        | {"ari_of_predictions": Figure(), "ari_of_clusters": make_figure(clusters)},
    )


def test_the_highest_ari_comes_first_and_groups_without_predictions_last():
    summaries = (
        without_predictions(make_summary("nmf"), clusters=0.99),
        make_summary("cnn", ari=0.2),
        make_summary("embedding_net", ari=0.9),
        make_summary("lda", figures={}),
    )

    rows = table_of(make_study(summary=summaries, displays=()), "honest")

    assert [row.summary.system for row in rows] == ["embedding_net", "cnn", "nmf", "lda"]
    assert [row.is_best for row in rows] == [True, False, False, False]
    assert [row.of for row in rows[2:]] == ["ari_of_clusters", "ari_of_clusters"]
    assert rows[3].whisker is None


def test_a_table_holds_its_own_protocol_only():
    study = make_study(
        summary=(make_summary("cnn"), make_summary("cnn", protocol="study")), displays=()
    )

    (row,) = table_of(study, "study")

    assert row.summary.protocol == "study"


def test_places_on_the_line_go_from_zero_to_one():
    summary = make_summary("cnn", protocol="study", ari=0.5, published_ari=0.25)

    (row,) = table_of(make_study(summary=(summary,), displays=()), "study")

    assert (row.whisker.value, row.whisker.low, row.whisker.high) == (50.0, 46.0, 54.0)
    assert (row.whisker.published, row.whisker.zero) == (25.0, 0.0)


def test_a_published_figure_is_never_marked_among_honest_ones():
    summary = make_summary("cnn", published_ari=0.25)

    (row,) = table_of(make_study(summary=(summary,), displays=()), "honest")

    assert row.whisker.published is None


def test_the_line_begins_further_left_where_a_figure_is_below_zero():
    summary = make_summary("cnn", figures={"ari_of_predictions": Figure(-0.1, -0.25, 0.1)})

    (row,) = table_of(make_study(summary=(summary,), displays=()), "honest")

    assert row.whisker.low == 0.0
    assert row.whisker.zero == 20.0


def test_what_learned_from_the_products_it_is_scored_on_is_marked():
    honest = make_summary("nmf")
    study_way = make_summary("nmf", protocol="study")
    study = make_study(
        summary=(honest, study_way),
        rows=(make_row(honest), make_row(study_way, is_transductive=True)),
        displays=(),
    )

    assert [row.is_transductive for row in table_of(study, "honest")] == [False]
    assert [row.is_transductive for row in table_of(study, "study")] == [True]


@pytest.mark.parametrize(
    ("figure", "published", "words"),
    [
        (Figure(0.80, 0.74, 0.86), None, "the study gives no figure"),
        (Figure(), 0.5, "not measured here"),
        (Figure(0.80, 0.74, 0.86), 0.85, "agrees: the study's figure is within our interval"),
        (Figure(0.80, 0.74, 0.86), 0.99, "0.19 lower here, beyond the interval"),
        (Figure(0.80, 0.74, 0.86), 0.57, "0.23 higher here, beyond the interval"),
        (Figure(0.80), 0.57, "0.23 higher here; there is no interval to judge it by"),
        (Figure(0.802), 0.80, "the same"),
    ],
)
def test_a_difference_from_the_published_figure_is_put_into_words(figure, published, words):
    assert compare(figure, published) == words


def test_a_known_reason_is_given_only_where_the_figures_differ():
    far = make_summary("fusion_mean", ari=0.80, published_ari=0.99)
    near = make_summary("fusion_mean", ari=0.98, published_ari=0.99)

    (differing,) = table_of(make_study(summary=(far,), displays=()), "honest")
    (agreeing,) = table_of(make_study(summary=(near,), displays=()), "honest")

    assert "leak" in differing.why
    assert agreeing.why == ""


def test_the_best_is_none_where_nothing_predicts():
    assert best_of([without_predictions(make_summary("nmf"), 0.9)]) is None


def test_repeats_of_a_split_become_one_line_with_the_range_of_its_errors():
    leaks = [
        make_leak("shared", 0.80, 26),
        make_leak("own", 0.99, 1),
        make_leak("own", 0.97, 4, repeat=1),
    ]

    own, shared = leaks_of(leaks)

    assert (own.split, shared.split) == ("own", "shared")
    assert (own.n_repeats, own.n_errors, own.fewest, own.most) == (2, 2.5, 1, 4)
    assert own.ari == pytest.approx(0.98)
    assert leaks_of([make_leak("own", figures={})])[0].ari is None
