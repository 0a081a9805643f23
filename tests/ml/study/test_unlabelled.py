"""Groups that no label had a part in."""

import numpy as np
import pytest

from ml.contract import ignore_progress
from ml.study import unlabelled
from ml.study.scoring import NO_CLUSTER
from ml.study.unlabelled import find_groups
from tests.fakes import CountingPipeline
from tests.ml.study.studies import Topical, make_products, use_fake_systems


@pytest.fixture
def products(monkeypatch):
    use_fake_systems(monkeypatch)
    return make_products(60)


def fitted(pipeline, products):
    return pipeline.fit(products.batch, products.labels, ignore_progress)


def test_every_product_is_in_a_group(products):
    pipeline = fitted(CountingPipeline("fake_text"), products)

    found = find_groups(pipeline, products.batch, 3, seed=0)

    assert set(found.clusters) == {0, 1, 2}
    assert len(found.coordinates) == len(found.clusters) == 60


def test_a_system_that_groups_by_itself_is_asked(products):
    pipeline = fitted(Topical("fake_text"), products)

    found = find_groups(pipeline, products.batch, 3, seed=0)

    assert found.clusters.tolist() == [0, 1] * 30


def test_of_many_products_a_part_is_looked_at_and_that_is_said(products, monkeypatch):
    monkeypatch.setattr(unlabelled, "MOST_SEEN", 25)
    pipeline = fitted(CountingPipeline("fake_text"), products)

    found = find_groups(pipeline, products.batch, 3, seed=0)

    assert (found.clusters != NO_CLUSTER).sum() == len(found.coordinates) == 25
    assert np.array_equal(np.flatnonzero(found.clusters != NO_CLUSTER), found.rows)
    assert found.left_out == ("Clusters were sought among 25 of 60 products.",)


def test_fewer_products_than_groups_have_none(products):
    pipeline = fitted(CountingPipeline("fake_text"), products)

    found = find_groups(pipeline, products.batch.take([0, 1]), 3, seed=0)

    assert found.clusters is None
    assert "2 products cannot fall into 3 groups" in found.left_out[0]
