"""A real sudden transition: modular addition, understood long after it was learned by heart.

A one-layer network learns a + b mod p from half of the pairs. Training accuracy is 1 within a
hundred steps; test accuracy stays below chance for hundreds more, then climbs to 1. Beside it run
two controls from the same first weights: without weight decay, and with the answers dealt out anew.

    learned      first step with training accuracy above .95
    understood   first step with test accuracy above .95
    fourier      share of the embedding's power in its 5 strongest frequencies

The test loss falls under one objective and one fixed test set, so nothing here is a change of
ruler. `fourier_before` is a progress measure: read while test accuracy is still below .05, it has
risen already. It misleads where it is read too late: it goes on rising long after the jump.

Source: Power et al. 2022, arXiv:2201.02177 [power2022]; progress measures: Nanda et al. 2023,
arXiv:2301.05217 [nanda2023]; weight norm: Liu, Michaud & Tegmark 2022, arXiv:2210.01117
[liu2022]. Lesson: 03_bump.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.store.run import Metric
from plantedu.topics.bump.modular_training import ARMS, Adding, split_sums, train_adders
from plantedu.topics.bump.results.grokking_chart import grokking_chart
from plantedu.training.fit import Observer, Record, State

PASSED = 0.95
BEFORE = 0.05  # test accuracy below which nothing is understood yet
CURVES = ("loss/train", "loss/test", "accuracy/train", "accuracy/test", "fourier", "norm")
PER_BATCH = 20  # records that the job writes at once


@dataclass(frozen=True)
class Arm:
    """What one network did.

    Attributes:
        steps: Steps at which it was looked at.
        curves: Each of CURVES at those steps.
        learned: First of those steps with training accuracy above .95; None for never.
        understood: The same for test accuracy.
    """

    steps: tuple[int, ...]
    curves: Mapping[str, tuple[float, ...]]
    learned: int | None
    understood: int | None


@dataclass(frozen=True)
class GrokkingResult:
    """One training of the three arms.

    Attributes:
        settings: How.
        seconds: Of the training.
        arms: What each arm did.
        accuracy: Test accuracy at the end; its null is the arm with answers dealt out anew.
        delay: Steps from learned to understood; the null is the arm without weight decay, which
            counts as the steps that it was watched in vain.
        fourier_before: Fourier share at the last look before test accuracy passed .05; the null
            is the arm without weight decay at the same step.
    """

    settings: Adding
    seconds: float
    arms: Mapping[str, Arm]
    accuracy: Evidence
    delay: Evidence
    fourier_before: Evidence

    def as_json(self, *, curves: bool = True) -> dict[str, Any]:
        """Plain values; `GrokkingResult.from_json` reads them back if the curves are in them."""
        found = asdict(self)
        if not curves:
            for arm in found["arms"].values():
                del arm["curves"], arm["steps"]
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "GrokkingResult":
        """Read a result that a run or a file holds."""
        arms = {
            name: Arm(
                tuple(arm["steps"]),
                {curve: tuple(values) for curve, values in arm["curves"].items()},
                arm["learned"],
                arm["understood"],
            )
            for name, arm in found["arms"].items()
        }
        told = {
            name: Evidence(**{**found[name], "interval": _pair(found[name]["interval"])})
            for name in ("accuracy", "delay", "fourier_before")
        }
        return cls(Adding(**found["settings"]), found["seconds"], arms, **told)

    def chart(self, what: str = "accuracy", *, dark: bool = False) -> Drawing:
        """Accuracy, loss, fourier or norm of the arms over the steps, controls in grey."""
        main = self.arms["decay"]
        said = (
            f"Modular addition, p = {self.settings.prime}, {what} over {self.settings.steps} "
            f"steps. Training accuracy passes .95 at step {main.learned}, test accuracy at step "
            f"{main.understood}. At the end test accuracy is {self.accuracy.value:.2f}; with "
            f"answers dealt out anew {self.accuracy.null:.2f}, without weight decay "
            f"{self.arms['no_decay'].curves['accuracy/test'][-1]:.2f}."
        )
        return grokking_chart(
            {n: (a.steps, a.curves) for n, a in self.arms.items()}, what, said, dark
        )


def _pair(interval: Sequence[float] | None) -> tuple[float, float] | None:
    return (interval[0], interval[1]) if interval else None


class Notes(Observer):
    """Keeps every look at the test pairs."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []

    def on_step(self, state: State, record: Record) -> None:
        if "decay/loss/test" in record.values and "decay/loss/train" in record.values:
            told = {name: float(value) for name, value in record.values.items()}  # type: ignore[arg-type]
            self.rows.append((record.step, told))


def grokking(settings: Adding, *, observers: Sequence[Observer] = ()) -> GrokkingResult:
    """Train the network and its two controls.

    Args:
        settings: How.
        observers: Who watches besides.
    """
    notes, started = Notes(), time.perf_counter()
    train_adders(settings, observers=[notes, *observers])
    return told_by(notes.rows, settings, time.perf_counter() - started)


