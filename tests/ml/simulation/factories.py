"""A whole simulation, made up: curves that rise, a strategy that never gets there, clean-ups."""

from __future__ import annotations

import math

from ml.simulation.records import CleanUp, Curve, CurvePoint, Simulation, Target
from ml.simulation.strategies import parse
from ml.simulation.summary import summarise, summarise_cleanups

NAMES = "default,random,margin,skactiveml:badge,skactiveml:typiclust,entropy@smoothed:5"
SPEED = {"default": 8, "random": 90, "margin": 45, "skactiveml:badge": 50}


def make_simulation(repeats: int = 10, names: str = NAMES, *, cleanups: bool = True) -> Simulation:
    """Return a simulation of 840 products."""
    strategies = parse(names)
    targets = tuple(Target(at, 0.78 + 0.01 * at, 0.9, 567, 273) for at in range(repeats))
    curves = tuple(
        Curve(
            strategy.name,
            target.repeat,
            tuple(
                _point(n_labels, SPEED.get(strategy.name, 400), 0.02 * (target.repeat % 3))
                for n_labels in (*range(strategy.batch, 567, strategy.batch), 567)
            ),
            7 + target.repeat % 3,
        )
        for target in targets
        for strategy in strategies
    )
    runs = tuple(
        CleanUp(strategy, noise, target.repeat, 0.968, decisions + target.repeat, 95, 0.994)
        for noise in ("uniform:0.1", "none")
        for target in targets
        for strategy, decisions in (("default", 34), ("random, sources kept", 750))
        if cleanups
    )
    return Simulation(
        source="products.csv",
        categories=("Baby Care", "Kitchen & Dining", "Watches"),
        n_products=840,
        n_groups=615,
        n_with_text=840,
        n_with_image=837,
        left_out=(f"1 product has no image that can be read: there is no file {'0a' * 32}.jpg",),
        settings={
            "seed": 0,
            "repeats": repeats,
            "strategies": [strategy.name for strategy in strategies],
            "noise": ["uniform:0.1", "none"] if cleanups else [],
            "backbone": "MobileNetV2",
            "weights": None,
        },
        versions={"python": "3.11.2", "scikit-activeml": "1.0.1"},
        targets=targets,
        curves=curves,
        summary=summarise(strategies, curves, targets),
        cleanups=runs,
        cleanup_summary=summarise_cleanups(runs),
    )


def _point(n_labels: int, speed: float, wobble: float) -> CurvePoint:
    """Return a point of a curve that comes near 0.85 plus ``wobble``, and never to 0.95."""
    ari = (0.85 + wobble) * (1 - math.exp(-n_labels / speed))
    return CurvePoint(n_labels, ari, min(1.0, 0.3 + 0.75 * ari))
