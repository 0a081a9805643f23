"""What the report shows of one system: figures of both protocols, confusion, maps, curve, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ml.study.records import METRICS, Display, Figure, Points, ProtocolName, Study, Summary
from ml.study.report_tables import figure_of, headline_of, rank, stand_in_of
from ml.study.report_words import SYSTEMS

_SHADES = 5
_MAP_SIDE = 1000  # points are kept as whole numbers: finer than any screen draws them


@dataclass(frozen=True, slots=True)
class Cell:
    """Products of one true category in one column; ``shade`` from 0 (none) to 5 (all of them)."""

    count: int
    shade: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class MapView:
    """Products in the plane, for the chart of that ``key``."""

    key: str
    method: Literal["pca", "tsne"]
    n_products: int
    chart: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DisplayView:
    """A system under one protocol: ``summary`` is None where only pictures of it are there."""

    protocol: ProtocolName
    display: Display
    confusion: tuple[tuple[Cell, ...], ...]
    maps: tuple[MapView, ...]
    curve_key: str
    curve_chart: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One metric of a system, protocol by protocol: the figure and its spread over repeats."""

    metric: str
    figures: tuple[tuple[Figure, float | None], ...]


@dataclass(frozen=True, slots=True)
class SystemView:
    """All that the report shows of a system; ``summaries`` has one entry a protocol."""

    name: str
    title: str
    modality: str
    words: str
    stand_in: str
    headline: Figure
    headline_of: str
    summaries: tuple[Summary, ...]
    lines: tuple[FigureLine, ...]
    displays: tuple[DisplayView, ...]
    notes: tuple[str, ...]
    prepare_s: float


def systems_of(study: Study) -> list[SystemView]:
    """Return every system once, in the order of its table; the honest one counts."""
    names = dict.fromkeys(summary.system for summary in study.summary)
    systems = [_system(study, name) for name in names]
    return sorted(systems, key=lambda system: rank(system.summaries[0]))


def shade(count: int, total: int) -> int:
    """Return how dark a cell is: 0 for nothing, then 1 to 5 by its share of the row.

    Examples
    --------
    >>> [shade(count, 100) for count in (0, 1, 20, 21, 100)]
    [0, 1, 1, 2, 5]
    """
    return -(-count * _SHADES // total) if total else 0


def _system(study: Study, name: str) -> SystemView:
    # The honest figures first, whatever the order they were measured in.
    summaries = tuple(
        sorted(
            (summary for summary in study.summary if summary.system == name),
            key=lambda summary: summary.protocol != "honest",
        )
    )
    first = summaries[0]
    headline, of = headline_of(first)
    lines = tuple(
        FigureLine(
            metric,
            tuple((figure_of(each, metric), each.deviations.get(metric)) for each in summaries),
        )
        for metric in METRICS
        if any(figure_of(each, metric).value is not None for each in summaries)
    )
    displays = sorted(
        (display for display in study.displays if display.system == name),
        key=lambda display: display.protocol != "honest",
    )
    notes = dict.fromkeys(note for row in study.rows if row.system == name for note in row.left_out)
    return SystemView(
        name=name,
        title=first.title,
        modality=first.modality,
        words=SYSTEMS.get(name, ""),
        stand_in=stand_in_of(study, name),
        headline=headline,
        headline_of=of,
        summaries=summaries,
        lines=lines,
        displays=tuple(_display(display) for display in displays),
        notes=tuple(notes),
        prepare_s=sum(row.prepare_s for row in study.rows if row.system == name),
    )


def _display(display: Display) -> DisplayView:
    key = f"{display.system}-{display.protocol}"
    return DisplayView(
        protocol=display.protocol,
        display=display,
        confusion=tuple(_cells(row, at) for at, row in enumerate(display.confusion)),
        maps=tuple(
            MapView(f"map-{key}-{points.method}", points.method, len(points.xy), _map(points))
            for points in display.maps
            if points.xy
        ),
        curve_key=f"curve-{key}",
        curve_chart={
            "kind": "curve",
            "loss": [round(epoch.loss, 4) for epoch in display.curve],
            "held_out_loss": [
                None if epoch.held_out_loss is None else round(epoch.held_out_loss, 4)
                for epoch in display.curve
            ],
        },
    )


def _cells(row: tuple[int, ...], at: int) -> tuple[Cell, ...]:
    total = sum(row)
    return tuple(Cell(count, shade(count, total), column == at) for column, count in enumerate(row))


def _map(points: Points) -> dict[str, Any]:
    """Return the points category by category: ``series[column]`` is x, y, x, y, ..."""
    n_columns = max(points.columns) + 1
    series: list[list[int]] = [[] for _ in range(n_columns)]
    scale = [_scale([pair[axis] for pair in points.xy]) for axis in (0, 1)]
    for pair, column in zip(points.xy, points.columns, strict=True):
        for value, (lowest, width) in zip(pair, scale, strict=True):
            series[column].append(round(_MAP_SIDE * (value - lowest) / width))
    return {"kind": "map", "series": series}


def _scale(values: list[float]) -> tuple[float, float]:
    lowest, highest = min(values), max(values)
    return lowest, highest - lowest or 1.0