def told_by(
    rows: Sequence[tuple[int, Mapping[str, float]]], settings: Adding, seconds: float
) -> GrokkingResult:
    """The result of a training that was watched to its end."""
    require(bool(rows), "Nothing was looked at: train at least as many steps as `every`.")
    arms = {arm: _arm(arm, rows) for arm in ARMS}
    main, plain = arms["decay"], arms["no_decay"]
    test = np.asarray(main.curves["accuracy/test"])
    before = max(int(np.argmax(test > BEFORE)) - 1, 0) if (test > BEFORE).any() else len(test) - 1
    pairs = len(split_sums(settings)[1])
    waited = rows[-1][0]
    return GrokkingResult(
        settings,
        seconds,
        arms,
        Evidence(
            question="Which share of pairs that it never saw does the network add rightly?",
            value=float(test[-1]),
            null=arms["shuffled"].curves["accuracy/test"][-1],
            control="answers dealt out anew",
            n=pairs,
            interval=count_interval(round(float(test[-1]) * pairs), pairs),
        ),
        Evidence(
            question="How many steps lie between learning by heart and understanding?",
            value=float(_steps_between(main, waited)),
            null=float(_steps_between(plain, waited)),
            control="no weight decay (not understood in the steps watched)"
            if plain.understood is None
            else "no weight decay",
            n=pairs,
        ),
        Evidence(
            question="Share of the embedding's power in 5 frequencies, before the test accuracy "
            f"leaves chance (step {main.steps[before]})?",
            value=main.curves["fourier"][before],
            null=plain.curves["fourier"][before],
            control="no weight decay, same step",
            n=settings.prime,
        ),
    )


def _arm(name: str, rows: Sequence[tuple[int, Mapping[str, float]]]) -> Arm:
    steps = tuple(step for step, _ in rows)
    curves = {
        curve: tuple(float(f"{values[f'{name}/{curve}']:.5g}") for _, values in rows)
        for curve in CURVES
    }

    def first(curve: str) -> int | None:
        passed = [s for s, v in zip(steps, curves[curve], strict=True) if v > PASSED]
        return passed[0] if passed else None

    return Arm(steps, curves, first("accuracy/train"), first("accuracy/test"))


def _steps_between(arm: Arm, waited: int) -> int:
    return (waited if arm.understood is None else arm.understood) - (arm.learned or 0)


class Teller(Observer):
    """Writes what is measured into a run of the store, a few looks at a time."""

    def __init__(self, work: Any) -> None:
        self.work, self.waiting = work, []

    def on_step(self, state: State, record: Record) -> None:
        self.work.check()
        if "decay/loss/test" in record.values:
            self.waiting += [
                Metric(record.step, name, float(value))  # type: ignore[arg-type]
                for name, value in record.values.items()
            ]
            if len(self.waiting) >= PER_BATCH * len(record.values):
                self.tell(record.step)

    def on_end(self, state: State) -> None:
        self.tell(state.step)

    def tell(self, step: int) -> None:
        """Write what waits."""
        if self.waiting:
            self.work.store.log(self.work.run.id, self.waiting, step=step)
        self.waiting = []


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the request holds the settings that differ from `Adding`'s."""
    work.store.rewind(work.run.id, -1)
    return grokking(Adding(**work.run.request), observers=[Teller(work)]).as_json()


@dataclass(frozen=True)
class Options(Adding):
    """Train modular addition until it is understood, beside two controls.

    Attributes:
        seeds: Trainings, from seeds seed, seed + 1, ...
        json: Print the result as one JSON object on the last line.
    """

    seeds: int = 1
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu bump grokking [--seed S] [--seeds N] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump grokking")
    require(1 <= options.seeds <= 50, f"seeds must be from 1 to 50, got {options.seeds}.")
    settings = settings_of(options, Adding)
    found = []
    print(
        "seed  learned  understood  test accuracy (dealt anew)  fourier before (no decay)  seconds"
    )
    for k in range(options.seeds):
        one = grokking(replace(settings, seed=settings.seed + k))
        main_arm, told, early = one.arms["decay"], one.accuracy, one.fourier_before
        print(
            f"{one.settings.seed:4}  {main_arm.learned!s:>7}  {main_arm.understood!s:>10}  "
            f"{told.value:13.3f} ({told.null:.3f})       "
            f"{early.value:14.3f} ({early.null:.3f})       {one.seconds:7.1f}"
        )
        found.append(one)
    print(found[0].accuracy.caption())
    if options.json:
        rest = [one.as_json(curves=False) for one in found[1:]]
        print(json.dumps(found[0].as_json() | {"further_seeds": rest}))
    return 0
