"""What the products page says of an act on many products."""

from __future__ import annotations

from flask_babel import ngettext

from webapp.domain.bulk import LeftBecause
from webapp.services.bulk import BulkStory


def act_sentence(story: BulkStory, category: str) -> str:
    """Say what the act decided, or that it was taken back."""
    n_decided = story.act.n_decided
    if story.act.undone_at is not None:
        n_back = n_decided - story.n_standing
        return str(ngettext("%(num)s taken back.", "%(num)s taken back.", n_back))
    if story.act.category_id is None:
        return str(ngettext("%(num)s product flagged.", "%(num)s products flagged.", n_decided))
    return str(
        ngettext(
            "%(num)s product filed under %(category)s.",
            "%(num)s products filed under %(category)s.",
            n_decided,
            category=category,
        )
    )


def left_sentences(story: BulkStory) -> list[str]:
    """Say how many products stay as they were, and why."""
    if story.act.undone_at is not None:
        if not story.n_standing:
            return []
        return [
            str(
                ngettext(
                    "%(num)s stays: somebody else has decided it since.",
                    "%(num)s stay: somebody else has decided them since.",
                    story.n_standing,
                )
            )
        ]
    return [_left_sentence(because, n) for because, n in story.act.left_out.items()]


def _left_sentence(because: LeftBecause, n: int) -> str:
    sentences = {
        LeftBecause.HELD: lambda: ngettext(
            "%(num)s left out: somebody else has it now.",
            "%(num)s left out: somebody else has them now.",
            n,
        ),
        LeftBecause.DECIDED: lambda: ngettext(
            "%(num)s left out: somebody else has decided it meanwhile.",
            "%(num)s left out: somebody else has decided them meanwhile.",
            n,
        ),
        LeftBecause.MEASURES: lambda: ngettext(
            "%(num)s left out: it measures the models and is judged by itself.",
            "%(num)s left out: they measure the models and are judged one by one.",
            n,
        ),
        LeftBecause.DISPUTED: lambda: ngettext(
            "%(num)s left out: people disagree on it, and somebody has to adjudicate.",
            "%(num)s left out: people disagree on them, and somebody has to adjudicate.",
            n,
        ),
        LeftBecause.ALREADY: lambda: ngettext(
            "%(num)s was there already.", "%(num)s were there already.", n
        ),
    }
    return str(sentences[because]())
