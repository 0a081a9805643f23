"""The sentences of the team page: figures with their intervals, and what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import format_decimal, format_percent, gettext, ngettext

from webapp.domain.agreement import Pair, TeamAgreement
from webapp.domain.figures import Figure
from webapp.domain.pace import LEAST_CARDS, Pace
from webapp.domain.proportions import Proportion
from webapp.domain.team import Medians, PersonFigures
from webapp.domain.vigilance import Attention, Vigilance

_RELIABLE, _TENTATIVE = 0.8, 0.667  # Krippendorff (2004), Content Analysis, chapter 11
_NONE = "-"


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """One figure of a person: its value, what is behind it, and the median of the others."""

    title: str
    value: str
    behind: str
    others: str


def own_figures(own: PersonFigures, others: Medians) -> list[OwnFigure]:
    """Return what a person sees of herself."""
    return [
        OwnFigure(
            str(gettext("Decisions in 7 days")),
            format_decimal(own.n_week),
            str(gettext("%(n)s in all", n=format_decimal(own.n_all))),
            _others(others.n_week, format_decimal),
        ),
        OwnFigure(
            str(gettext("Seconds a card")),
            number_text(_value(own.pace.seconds)),
            _behind_pace(own.pace.seconds, own.pace.n_timed, number_text),
            _others(others.median_s, number_text),
        ),
        OwnFigure(
            str(gettext("Cards an hour at work")),
            whole_text(_value(own.pace.per_hour)),
            _behind_pace(own.pace.per_hour, own.pace.n_gaps, whole_text),
            _others(others.per_hour, whole_text),
        ),
        _own_share(str(gettext("Suggestions changed")), own.overridden, others.overridden),
        _own_share(
            str(gettext("Other than the model, where its suggestion was hidden")),
            own.differing,
            others.differing,
        ),
        OwnFigure(
            str(gettext("Agreement with others")),
            share_text(_value(own.agreed)),
            behind_figure(own.agreed),
            _others(others.agreed, format_percent),
        ),
        _own_share(str(gettext("Gold products right")), own.gold, others.gold),
    ]


def share_text(value: float | None) -> str:
    """Return a share in percent, or a dash."""
    return _NONE if value is None else str(format_percent(value))


def number_text(value: float | None) -> str:
    """Return a number with one decimal, or a dash."""
    return _NONE if value is None else str(format_decimal(round(value, 1)))


def whole_text(value: float | None) -> str:
    """Return a whole number, or a dash."""
    return _NONE if value is None else str(format_decimal(round(value)))


def coefficient_text(value: float | None) -> str:
    """Return a coefficient with two decimals, or a dash."""
    return _NONE if value is None else str(format_decimal(value, "0.00"))


def behind_share(share: Proportion) -> str:
    """Return how many are behind a share, with its interval."""
    if not share.n:
        return str(gettext("no answer yet"))
    return str(
        gettext("%(hits)s of %(n)s, 95%% interval %(low)s to %(high)s", **_numbers_of(share))
    )


def short_share(share: Proportion) -> str:
    """Return the same for a column that says what the numbers are."""
    if not share.n:
        return ""
    return str(gettext("%(hits)s of %(n)s; %(low)s to %(high)s", **_numbers_of(share)))


def short_figure(figure: Figure | None) -> str:
    """Return the same for a figure of products."""
    if figure is None or figure.low is None or figure.high is None:
        return ""
    return str(
        gettext(
            "of %(n)s; %(low)s to %(high)s",
            n=format_decimal(figure.n),
            low=format_percent(figure.low),
            high=format_percent(figure.high),
        )
    )


def behind_figure(figure: Figure | None) -> str:
    """Return how many products are behind a figure, with its interval."""
    if figure is None or figure.low is None or figure.high is None:
        return str(gettext("no product shared yet"))
    return str(
        ngettext(
            "%(num)s product, 95%% interval %(low)s to %(high)s",
            "%(num)s products, 95%% interval %(low)s to %(high)s",
            figure.n,
            low=format_percent(figure.low),
            high=format_percent(figure.high),
        )
    )


def seconds_of(pace: Pace) -> tuple[str, str]:
    """Return the seconds a card of a person, and in short what is behind them."""
    return number_text(_value(pace.seconds)), _short_pace(pace.seconds, pace.n_timed, number_text)


def per_hour_of(pace: Pace) -> tuple[str, str]:
    """Return the cards an hour of a person, and in short what is behind them."""
    return whole_text(_value(pace.per_hour)), _short_pace(pace.per_hour, pace.n_gaps, whole_text)


def kappa_interval(pair: Pair) -> str:
    """Return the interval of Cohen's kappa of two people, where it is known."""
    if pair.low is None or pair.high is None:
        return ""
    low, high = coefficient_text(pair.low), coefficient_text(pair.high)
    return str(gettext("%(low)s to %(high)s", low=low, high=high))


