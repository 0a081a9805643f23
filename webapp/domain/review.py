"""Annotations, and the rules by which a verdict and a product's label follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from webapp.domain.catalogue_settings import CatalogueSettings


class Verdict(StrEnum):
    """What a moderator did with a product."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    SKIPPED = "skipped"
    FLAGGED = "flagged"
    UNDONE = "undone"


class ProductState(StrEnum):
    """What follows from the annotations of a product: still open, labelled, flagged or disputed.

    A product that several people decide is open until all their answers are in, and disputed where
    they differ. An open product that a certified rule has decided is accepted: a moderator may
    still decide it.
    """

    OPEN = "open"
    LABELLED = "labelled"
    FLAGGED = "flagged"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


class Probe(StrEnum):
    """What a card did by chance, to learn whether its suggestion is looked at or only confirmed."""

    HIDDEN = "hidden"  # it made no suggestion
    PLANTED = "planted"  # it suggested a wrong category


class AskedBecause(StrEnum):
    """Why a product is asked now."""

    UNCERTAIN = "uncertain"  # the margin of the fused prediction is small
    EVALUATION = "evaluation"  # part of the random evaluation set; the suggestion is hidden
    RANDOM = "random"  # there is no model yet
    NEW = "new"  # imported after the last round
    SKIPPED = "skipped"  # somebody skipped it before
    CHOSEN = "chosen"  # a person opened it from the products page
    CONFLICT = "conflict"  # text and image disagree
    SUSPECT = "suspect"  # the recorded category looks wrong
    TYPICAL = "typical"  # typical of many others
    AUDIT = "audit"  # accepted automatically, drawn at random to check the rule
    LOOK_ALIKE = "look_alike"  # decided together with a near-duplicate
    SECOND = "second"  # somebody has decided it, and somebody else shall decide it too
    ADJUDICATION = "adjudication"  # people have decided it differently


DECIDING = frozenset({Verdict.CONFIRMED, Verdict.CORRECTED, Verdict.FLAGGED})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One act of one moderator on one product, with what was shown.

    Parameters
    ----------
    n_needed
        How many people have to decide the product, as it was settled by the first decision.
    """

    id: int
    product_id: int
    user_id: int
    verdict: Verdict
    category_id: int | None
    note: str
    undoes_id: int | None
    asked_because: AskedBecause
    is_suggestion_hidden: bool
    shown_round_id: int | None
    shown_category_id: int | None
    shown_probability: float | None
    took_ms: int | None
    created_at: datetime
    n_needed: int = 1
    probe: Probe | None = None

    @property
    def confirms_planted(self) -> bool:
        """Tell whether it took over a category that was suggested wrong on purpose."""
        return (
            self.probe is Probe.PLANTED
            and self.category_id is not None
            and self.category_id == self.shown_category_id
        )

    @property
    def decides(self) -> bool:
        """Tell whether the act settles where the product belongs.

        Skipping leaves it open, and confirming what was planted says something of the person only.
        """
        return self.verdict in DECIDING and not self.confirms_planted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from all annotations of a product; a labelled one has a category.

    Parameters
    ----------
    annotation_id
        The decision that completed the label or the flag; None while there is neither.
    n_answers
        How many people's decisions count; beside an adjudication, of those since then.
    """

    state: ProductState
    category_id: int | None
    annotation_id: int | None
    n_answers: int = field(default=0, compare=False)


