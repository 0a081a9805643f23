import json
from pathlib import Path

import numpy as np
import pytest

from ml.artifacts import MANIFEST
from ml.contract import PipelineSettings
from ml.errors import ArtifactError
from ml.model_files import load_model, load_predictions
from ml.rounds import RoundSettings, run_round
from tests.fakes import use_fakes
from tests.ml.catalogues import make_snapshot

SETTINGS = RoundSettings(text_pipeline="fake_text", image_pipeline="fake_image", n_resamples=20)


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A round's outcome, its snapshot and its directory."""
    use_fakes(monkeypatch)
    snapshot = make_snapshot(120)
    outcome = run_round(snapshot, SETTINGS, tmp_path / "1", lambda stage, done, total: None)
    return outcome, snapshot, tmp_path / "1"


def test_a_model_read_back_predicts_the_same_bit_for_bit(trained):
    outcome, snapshot, directory = trained

    predictions = load_model(directory, PipelineSettings()).predict(snapshot.batch)

    untrained = np.setdiff1d(np.arange(120), snapshot.training_rows())
    assert predictions.fused[untrained].tobytes() == outcome.fused[untrained].tobytes()
    assert predictions.fused.sum(axis=1) == pytest.approx(np.ones(120))


def test_the_predictions_of_a_round_are_kept_bit_for_bit(trained):
    outcome, snapshot, directory = trained

    ids, predictions = load_predictions(directory)

    assert ids == snapshot.batch.ids
    assert predictions.fused.tobytes() == outcome.fused.tobytes()
    assert predictions.text.tobytes() == outcome.text.tobytes()
    assert predictions.image.tobytes() == outcome.image.tobytes()


class TestDamage:
    def test_a_changed_file_is_named(self, trained):
        *_, directory = trained
        (directory / "text" / "centroids.json").write_text("[]")

        with pytest.raises(ArtifactError, match=r"centroids\.json has changed"):
            load_model(directory, PipelineSettings())

    def test_a_missing_file_is_named(self, trained):
        *_, directory = trained
        (directory / "image" / "centroids.json").unlink()

        with pytest.raises(ArtifactError, match="incomplete or damaged"):
            load_model(directory, PipelineSettings())

    @pytest.mark.parametrize(
        "content", ["", "[]", "{}", '{"format": 1, "files": {"../other": "0"}}']
    )
    def test_a_broken_manifest_is_refused(self, trained, content):
        *_, directory = trained
        (directory / MANIFEST).write_text(content)

        with pytest.raises(ArtifactError):
            load_model(directory, PipelineSettings())

    def test_a_newer_format_says_what_to_do(self, trained):
        *_, directory = trained
        manifest = json.loads((directory / MANIFEST).read_text())
        (directory / MANIFEST).write_text(json.dumps({**manifest, "format": 2}))

        with pytest.raises(ArtifactError, match=r"format 2.*Train a new round"):
            load_model(directory, PipelineSettings())


def test_the_manifest_holds_what_another_installation_needs_and_no_paths(trained):
    outcome, _, directory = trained

    manifest = json.loads((directory / MANIFEST).read_text())

    assert manifest == outcome.manifest
    assert manifest["categories"] == [40, 7, 19]
    assert manifest["settings"]["seed"] == 0
    assert {"python", "numpy", "keras"} <= set(manifest["versions"])
    assert set(manifest["files"]) == {
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file() and path != directory / MANIFEST
    }
    assert str(Path.cwd()) not in json.dumps(manifest)
