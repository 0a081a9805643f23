from datetime import UTC, datetime

from webapp.domain.dashboard import (
    N_SHADES,
    Agreement,
    Dashboard,
    Labelling,
    RoundQuality,
    TeamPace,
    median_s,
    read_baselines,
    read_confusion,
)
from webapp.domain.figures import Figure, read_figure
from webapp.domain.next_step import NextStep, Situation


def test_a_figure_without_a_value_is_none():
    metrics = {"ari": {"value": None, "low": None, "high": None, "n": 0}}

    assert read_figure(metrics, "ari") is None
    assert read_figure(metrics, "accuracy") is None


def test_a_figure_keeps_its_interval_and_n():
    metrics = {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95, "n": 40}}

    assert read_figure(metrics, "accuracy") == Figure(0.9, 0.8, 0.95, 40)


def test_rows_of_the_matrix_are_true_and_columns_predicted():
    rows = read_confusion([7, 8], [[3, 1], [0, 2]])

    assert [(row.category_id, row.n) for row in rows] == [(7, 4), (8, 2)]
    mistake = rows[0].cells[1]
    assert (mistake.true_id, mistake.predicted_id, mistake.count) == (7, 8, 1)
    assert mistake.share == 0.25
    assert not mistake.is_right
    assert rows[1].cells[1].is_right


def test_categories_without_a_product_leave_the_matrix():
    rows = read_confusion([1, 2, 3], [[2, 0, 1], [0, 0, 0], [0, 0, 0]])

    assert [row.category_id for row in rows] == [1, 3]  # 3 was only predicted
    assert [cell.predicted_id for cell in rows[0].cells] == [1, 3]
    assert rows[1].n == 0


def test_a_single_product_among_many_still_has_a_shade():
    rows = read_confusion([1, 2], [[999, 1], [0, 5]])

    assert rows[0].cells[1].shade == 1
    assert rows[0].cells[0].shade == N_SHADES
    assert rows[1].cells[0].shade == 0


def dashboard_of(*, rounds=(), confusion=()):
    return Dashboard(
        live=None,
        worth=None,
        situation=Situation(0, 0, False, False, None, False, 0, 0, 0, 0, None, False),
        step=NextStep.IMPORT,
        rounds=rounds,
        labelling=Labelling(0, 0, 0),
        agreement=Agreement(0, 0, 0, 0),
        pace=TeamPace((), None),
        coverage=(),
        confusion=confusion,
        category_names={},
    )


def test_mistakes_come_worst_first():
    dashboard = dashboard_of(confusion=read_confusion([1, 2], [[9, 2], [5, 9]]))

    assert [(cell.true_id, cell.count) for cell in dashboard.mistakes] == [(2, 5), (1, 2)]


def test_shares_of_nothing_are_zero():
    assert Labelling(0, 0, 0).share == 0


def test_open_products_are_the_rest():
    assert Labelling(n_products=10, n_labelled=6, n_flagged=1).n_open == 3


def test_the_median_is_in_seconds():
    assert median_s([1000, 9000, 3000]) == 3.0
    assert median_s([]) is None


def test_baselines_of_the_newest_round_come_first():
    def quality(number, *pipelines):
        baselines = read_baselines({name: {} for name in pipelines})
        return RoundQuality(
            id=number,
            number=number,
            finished_at=datetime(2026, 3, number, tzinfo=UTC),
            is_live=False,
            is_provisional=False,
            is_held=False,
            n_labels=0,
            n_source_categories=0,
            fallback=None,
            accuracy=None,
            ari=None,
            macro_f1=None,
            baselines=baselines,
        )

    rounds = (quality(1, "lda", "cnn"), quality(2), quality(3, "cnn", "nmf"))
    dashboard = dashboard_of(rounds=rounds)

    assert dashboard.baselines == ["cnn", "nmf", "lda"]
    assert [each.number for each in dashboard.rounds_with_baselines] == [3, 1]
    assert rounds[0].baseline("lda") is not None
    assert rounds[1].baseline("lda") is None


def test_a_baseline_is_read_with_its_figures_or_its_reason():
    ari = {"value": 0.4, "low": 0.3, "high": 0.5, "n": 50}
    scored, failed = read_baselines(
        {"lda": {"ari": ari, "ari_of": "clusters", "seconds": 1.5}, "cnn": {"reason": "no image"}}
    )

    assert scored.ari == Figure(0.4, 0.3, 0.5, 50)
    assert scored.is_of_groups
    assert (failed.ari, failed.reason) == (None, "no image")
