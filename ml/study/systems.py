"""The systems of a study: which pipeline, under which protocols, beside which published figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ml.errors import MlError
from ml.pipelines import PIPELINES, PipelineRow
from ml.study.records import ProtocolName

PROTOCOLS: tuple[ProtocolName, ...] = ("study", "honest")


@dataclass(frozen=True, slots=True)
class System:
    """A pipeline as a study measures it.

    Parameters
    ----------
    name
        Its row in ``PIPELINES``.
    protocols
        Those that it is measured under.
    is_transductive
        Whether the study protocol fits it on all products and scores its groups on the same ones,
        as the study did; there is no prediction to score then.
    published_ari, published_accuracy, published_s
        What the study reports of it, on 1,050 products; None where it reports nothing.
    """

    name: str
    protocols: tuple[ProtocolName, ...] = ("honest",)
    is_transductive: bool = False
    published_ari: float | None = None
    published_accuracy: float | None = None
    published_s: float | None = None

    @property
    def row(self) -> PipelineRow:
        """The row of ``PIPELINES``."""
        return PIPELINES[self.name]


# `backbone`, the product's default, is left out: it is `backbone_flatten` or `backbone_average`.
SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        System("bag_of_words", PROTOCOLS, is_transductive=True),
        System("lda", PROTOCOLS, is_transductive=True, published_ari=0.17),
        System("nmf", PROTOCOLS, is_transductive=True, published_ari=0.87),
        System("lda_unsupervised", PROTOCOLS, is_transductive=True),
        System("nmf_unsupervised", PROTOCOLS, is_transductive=True),
        System(
            "embedding_net_flatten",
            PROTOCOLS,
            published_ari=0.80,
            published_accuracy=0.90,
            published_s=18.1,
        ),
        System("bilstm", PROTOCOLS, published_ari=0.57, published_s=360.0),
        System("embedding_net"),
        System("field_net"),
        System("tfidf_linear"),
        System("text_pair"),
        System(
            "visual_words",
            PROTOCOLS,
            is_transductive=True,
            published_ari=0.05,
            published_s=434.7,  # 416 s of key points and 18.7 s of words
        ),
        System("visual_words_linear"),
        System(
            "cnn_plain",
            PROTOCOLS,
            published_ari=0.19,
            published_accuracy=0.529,
            published_s=20.0,
        ),
        System("cnn_augmented", PROTOCOLS, published_ari=0.15, published_accuracy=0.471),
        System("cnn"),
        System("backbone_flatten", PROTOCOLS, published_ari=0.61, published_accuracy=0.803),
        System("backbone_average"),
        System("fusion_mean", PROTOCOLS, published_ari=0.99, published_accuracy=313 / 315),
        System("fusion_default"),
        System("fusion_of_three"),
        System("fusion_chosen"),
    )
}


def choose_systems(only: Iterable[str] | None) -> tuple[System, ...]:
    """Return the named systems in the order of the table; all of them for None.

    Raises
    ------
    MlError
        If a name is unknown; the message lists the known ones.
    """
    if only is None:
        return tuple(SYSTEMS.values())
    wanted = set(only)
    unknown = sorted(wanted - SYSTEMS.keys())
    if unknown or not wanted:
        raise MlError(
            f"there is no system {', '.join(map(repr, unknown)) or 'to run'}; "
            f"there are: {', '.join(SYSTEMS)}"
        )
    return tuple(system for name, system in SYSTEMS.items() if name in wanted)
