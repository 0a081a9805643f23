"""Runs a study: every chosen system under every chosen protocol, each finished one kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml.contract import PipelineSettings
from ml.errors import MlError, NotEnoughDataError
from ml.study.catalogue import StudyProducts
from ml.study.keeping import leak_of, outcome_of, part_of, part_of_leak
from ml.study.leakage import SPLITS, demonstrate
from ml.study.lines import OnLine, describe, show, ticker
from ml.study.parts import Parts, open_parts, restored, versions
from ml.study.protocols import draw_split
from ml.study.records import Leak, ProtocolName, Study
from ml.study.running import Outcome, Run, run_system
from ml.study.samples import category_words, key_points
from ml.study.subject import backbone_facts, facts_of, reason_of
from ml.study.summary import summarise
from ml.study.systems import PROTOCOLS, choose_systems

LEAKING = "fusion_mean"  # the demonstration of the leak goes with it


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """What is run; ``only`` names systems, None is all."""

    only: tuple[str, ...] | None = None
    protocols: tuple[ProtocolName, ...] = PROTOCOLS
    repeats: int = 1
    seed: int = 0


def run_study(
    products: StudyProducts,
    options: StudyOptions,
    settings: PipelineSettings,
    out: Path,
    on_line: OnLine,
) -> Study:
    """Run what is not finished yet, and bring everything together.

    Parameters
    ----------
    settings
        Of the backbone; seed and folder of features are the study's own.
    out
        Finished systems are kept in ``parts`` below it, features of images in ``features``.
    on_line
        Told a line for each system.

    Raises
    ------
    NotEnoughDataError
        If no system could run; the message has the first reason.
    """
    settings = replace(settings, seed=options.seed, feature_dir=out / "features")
    parts = open_parts(out, products, settings, seed=options.seed, on_line=on_line)
    work = _Work(products, options, settings, parts, on_line)
    if not work.runs:
        raise MlError(
            f"{', '.join(options.only or ())} is measured under the other protocol alone, and not "
            f"under: {', '.join(options.protocols)}."
        )
    outcomes = work.run_systems()
    leaks = work.run_leaks()
    if not outcomes:
        raise NotEnoughDataError(f"No system could run. {' '.join(work.reasons())}")
    return Study(
        **facts_of(
            products,
            left_out=work.reasons(),
            settings=_settings_of(options, settings),
            versions=versions(),
        ),
        rows=tuple(outcome.row for outcome in outcomes),
        summary=summarise(outcomes),
        leaks=tuple(leaks),
        displays=tuple(each.display for each in outcomes if each.display is not None),
        words=category_words(products),
        key_points=key_points(products),
    )


class _Work:
    """One pass over what is to be run, and why some of it was left out."""

    def __init__(
        self,
        products: StudyProducts,
        options: StudyOptions,
        settings: PipelineSettings,
        parts: Parts,
        on_line: OnLine,
    ) -> None:
        self._products = products
        self._options = options
        self._settings = settings
        self._parts = parts
        self._on_line = on_line
        self._left_out: dict[str, dict[str, set[str]]] = {}  # reason to names to protocols
        self.runs = tuple(
            Run(system, protocol, repeat, options.seed + repeat)
            for protocol in options.protocols
            for repeat in range(options.repeats)
            for system in choose_systems(options.only)
            if protocol in system.protocols
        )

    def run_systems(self) -> list[Outcome]:
        """Run each system, or take over what it found before."""
        outcomes = []
        for number, run in enumerate(self.runs, start=1):
            title = f"[{number}/{len(self.runs)}] {run.system.name}, {run.protocol}"
            if self._options.repeats > 1:
                title += f", repeat {run.repeat + 1}"
            outcome = self._run(run, title)
            if outcome is not None:
                outcomes.append(outcome)
        return outcomes

    def run_leaks(self) -> list[Leak]:
        """Run the demonstration of the leak, or take it over, where it was asked for."""
        options = self._options
        chosen = {system.name for system in choose_systems(options.only)}
        if "study" not in options.protocols or LEAKING not in chosen:
            return []
        leaks: list[Leak] = []
        for repeat in range(options.repeats):
            for kind in SPLITS:
                name, title = f"leak-{repeat}-{kind}", f"leakage, {kind} split"
                leak = restored(leak_of, self._parts.read(name))
                try:
                    if leak is None:
                        leak = demonstrate(
                            kind,
                            self._products,
                            replace(self._settings, seed=options.seed + repeat),
                            repeat=repeat,
                            seed=options.seed,
                            on_progress=ticker(title, self._on_line),
                        )
                        self._parts.write(name, part_of_leak(leak))
                except MlError as error:
                    self._leave_out("the demonstration of the leak", "study", title, error)
                    return leaks
                leaks.append(leak)
                self._on_line(
                    f"{title}: {leak.n_errors} errors in {leak.n_test}, "
                    f"ARI {show(leak.figures['ari_of_predictions'])}"
                )
        return leaks

    def reasons(self) -> tuple[str, ...]:
        """Return a sentence for each reason why systems were left out."""
        return tuple(
            f"Left out: {', '.join(self._named(*each) for each in names.items())}: {reason}."
            for reason, names in self._left_out.items()
        )

    def _named(self, name: str, protocols: set[str]) -> str:
        """Return a name, with the protocol where it is left out under one of two alone."""
        asked = {run.protocol for run in self.runs if run.system.name == name}
        return f"{name} (protocol {', '.join(sorted(protocols))})" if asked - protocols else name

    def _run(self, run: Run, title: str) -> Outcome | None:
        products = self._products
        outcome = restored(outcome_of, self._parts.read(run.name))
        if outcome is not None:
            self._on_line(f"{title}: {describe(outcome.row)} (taken over)")
            return outcome
        split = draw_split(
            run.protocol,
            products.labels,
            products.groups,
            repeat=run.repeat,
            seed=self._options.seed,
        )
        settings = replace(self._settings, seed=run.seed)
        try:
            outcome = run_system(run, products, split, settings, ticker(title, self._on_line))
        except MlError as error:
            self._leave_out(run.system.name, run.protocol, title, error)
            return None
        self._parts.write(run.name, part_of(outcome))
        self._on_line(f"{title}: {describe(outcome.row)}")
        return outcome

    def _leave_out(self, name: str, protocol: ProtocolName, title: str, error: MlError) -> None:
        self._on_line(f"{title}: left out: {str(error).rstrip('.')}")
        reason = reason_of(error, self._settings)
        self._left_out.setdefault(reason, {}).setdefault(name, set()).add(protocol)


def _settings_of(options: StudyOptions, settings: PipelineSettings) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "repeats": options.repeats,
        "protocols": list(options.protocols),
        "only": None if options.only is None else list(options.only),
        **backbone_facts(settings),
        "epochs": settings.epochs,
    }
