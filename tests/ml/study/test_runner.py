"""A study runs every system once, keeps what is finished, and says what it leaves out."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.errors import MlError, NotEnoughDataError
from ml.study.documents import document_of
from ml.study.runner import StudyOptions, run_study
from ml.study.systems import PROTOCOLS, System
from tests.fakes import CountingPipeline
from tests.ml.study.studies import add_system, make_products, run, use_fake_systems

HERE = "tests.ml.study.studies"


@pytest.fixture(autouse=True)
def fakes(monkeypatch):
    use_fake_systems(monkeypatch)


@pytest.fixture
def products():
    return make_products()


class TestRows:
    def test_there_is_one_for_each_system_protocol_and_repeat(self, products, tmp_path):
        study = run(products, tmp_path, repeats=2)

        assert [(row.protocol, row.repeat, row.system) for row in study.rows] == [
            (protocol, repeat, system)
            for protocol in PROTOCOLS
            for repeat in (0, 1)
            for system in ("fake_text", "fake_image")
        ]

    def test_text_learned_from_words_is_mostly_right(self, products, tmp_path):
        row = run(products, tmp_path, only=("fake_text",), protocols=("honest",)).rows[0]

        assert row.figures["accuracy"].value > 0.8
        assert row.figures["accuracy"].low < row.figures["accuracy"].value
        assert row.figures["ari_of_clusters"].value is not None

    def test_image_systems_meet_products_with_an_image_alone(self, products, tmp_path):
        study = run(products, tmp_path, only=("fake_image",), protocols=("study",))

        row = study.rows[0]
        assert row.n_train + row.n_test == products.batch.has_image().sum()
        assert any("have no image that can be read" in reason for reason in row.left_out)

    def test_study_protocol_reads_descriptions_alone(self, products, tmp_path):
        named = replace(
            products,
            batch=replace(
                products.batch,
                names=products.batch.descriptions,
                descriptions=("",) * len(products.batch),
            ),
        )

        study = run(named, tmp_path, only=("fake_text",))

        assert [row.protocol for row in study.rows] == ["honest"]
        assert any("fake_text" in reason and "text" in reason for reason in study.left_out)

    def test_fusion_of_products_without_description_and_image_is_left_out(
        self, tmp_path, monkeypatch
    ):
        bare = make_products(with_image=0.0, with_text=0.0)
        named = replace(bare, batch=replace(bare.batch, names=("clock",) * len(bare.batch)))
        fusion = System("fake_fusion", PROTOCOLS)
        add_system(monkeypatch, fusion, "both", "tests.fakes:build_text")

        study = run(named, tmp_path, only=("fake_text", "fake_fusion"))

        assert {(row.system, row.protocol) for row in study.rows} == {
            ("fake_text", "honest"),
            ("fake_fusion", "honest"),
        }
        assert any(
            "fake_fusion" in reason and "have any text or image" in reason
            for reason in study.left_out
        )

    def test_honest_systems_learn_from_no_near_duplicate_of_what_they_are_scored_on(
        self, products, tmp_path
    ):
        of_pairs = replace(products, groups=np.arange(len(products.batch)) // 2)

        (row,) = run(of_pairs, tmp_path, only=("fake_text",), protocols=("honest",)).rows

        (learned,) = CountingPipeline.fits
        group_of = dict(zip(of_pairs.batch.ids, of_pairs.groups.tolist(), strict=True))
        scored = set(of_pairs.batch.ids) - set(learned)
        assert (row.n_train, row.n_test) == (len(learned), len(scored))
        assert not {group_of[each] for each in learned} & {group_of[each] for each in scored}

    def test_transductive_system_is_scored_by_its_groups_alone(
        self, products, tmp_path, monkeypatch
    ):
        topical = System("fake_topics", PROTOCOLS, is_transductive=True, published_ari=0.5)
        add_system(monkeypatch, topical, "text", f"{HERE}:build_topical")

        study = run(products, tmp_path, only=("fake_topics",))

        in_study, honest = study.rows
        assert (in_study.n_train, in_study.n_test) == (len(products.batch),) * 2
        assert in_study.is_transductive
        assert in_study.figures["accuracy"].value is None
        assert abs(in_study.figures["ari_of_clusters"].value) < 0.1
        assert honest.figures["accuracy"].value > 0.8
        assert not honest.is_transductive
        assert study.displays[0].confusion_of == "clusters"
        assert study.displays[0].topic_words == (("clock",), ("towel",))
        assert np.sum(study.displays[0].confusion) == len(products.batch)
        assert study.summary[0].published_ari == 0.5

    def test_same_seed_same_figures(self, products, tmp_path):
        one, other = (run(products, tmp_path / name, repeats=2) for name in ("one", "other"))

        assert [row.figures for row in one.rows] == [row.figures for row in other.rows]
        assert one.displays == other.displays


class TestSummary:
    def test_repeats_of_the_honest_protocol_score_each_product_once(self, products, tmp_path):
        study = run(products, tmp_path, only=("fake_image",), protocols=("honest",), repeats=5)

        (summary,) = study.summary
        assert summary.n_test == products.batch.has_image().sum()
        assert summary.means["accuracy"] == pytest.approx(
            np.mean([row.figures["accuracy"].value for row in study.rows])
        )
        assert summary.deviations["accuracy"] > 0
        assert summary.figures["accuracy"].low <= summary.figures["accuracy"].value

    def test_one_repeat_has_no_deviation(self, products, tmp_path):
        assert run(products, tmp_path).summary[0].deviations["accuracy"] is None


class TestDisplays:
    def test_maps_show_the_scored_products_of_the_first_repeat(self, products, tmp_path):
        study = run(products, tmp_path, only=("fake_text",), protocols=("study",), repeats=2)

        (display,) = study.displays
        assert [points.method for points in display.maps] == ["pca", "tsne"]
        assert all(len(points.xy) == study.rows[0].n_test for points in display.maps)
        assert np.sum(display.confusion) == study.rows[0].n_test


class TestResuming:
    def test_finished_systems_are_taken_over(self, products, tmp_path):
        first = run(products, tmp_path)
        n_fits = len(CountingPipeline.fits)
        lines: list[str] = []

        again = run(products, tmp_path, lines=lines)

        assert len(CountingPipeline.fits) == n_fits > 0
        assert again == first
        assert all("(taken over)" in line for line in lines)

    def test_more_repeats_run_only_what_is_new(self, products, tmp_path):
        run(products, tmp_path, protocols=("honest",))
        n_fits = len(CountingPipeline.fits)

        run(products, tmp_path, protocols=("honest",), repeats=2)

        assert len(CountingPipeline.fits) == 2 * n_fits

    def test_after_an_interruption_no_system_is_fitted_twice(self, products, tmp_path, monkeypatch):
        add_system(monkeypatch, System("fake_stop"), "text", f"{HERE}:build_stopped")
        with pytest.raises(KeyboardInterrupt):
            run(products, tmp_path, protocols=("honest",))
        before = len(CountingPipeline.fits)
        add_system(monkeypatch, System("fake_stop"), "text", "tests.fakes:build_text")

        study = run(products, tmp_path, protocols=("honest",))

        assert [row.system for row in study.rows] == ["fake_text", "fake_image", "fake_stop"]
        assert (before, len(CountingPipeline.fits)) == (2, 3)

    def test_a_mistake_of_ours_stops_loudly_and_keeps_what_is_done(
        self, products, tmp_path, monkeypatch
    ):
        add_system(monkeypatch, System("fake_broken"), "text", f"{HERE}:build_broken")

        with pytest.raises(ZeroDivisionError):
            run(products, tmp_path, protocols=("honest",))

        assert len(list((tmp_path / "parts").glob("*/*.npz"))) == 2

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no part at all"])
    def test_a_damaged_part_is_measured_again(self, products, tmp_path, content):
        first = run(products, tmp_path, only=("fake_text",), protocols=("honest",))
        (part,) = (tmp_path / "parts").glob("*/*.npz")
        part.write_bytes(content)

        again = run(products, tmp_path, only=("fake_text",), protocols=("honest",))

        assert again.rows[0].figures == first.rows[0].figures
        assert len(CountingPipeline.fits) == 2

    @pytest.mark.parametrize(
        ("changed", "options"), [(make_products(seed=1), {}), (make_products(), {"seed": 1})]
    )
    def test_parts_of_another_study_are_not_used_and_that_is_said(
        self, products, tmp_path, changed, options
    ):
        run(products, tmp_path)
        before = len(CountingPipeline.fits)
        lines: list[str] = []

        run(changed, tmp_path, lines=lines, **options)

        assert len(CountingPipeline.fits) == 2 * before
        assert "of other products or settings" in lines[0]


class TestLeftOut:
    def test_a_system_that_cannot_run_is_left_out_with_its_reason(
        self, products, tmp_path, monkeypatch
    ):
        for name in ("fake_moon", "fake_mars"):
            add_system(monkeypatch, System(name), "text", f"{HERE}:build_refusing")

        study = run(products, tmp_path, repeats=2)

        assert {row.system for row in study.rows} == {"fake_text", "fake_image"}
        assert study.left_out == ("Left out: fake_moon, fake_mars: the weights are on the moon.",)

    def test_nothing_that_can_run_is_refused_in_words(self, products, tmp_path, monkeypatch):
        add_system(monkeypatch, System("fake_moon"), "text", f"{HERE}:build_refusing")

        with pytest.raises(NotEnoughDataError, match=r"No system could run.*on the moon"):
            run(products, tmp_path, only=("fake_moon",))

    @pytest.mark.parametrize(
        ("without", "system"), [("with_image", "fake_image"), ("with_text", "fake_text")]
    )
    def test_a_catalogue_may_lack_images_or_texts(self, tmp_path, without, system):
        study = run(make_products(**{without: 0.0}), tmp_path)

        assert system not in {row.system for row in study.rows}
        assert any(f"Left out: {system}" in sentence for sentence in study.left_out)

    def test_the_protocol_is_said_where_the_other_one_has_the_system(self, tmp_path):
        products = make_products()
        batch = replace(products.batch, names=products.batch.descriptions, descriptions=("",) * 120)

        study = run(replace(products, batch=batch), tmp_path, only=("fake_text",))

        assert [row.protocol for row in study.rows] == ["honest"]
        assert study.left_out[0].startswith("Left out: fake_text (protocol study): 0 products")

    def test_what_is_kept_tells_no_folder_of_the_machine(self, products, tmp_path, monkeypatch):
        add_system(monkeypatch, System("fake_moon"), "text", f"{HERE}:build_without_weights")
        settings = PipelineSettings(weights=tmp_path / "moon.h5")
        lines: list[str] = []

        study = run_study(products, StudyOptions(), settings, tmp_path, lines.append)

        assert study.left_out == ("Left out: fake_moon: there is no file moon.h5.",)
        assert any(str(tmp_path / "moon.h5") in line for line in lines)

    def test_systems_of_the_other_protocol_alone_are_refused_in_words(
        self, products, tmp_path, monkeypatch
    ):
        add_system(monkeypatch, System("fake_moon"), "text", f"{HERE}:build_refusing")

        with pytest.raises(MlError, match="fake_moon is measured under the other protocol alone"):
            run(products, tmp_path, only=("fake_moon",), protocols=("study",))

    def test_an_unknown_name_lists_the_known(self, products, tmp_path):
        with pytest.raises(MlError, match="no system 'bert'; there are: fake_text, fake_image"):
            run(products, tmp_path, only=("bert",))


class TestLeak:
    @pytest.fixture(autouse=True)
    def fusion(self, monkeypatch):
        add_system(monkeypatch, System("fusion_mean", PROTOCOLS), "text", "tests.fakes:build_text")

    def test_own_split_has_seen_most_of_what_is_scored_and_the_others_nothing(
        self, products, tmp_path
    ):
        leaks = run(products, tmp_path).leaks

        own, shared, grouped = leaks
        assert [leak.split for leak in leaks] == ["own", "shared", "grouped"]
        assert own.n_seen > 0.8 * own.n_test
        assert (shared.n_seen, grouped.n_seen) == (0, 0)
        assert own.n_test == shared.n_test
        assert abs(grouped.n_test - own.n_test) <= 4

    def test_it_is_taken_over_too(self, products, tmp_path):
        first = run(products, tmp_path)
        n_fits = len(CountingPipeline.fits)

        assert run(products, tmp_path).leaks == first.leaks
        assert len(CountingPipeline.fits) == n_fits

    def test_the_honest_protocol_alone_needs_none(self, products, tmp_path):
        assert run(products, tmp_path, protocols=("honest",)).leaks == ()

    def test_without_images_it_is_left_out(self, tmp_path):
        study = run(make_products(with_image=0.0), tmp_path)

        assert study.leaks == ()
        assert any("the demonstration of the leak" in each for each in study.left_out)


def test_other_shapes_of_catalogues_run(tmp_path):
    products = make_products(300)
    rng = np.random.default_rng(0)
    many = replace(
        products,
        labels=np.arange(300) % 30,
        categories=tuple(f"shelf {at}" for at in range(30)),
        groups=np.arange(300),
    )
    two = replace(products, labels=(rng.random(300) < 0.05).astype(np.int64), categories=("a", "b"))

    rows = [*run(many, tmp_path / "many").rows, *run(two, tmp_path / "two").rows]

    assert len(rows) == 8
    assert all(0 <= row.figures["accuracy"].value <= 1 for row in rows)


def test_the_document_is_json_with_flat_rows(products, tmp_path):
    document = json.loads(json.dumps(document_of(run(products, tmp_path)), allow_nan=False))

    row, summary = document["rows"][0], document["summary"][0]
    assert {
        "system", "modality", "protocol", "repeat", "n_train", "n_test", "fit_s", "predict_s",
        "n_parameters", "ari_of_predictions", "ari_of_predictions_low", "accuracy_high",
        "ari_of_clusters", "macro_f1", "log_loss", "ece",
    } <= row.keys()  # fmt: skip
    assert {"system", "n_repeats", "accuracy", "accuracy_mean", "accuracy_sd"} <= summary.keys()
    assert document["settings"]["protocols"] == list(PROTOCOLS)
