import numpy as np
import pytest

from ml import fused_model
from ml.branches import Branch
from ml.contract import PipelineSettings, ignore_progress
from ml.fused_model import FusedModel
from ml.fusion import Fusion, text_alone
from ml.pipelines import build
from tests.fakes import use_fakes
from tests.ml.catalogues import CATEGORIES, make_snapshot

PRIOR = np.array([0.5, 0.3, 0.2])


@pytest.fixture
def model(monkeypatch):
    """Both branches fitted on products that have both modalities."""
    use_fakes(monkeypatch)
    snapshot = make_snapshot(60, with_image=1)
    text, image = (
        Branch(
            modality,
            f"fake_{modality}",
            build(f"fake_{modality}", PipelineSettings()).fit(
                snapshot.batch, snapshot.source_categories, ignore_progress
            ),
            1.0,
        )
        for modality in ("text", "image")
    )
    return FusedModel(CATEGORIES, text, image, Fusion("logarithmic_pool", 1.2, 0.5, ""), PRIOR)


def test_a_product_without_text_and_image_gets_the_shares_of_the_categories(model):
    predictions = model.predict(make_snapshot(4, with_text=0, with_image=0).batch)

    assert predictions.fused.tolist() == [PRIOR.tolist()] * 4
    assert np.isnan(predictions.text).all()
    assert np.isnan(predictions.image).all()


def test_a_model_with_one_branch_predicts_products_that_have_both(model):
    words_only = FusedModel(CATEGORIES, model.text, None, text_alone("text alone"), PRIOR)

    predictions = words_only.predict(make_snapshot(60).batch)

    assert predictions.fused.tolist() == predictions.text.tolist()
    assert np.isnan(predictions.image).all()


def test_products_are_predicted_in_parts_that_do_not_change_the_answer(model, monkeypatch):
    batch = make_snapshot(50).batch
    whole = model.predict(batch)
    monkeypatch.setattr(fused_model, "PREDICTED_AT_ONCE", 7)
    seen = []

    parts = model.predict(batch, lambda done, total: seen.append((done, total)))

    assert np.allclose(parts.fused, whole.fused)
    assert len(seen) == 8
    assert seen[-1] == (50, 50)


def test_a_catalogue_without_products_gets_no_predictions(model):
    predictions = model.predict(make_snapshot(4).batch.take([]))

    assert predictions.fused.shape == (0, 3)
