from ml.study import lines
from ml.study.lines import show, ticker
from ml.study.records import Figure


def test_a_figure_is_shown_with_its_interval():
    assert show(Figure(0.5, 0.25, 0.75)) == "0.500 [0.250, 0.750]"
    assert show(Figure()) == "unknown"


def test_quick_work_says_nothing_in_between():
    said = []
    tick = ticker("cnn", said.append)

    for done in range(1, 6):
        tick(done, 5)

    assert said == []


def test_slow_work_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(lines, "LINE_EVERY_S", 0.0)
    said = []

    ticker("cnn", said.append)(3, 20)

    assert said == ["cnn: 3 of 20"]