def standing(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return the acts that count, oldest first: neither undone nor an undoing."""
    annotations = sorted(annotations, key=lambda annotation: annotation.id)
    undone = {annotation.undoes_id for annotation in annotations}
    return [
        annotation
        for annotation in annotations
        if annotation.verdict is not Verdict.UNDONE and annotation.id not in undone
    ]


def answers_of(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Return the decision of each person that counts, oldest first.

    A later decision of a person replaces hers. An adjudication stands for all before it.
    """
    deciding = [annotation for annotation in standing(annotations) if annotation.decides]
    rulings = [
        position
        for position, annotation in enumerate(deciding)
        if annotation.asked_because is AskedBecause.ADJUDICATION
    ]
    by_person: dict[int, Annotation] = {}
    for annotation in deciding[rulings[-1] if rulings else 0 :]:
        by_person[annotation.user_id] = annotation
    return sorted(by_person.values(), key=lambda annotation: annotation.id)


def n_needed_of(annotations: Iterable[Annotation]) -> int | None:
    """Return how many people have to decide a product; None while nobody has.

    The first decision that stands settles it: changing the setting later changes no label.
    """
    return next((act.n_needed for act in standing(annotations) if act.decides), None)


def people_needed(
    annotations: Iterable[Annotation],
    *,
    settings: CatalogueSettings,
    probability: float | None,
    asked_because: AskedBecause,
) -> int:
    """Return how many people have to decide a product that is decided now.

    Parameters
    ----------
    annotations
        The acts until now: what the first decision settled stays.
    probability
        Of the fused prediction of the live round; None where it says nothing, which is unsure.
    asked_because
        An audit needs one person: what it checks is a rule, as one person would have decided.
    """
    settled = n_needed_of(annotations)
    if settled is not None:
        return settled
    if asked_because is AskedBecause.AUDIT:
        return 1
    is_sure = probability is not None and probability >= settings.shared_below
    return 1 if settings.are_only_unsure_shared and is_sure else settings.people_per_product


def settle(annotations: Iterable[Annotation]) -> Outcome:
    """Return what follows from the annotations of one product.

    Where one person decides, the last standing decision wins: a category labels the product, a
    flag takes it out. Where several do, it is open until so many have, then labelled (or flagged)
    if all agree, and else disputed until somebody adjudicates. A skip says nothing about the
    category, so it changes nothing.
    """
    annotations = list(annotations)
    n_needed = n_needed_of(annotations)
    if n_needed is None:
        return Outcome(ProductState.OPEN, None, None)
    answers = answers_of(annotations)
    last = answers[-1]
    if n_needed > 1:
        is_ruled = any(
            act.decides and act.asked_because is AskedBecause.ADJUDICATION
            for act in standing(annotations)
        )
        if len(answers) < n_needed and not is_ruled:
            return Outcome(ProductState.OPEN, None, None, len(answers))
        if len({act.category_id for act in answers}) > 1:
            return Outcome(ProductState.DISPUTED, None, None, len(answers))
    if last.verdict is Verdict.FLAGGED:
        return Outcome(ProductState.FLAGGED, None, last.id, len(answers))
    return Outcome(ProductState.LABELLED, last.category_id, last.id, len(answers))


def stays_decided(annotations: Iterable[Annotation], made: Annotation) -> bool:
    """Tell whether an act can no longer be taken back: somebody else has decided since.

    Where several people decide, each answers for herself, until somebody adjudicates.
    """
    acts = standing(annotations)
    later = [
        act for act in acts if act.id > made.id and act.decides and act.user_id != made.user_id
    ]
    if (n_needed_of(acts) or 1) > 1:
        later = [act for act in later if act.asked_because is AskedBecause.ADJUDICATION]
    return bool(later)


def wants_another(annotations: Iterable[Annotation], state: ProductState) -> bool:
    """Tell whether an open product waits for somebody else than those who have decided it."""
    return state is ProductState.OPEN and any(
        act.verdict in DECIDING for act in standing(annotations)
    )


def hides_answers(annotations: Iterable[Annotation], *, user_id: int, state: ProductState) -> bool:
    """Tell whether a person must not see what others have decided of a product.

    Each answers by herself, so none is shown before all are in: also not to who has given hers,
    since she may take it back and answer anew.
    """
    deciders = {act.user_id for act in standing(annotations) if act.verdict in DECIDING}
    return state is ProductState.OPEN and bool(deciders - {user_id})


def verdict_of_category(
    category_id: int, *, suggested_id: int | None, source_category_id: int | None
) -> Verdict:
    """Tell whether choosing a category confirms or corrects.

    What counts is the claim that the card made: the suggestion that was shown. Where none was
    (hidden, or there is no model yet), the claim is the seller's source category.
    """
    claimed_id = source_category_id if suggested_id is None else suggested_id
    return Verdict.CONFIRMED if category_id == claimed_id else Verdict.CORRECTED
