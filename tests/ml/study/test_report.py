import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest

from ml.pipelines import PIPELINES
from ml.study.records import METRICS, Figure
from ml.study.report import render_report, write_report
from ml.study.report_words import METRICS as METRIC_WORDS
from ml.study.report_words import SYSTEMS
from tests.ml.study.factories import make_display, make_row, make_study, make_summary

HOSTILE = "</script><b>Mugs & 'jugs'</b>"


def embedded(html: str, key: str):
    found = re.search(rf'<script type="application/json" id="{key}">(.*?)</script>', html, re.S)
    assert found, f"no data for {key}"
    return json.loads(found[1])


def test_it_asks_for_nothing_outside_itself():
    html = render_report(make_study())

    addresses = re.findall(r"""<[^>]*\s(?:src|href|srcset|action)=["']([^"']*)""", html)
    assert addresses
    assert [each for each in addresses if not each.startswith(("#", "data:"))] == []
    assert re.findall(r"url\(|@import", html.split("</style>")[0]) == []
    assert "default-src &#39;none&#39;" in html


def test_the_policy_lets_exactly_its_own_texts_act():
    html = render_report(make_study())

    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    texts = [*re.findall(r"<script>(.*?)</script>", html, re.S), html.split("<style>")[1]]
    texts[-1] = texts[-1].split("</style>")[0]
    digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}
    assert len(digests) == 3
    assert set(re.findall(r"sha256-([^&]*)&#39;", policy)) == digests
    assert "unsafe" not in policy


def test_it_carries_the_licence_of_the_charts_once():
    html = render_report(make_study())

    assert html.count("Permission is hereby granted") == 1
    assert html.count("Chart.js v4") == 1


def test_words_of_the_catalogue_never_become_markup():
    study = make_study(categories=(HOSTILE, "Towels"), source=HOSTILE, left_out=(HOSTILE,))
    study = replace(study, key_points=((HOSTILE, b"\xff\xd8"),), settings={"backbone": HOSTILE})

    html = render_report(study)

    assert "<b>Mugs" not in html
    assert embedded(html, "categories") == [HOSTILE, "Towels"]
    assert html.count("<script") == html.count("</script>")


def test_every_system_has_a_place_that_its_name_in_the_tables_leads_to():
    html = render_report(make_study())

    led_to = set(re.findall(r'href="#(system-[^"]*)"', html))
    assert led_to == {f"system-{name}" for name in PIPELINES}
    assert led_to == set(re.findall(r'<details[^>]* id="(system-[^"]*)"', html))


def test_no_id_stands_twice():
    markup = re.sub(r"<script>.*?</script>", "", render_report(make_study()), flags=re.S)
    ids = re.findall(r'\sid="([^"]*)"', markup)

    assert sorted(ids) == sorted(set(ids))


def test_every_canvas_has_its_data():
    html = render_report(make_study())

    keys = re.findall(r'data-chart="([^"]*)"', html)
    assert any(key.startswith("curve-") for key in keys)
    assert {embedded(html, key)["kind"] for key in keys} == {"map", "curve"}


def test_the_figures_stand_in_the_table_with_their_interval_and_n():
    summary = make_summary("embedding_net", ari=0.912)

    html = render_report(make_study(summary=(summary,), displays=()))

    assert "<b>0.912</b>" in html
    assert "0.872\N{EN DASH}0.952" in html
    assert ">168<" in html


@pytest.mark.parametrize("protocol", ["study", "honest"])
def test_one_protocol_is_enough_and_the_other_is_said_to_be_missing(protocol):
    study = make_study()
    one = tuple(summary for summary in study.summary if summary.protocol == protocol)

    html = render_report(
        make_study(summary=one, displays=(), rows=(), leaks=(), words=(), key_points=())
    )

    missing = {"study": "The honest protocol was not run", "honest": "study protocol was not run"}
    assert missing[protocol] in html
    assert "The demonstration was not run" in html


def test_a_system_without_any_figure_shows_dashes():
    summary = make_summary("nmf", figures=dict.fromkeys(METRICS, Figure()), memory_mb=None)

    html = render_report(make_study(summary=(summary,), displays=()))

    assert "<b>\N{EN DASH}</b>" in html
    assert "None" not in html.split("<main")[1].split("<script>")[0]


def test_thirty_categories_each_get_a_row_and_a_mark_of_their_own():
    names = tuple(f"Shelf {number}" for number in range(30))
    summary = make_summary()
    display = make_display(summary, names)

    html = render_report(
        make_study(categories=names, summary=(summary,), displays=(display,), words=())
    )

    marks = re.findall(r'class="mark colour-(\d)">.*?path d="([^"]*)"', html)
    assert html.count('<th scope="row">Shelf ') == 30
    assert len(set(marks)) == 30


def test_what_was_left_out_of_a_system_is_said_there_once():
    summary = make_summary()
    rows = tuple(
        make_row(summary, repeat=repeat, left_out=("3 of 168 products have no image.",))
        for repeat in range(2)
    )

    html = render_report(make_study(summary=(summary,), rows=rows, displays=()))

    assert html.count("3 of 168 products have no image.") == 1


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"seed": 3, "repeats": 2, "protocols": ["study", "honest"]}, "--protocol both"),
        ({"protocols": ["honest"], "only": ["nmf", "lda"]}, "--only nmf,lda --protocol honest"),
        ({"seed": 3, "repeats": 2}, "--repeats 2 --seed 3"),
        (
            {"backbone": "MobileNetV2", "weights": "mobile.h5", "pooling": None},
            "SHELFWISE_IMAGE_BACKBONE=MobileNetV2 SHELFWISE_IMAGE_WEIGHTS=mobile.h5 shelfwise",
        ),
    ],
)
def test_it_says_the_command_that_measures_it_again(settings, options):
    html = render_report(make_study(settings=settings))

    assert options in html


@pytest.mark.parametrize(("backbone", "says_so"), [("MobileNetV2", True), ("VGG16", False)])
def test_a_network_in_place_of_vgg16_is_said_to_stand_in_for_it(backbone, says_so):
    html = render_report(make_study(settings={"backbone": backbone}))

    assert ("stands in for the study's VGG16" in html) == says_so
    assert html.count("Here with MobileNetV2 in place of VGG16.") == (6 if says_so else 0)


def test_the_same_study_gives_the_same_bytes(tmp_path):
    for name in ("first.html", "second.html"):
        write_report(make_study(), tmp_path / name)

    assert (tmp_path / "first.html").read_bytes() == (tmp_path / "second.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.html", "second.html"]


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "study.html"
    path.write_text("the old one")

    def fail(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_text", fail)
    with pytest.raises(OSError, match="No space left"):
        write_report(make_study(), path)

    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_study_of_the_usual_size_stays_below_three_megabytes():
    summary = make_summary()
    display = make_display(summary, n_products=840)
    displays = tuple(
        replace(display, system=f"system-{number}", protocol=protocol)
        for number in range(22)
        for protocol in ("honest", "study")
    )
    summaries = tuple(
        make_summary(each.system, title=each.system, protocol=each.protocol) for each in displays
    )

    html = render_report(make_study(summary=summaries, displays=displays))

    assert len(html.encode()) < 2_500_000  # which leaves half a megabyte for photos


def test_every_pipeline_and_metric_is_put_into_plain_words():
    assert sorted(PIPELINES.keys() - SYSTEMS.keys()) == []
    assert list(METRIC_WORDS) == list(METRICS)
