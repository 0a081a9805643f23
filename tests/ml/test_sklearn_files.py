"""Estimators come back as they were; nothing else does."""

from __future__ import annotations

import operator
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from ml.errors import ArtifactError
from ml.sklearn_files import load_estimator, save_estimator

POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [5.0, 5.0], [5.0, 6.0]])
TARGETS = np.array([0, 0, 1, 1])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.skops"
    save_estimator(path, LogisticRegression().fit(POINTS, TARGETS))
    return path


def test_estimator_answers_the_same_after_save_and_load(saved):
    fitted = LogisticRegression().fit(POINTS, TARGETS)

    loaded = load_estimator(saved, LogisticRegression)

    assert np.array_equal(loaded.predict_proba(POINTS), fitted.predict_proba(POINTS))


def test_another_kind_than_asked_for_is_refused(saved):
    with pytest.raises(ArtifactError, match="holds a LogisticRegression in place of a KMeans"):
        load_estimator(saved, KMeans)


@pytest.mark.parametrize("kept", [0, 40, -30])
def test_damaged_file_is_refused_in_words(saved, kept):
    saved.write_bytes(saved.read_bytes()[:kept])

    with pytest.raises(ArtifactError, match=r"model\.skops can't be read; train the model again"):
        load_estimator(saved, LogisticRegression)


def test_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(ArtifactError, match="can't be read"):
        load_estimator(tmp_path / "none.skops", LogisticRegression)


@pytest.mark.parametrize("schema", ["{", "[]", "{}", '{"__class__": "dict"}'])
def test_file_with_a_broken_list_of_contents_is_refused(tmp_path, schema):
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", schema)

    with pytest.raises(ArtifactError):
        load_estimator(path, LogisticRegression)


def test_file_that_names_a_function_is_refused_before_it_is_looked_up(tmp_path):
    path = tmp_path / "model.skops"
    skops.io.dump(FunctionTransformer(operator.methodcaller), path)

    with pytest.raises(ArtifactError, match=r"asks for .*methodcaller.*train the model again"):
        load_estimator(path, FunctionTransformer)


def test_estimator_of_scikit_learn_that_no_model_uses_is_refused(tmp_path):
    path = tmp_path / "model.skops"
    skops.io.dump(RandomForestClassifier(n_estimators=2).fit(POINTS, TARGETS), path)

    with pytest.raises(ArtifactError, match="RandomForestClassifier"):
        load_estimator(path, RandomForestClassifier)


def test_saving_what_could_not_be_loaded_is_a_mistake_and_leaves_no_file(tmp_path):
    path = tmp_path / "model.skops"

    with pytest.raises(ValueError, match="RandomForestClassifier"):
        save_estimator(path, RandomForestClassifier(n_estimators=2).fit(POINTS, TARGETS))

    assert not path.exists()
