"""The result of `bump grokking`: what three arms of modular addition did, and the chart.

Lesson: 03_bump.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt

from plantedu.charts.chart import Drawing, Part, built, only, table
from plantedu.charts.palette import colours
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence

ARMS = ("decay", "no_decay", "shuffled")
RAMP = 10  # steps in which the learning rate rises to its value


@dataclass(frozen=True)
class Adding:
    """How the adders are trained.

    Attributes:
        prime: p, the modulus.
        share: Share of the unordered pairs that is trained on.
        width: Width of the embedding.
        hidden: Width of the hidden layer.
        learning_rate: Of AdamW, constant after a short rise.
        weight_decay: Of the arm "decay", and of "shuffled".
        steps: Full-batch steps.
        every: Steps between two looks at the test pairs.
        seed: First weights, and which pairs are trained on.
    """

    prime: int = 59
    share: float = 0.5
    width: int = 64
    hidden: int = 256
    learning_rate: float = 5e-3
    weight_decay: float = 1.0
    steps: int = 1500
    every: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        require(
            5 <= self.prime <= 199 and all(self.prime % k for k in range(2, self.prime)),
            f"prime must be a prime number from 5 to 199, got {self.prime}.",
        )
        require(0.05 <= self.share <= 0.95, f"share must be from .05 to .95, got {self.share}.")
        for name, low, high in (
            ("width", 2, 1024),
            ("hidden", 2, 4096),
            ("learning_rate", 1e-6, 1.0),
            ("weight_decay", 0, 100),
            ("steps", 1, 100_000),
            ("every", 1, 10_000),
        ):
            value = getattr(self, name)
            require(low <= value <= high, f"{name} must be from {low} to {high}, got {value}.")

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self.learning_rate * min(1.0, (step + 1) / RAMP)


@dataclass(frozen=True)
class Request(Adding):
    """Train modular addition until it is understood, beside two controls.

    Attributes:
        seeds: Trainings, from seeds seed, seed + 1, ...
    """

    seeds: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        require(1 <= self.seeds <= 50, f"seeds must be from 1 to 50, got {self.seeds}.")


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
    curves: dict[str, tuple[float, ...]]
    learned: int | None
    understood: int | None


@dataclass(frozen=True)
class GrokkingResult:
    """One training of the three arms.

    Attributes:
        settings: How.
        seconds: Of the training.
        arms: What each arm did.
        accuracy: Test accuracy at the end; its null is the arm with shuffled answers.
        delay: Steps from learned to understood; the null is the arm without weight decay, which
            counts as the steps that it was watched in vain.
        fourier_before: Fourier share at the last look before test accuracy passed .05; the null
            is the arm without weight decay at the same step.
    """

    settings: Adding
    seconds: float
    arms: dict[str, Arm]
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
        """Read a result that a run or a file holds; further seeds are left out."""
        own = {
            key: value for key, value in found.items() if key not in ("command", "further_seeds")
        }
        return revived(cls, own)

    def chart(self, what: str = "accuracy", *, dark: bool = False) -> Drawing:
        """Accuracy, loss, fourier or norm of the arms over the steps, controls in grey."""
        main = self.arms["decay"]
        said = (
            f"Modular addition, p = {self.settings.prime}, {what} over {self.settings.steps} "
            f"steps. Training accuracy passes .95 at step {main.learned}, test accuracy at step "
            f"{main.understood}. At the end test accuracy is {self.accuracy.value:z.2f}; with "
            f"shuffled answers {self.accuracy.null:z.2f}, without weight decay "
            f"{self.arms['no_decay'].curves['accuracy/test'][-1]:z.2f}."
        )
        return grokking_chart(
            {n: (a.steps, a.curves) for n, a in self.arms.items()}, what, said, dark
        )


@dataclass(frozen=True)
class GrokkingRuns:
    """Trainings of several seeds, the first one with its curves."""

    runs: tuple[GrokkingResult, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values of the first, and of further seeds without their curves."""
        first, *rest = self.runs
        return first.as_json() | {"further_seeds": [one.as_json(curves=False) for one in rest]}


SHOWN = {
    "accuracy": ("accuracy/train", "accuracy/test"),
    "loss": ("loss/train", "loss/test"),
    "fourier": ("fourier",),
    "norm": ("norm",),
}
TITLES = {
    "accuracy": "share of right answers",
    "loss": "loss, nats",
    "fourier": "share of power in 5 frequencies",
    "norm": "length of all weights",
}
CONTROLS = {"no_decay": "no weight decay", "shuffled": "shuffled answers"}
LINES = ("training pairs", "test pairs")
DASHES = dict(zip((*LINES, *CONTROLS.values()), ([1, 0], [7, 3], [2, 2], [1, 4]), strict=True))
LEAST = 1e-7  # losses are drawn on a log axis
Curves = Mapping[str, tuple[Sequence[int], Mapping[str, Sequence[float]]]]


def grokking_chart(arms: Curves, what: str, said: str, dark: bool = False) -> Drawing:
    """One measure of every arm.

    Args:
        arms: Steps and curves by arm; "decay" is drawn in colour, the others are its null.
        what: A key of SHOWN.
        said: What the chart shows, in words.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: for a measure that is not there.
    """
    require(what in SHOWN, f"There is {', '.join(SHOWN)} to draw, not {what!r}.")
    parts = []
    steps, curves = arms["decay"]
    names = LINES if len(SHOWN[what]) == 2 else LINES[:1]
    for name, curve in zip(names, SHOWN[what], strict=True):
        parts.append(_part("line", name, steps, curves[curve]))
    for arm, name in CONTROLS.items():
        if arm in arms:
            parts.append(_part("null", name, arms[arm][0], arms[arm][1][SHOWN[what][-1]]))
    return Drawing(_spec(what, dark), table(parts), said)


def _part(kind: str, name: str, steps: Sequence[int], values: Sequence[float]) -> Part:
    shown = [max(value, LEAST) for value in values]
    return Part(kind, name, list(steps), shown, shown, shown)


@lru_cache(maxsize=16)
def _spec(what: str, dark: bool) -> dict[str, Any]:
    scale = alt.Scale(type="log") if what == "loss" else alt.Scale(zero=what == "accuracy")
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title=TITLES[what], scale=scale)
    shown = [*(LINES if len(SHOWN[what]) == 2 else LINES[:1]), *CONTROLS.values()]
    hues = {
        **dict(zip(LINES, ("rgb", "rgn"), strict=True)),
        **dict.fromkeys(CONTROLS.values(), "null"),
    }
    legend = alt.Legend(orient="top", title=None, symbolSize=400, labelLimit=0)
    paint = alt.Scale(domain=shown, range=colours(*(hues[name] for name in shown), dark=dark))
    dashes = alt.Scale(domain=shown, range=[DASHES[name] for name in shown])
    tips = ["name:N", "step:Q", alt.Tooltip("value:Q", format=".3g")]
    lines = [
        only(kind)
        .mark_line(strokeWidth=width)
        .encode(
            x,
            y,
            alt.Color("name:N", scale=paint, legend=legend),
            alt.StrokeDash("name:N", scale=dashes, legend=legend),
            tooltip=tips,
        )
        for kind, width in (("null", 1.4), ("line", 1.8))
    ]
    layers = alt.layer(*lines)
    return built(layers.properties(height=310))
