"""The fusions of the ``PIPELINES`` table: which branches each joins, and how."""

from __future__ import annotations

from itertools import combinations

from ml.contract import PipelineSettings
from ml.fused_pipeline import FusedPipeline, Plan
from ml.fusion import MEAN, POOL
from ml.recipes import Recipe


def subsets_of(texts: tuple[str, ...], image: str) -> tuple[Recipe, ...]:
    """Return the pools of some of the texts, each with and without the image; the image alone."""
    some = [subset for n in range(1, len(texts) + 1) for subset in combinations(texts, n)]
    pools = [Recipe(subset, images) for subset in some for images in ((), (image,))]
    return (*pools, Recipe((), (image,)))


OF_STUDY = Plan(
    "fusion_mean", (Recipe(("embedding_net_flatten",), ("backbone_flatten",), MEAN),), n_folds=0
)
DEFAULT = Plan(
    "fusion_default",
    tuple(Recipe(("text_pair",), ("backbone",), joint) for joint in (MEAN, POOL)),
    n_folds=5,
)
OF_THREE = Plan(
    "fusion_of_three", (Recipe(("field_net", "tfidf_linear"), ("backbone_average",)),), n_folds=3
)
CHOSEN = Plan(
    "fusion_chosen",
    subsets_of(("embedding_net", "field_net", "tfidf_linear"), "backbone_average"),
    n_folds=3,
)


def build_mean(settings: PipelineSettings) -> FusedPipeline:
    """Make the study's fusion: the plain mean of the simple RNN and of VGG16 transfer."""
    return FusedPipeline(settings, OF_STUDY)


def build_default(settings: PipelineSettings) -> FusedPipeline:
    """Make what a round trains by default."""
    return FusedPipeline(settings, DEFAULT)


def build_of_three(settings: PipelineSettings) -> FusedPipeline:
    """Make the logarithmic pool of two text branches and the image branch."""
    return FusedPipeline(settings, OF_THREE)


def build_chosen(settings: PipelineSettings) -> FusedPipeline:
    """Make the fusion that chooses its branches."""
    return FusedPipeline(settings, CHOSEN)