def attention_name(attention: Attention) -> str:
    """Return in few words what the cards of a person show."""
    names = {
        Attention.LOOKS: gettext("looks at suggestions"),
        Attention.TOO_FEW: gettext("too early to tell"),
        Attention.CONFIRMS: gettext("changes too few"),
    }
    return str(names[attention])


def attention_sentence(found: Vigilance, *, is_own: bool) -> str:
    """Return what was compared, with its numbers."""
    if not found.n:
        return str(gettext("No card has shown a suggestion yet."))
    expected = found.n_expected
    values = {
        "changed": format_decimal(found.n_changed),
        "n": format_decimal(found.n),
        "expected": format_decimal(round(expected) if expected >= 10 else round(expected, 1)),
    }
    if found.attention is Attention.CONFIRMS and is_own:
        return str(
            gettext(
                "You override fewer suggestions than the model's errors would need: of your "
                "newest %(n)s, you changed or skipped %(changed)s, and about %(expected)s are "
                "expected to be wrong.",
                **values,
            )
        )
    if found.attention is Attention.CONFIRMS:
        return str(
            gettext(
                "Overrides fewer suggestions than the model's errors would need: of the newest "
                "%(n)s, %(changed)s were changed or skipped, and about %(expected)s are expected "
                "to be wrong.",
                **values,
            )
        )
    if found.attention is Attention.TOO_FEW:
        return str(
            gettext(
                "Of the newest %(n)s suggestions %(changed)s were changed or skipped, and about "
                "%(expected)s are expected to be wrong: too few to tell anything.",
                **values,
            )
        )
    return str(
        gettext(
            "Of the newest %(n)s suggestions %(changed)s were changed or skipped; about "
            "%(expected)s are expected to be wrong.",
            **values,
        )
    )


def alpha_sentence(agreement: TeamAgreement) -> str:
    """Return what Krippendorff's alpha says, in words."""
    alpha = agreement.alpha
    if agreement.agreed is None:
        return str(gettext("No product has answers of two people yet."))
    if alpha is None:
        return str(
            gettext("All answers name the same category, so nothing tells agreement from chance.")
        )
    if alpha.value >= _RELIABLE:
        return str(gettext("People agree well beyond chance: labels can be relied on."))
    if alpha.value >= _TENTATIVE:
        return str(gettext("People agree beyond chance, with gaps: conclusions are tentative."))
    return str(
        gettext(
            "People agree too little to rely on single answers. Guidance on the categories that "
            "they mix up helps most."
        )
    )


def _own_share(title: str, share: Proportion, others: float | None) -> OwnFigure:
    value = share_text(share.value)
    return OwnFigure(title, value, behind_share(share), _others(others, format_percent))


def _numbers_of(share: Proportion) -> dict[str, str]:
    return {
        "hits": format_decimal(share.n_hits),
        "n": format_decimal(share.n),
        "low": format_percent(share.low),
        "high": format_percent(share.high),
    }


def _value(figure: Figure | None) -> float | None:
    return figure.value if figure else None


def _behind_pace(figure: Figure | None, n: int, write: Callable[[float], str]) -> str:
    """Return how many cards are behind a pace, with its interval; of too few there is none."""
    if figure is None or figure.low is None or figure.high is None:
        return str(gettext("%(n)s cards so far; told from %(least)s on", n=n, least=LEAST_CARDS))
    return str(
        gettext(
            "%(n)s cards, 95%% interval %(low)s to %(high)s",
            n=format_decimal(n),
            low=write(figure.low),
            high=write(figure.high),
        )
    )


def _short_pace(figure: Figure | None, n: int, write: Callable[[float], str]) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return str(gettext("of %(n)s", n=format_decimal(n)))
    return str(
        gettext(
            "of %(n)s; %(low)s to %(high)s",
            n=format_decimal(n),
            low=write(figure.low),
            high=write(figure.high),
        )
    )


def _others(value: float | None, write: Callable[[float], str]) -> str:
    return "" if value is None else str(gettext("others: %(value)s", value=write(value)))
