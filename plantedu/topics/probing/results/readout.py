"""The result of `probing readout`: what probes read from h and z, with both nulls, and the chart.

Lesson: 02_training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal, get_args

import altair as alt
import numpy as np
import pandas as pd
import scipy
import tyro

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colour
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence

LAYERS = ("h", "z")
VIEWS = ("rgb", "rgn", "both")
Kernel = Literal["linear", "quadratic", "gaussian"]  # as statistics/kernel_features.py


@dataclass(frozen=True)
class Settings:
    """What a linear reader finds in h and in z of trained encoders.

    Attributes:
        checkpoints: Shipped names, files, or run:ID@WHEN, of one recipe, one a training seed; the
            shipped ones by default.
        probe_seeds: Shuffles of the labels a factor and checkpoint.
        factors: Which factors; those that the recipe probes by default.
        kernel: Of the reader: a straight line, or curved.
    """

    checkpoints: tyro.conf.Positional[tuple[str, ...]] = ()
    probe_seeds: int = 3
    factors: tuple[str, ...] = ()
    kernel: Kernel = "linear"

    def __post_init__(self) -> None:
        require(self.probe_seeds >= 1, f"probe_seeds must be 1 or more, got {self.probe_seeds}.")
        known = get_args(Kernel)
        require(self.kernel in known, f"kernel is one of {', '.join(known)}; got {self.kernel!r}.")


@dataclass(frozen=True)
class ProbeScore:
    """How well one factor is read from one layer, from one sensor's picture or from both.

    Attributes:
        unit: "accuracy" or "R2".
        evidence: Mean over the runs; its interval is over plants.
        each: The same of each run alone.
        random_inits: The same probe on each random-init encoder.
        random_init_null: Those on shuffled labels, mean.
        chance: Score of the best constant answer.
    """

    factor: str
    view: str
    layer: str
    unit: str
    evidence: Evidence
    each: tuple[Evidence, ...]
    random_inits: tuple[float, ...]
    random_init_null: float
    chance: float

    @property
    def runs(self) -> tuple[float, ...]:
        """The score of each run."""
        return tuple(one.value for one in self.each)

    @property
    def random_init(self) -> float:
        """Mean over random-init encoders."""
        return float(np.mean(self.random_inits))

    def moved(self, *, level: float = 0.95) -> Evidence:
        """How far training moved the score; unit of the interval: runs and random inits.

        Args:
            level: Coverage; nearer to 1 where many factors are looked at.
        """
        runs, inits = np.asarray(self.runs), np.asarray(self.random_inits)
        interval = None
        if min(len(runs), len(inits)) > 1 and runs.std() + inits.std() > 0:
            test = scipy.stats.ttest_ind(runs, inits, equal_var=False)
            ends = test.confidence_interval(level)
            interval = (float(ends.low), float(ends.high))
        return Evidence(
            question=f"By how much does training change the {self.unit} with which {self.factor} "
            f"is read from {self.layer} of {NAMES[self.view]}?",
            value=float(runs.mean() - inits.mean()),
            null=self.evidence.null - self.random_init_null,
            control="the same change on shuffled labels",
            n=self.evidence.n,
            seeds=len(runs),
            interval=interval,
            level=level,
        )


@dataclass(frozen=True)
class ReadoutResult:
    """All factors, from both layers and every view."""

    readings: tuple[ProbeScore, ...]

    def of(self, factor: str, view: str, layer: str = "h") -> ProbeScore:
        """One of the readings."""
        key = (factor, view, layer)
        return next(r for r in self.readings if (r.factor, r.view, r.layer) == key)

    def as_json(self) -> dict[str, Any]:
        """Plain values, by factor, view and layer; `from_json` reads them back."""
        found: dict[str, Any] = {}
        for r in self.readings:
            entry = r.evidence.as_json() | {"random_init": r.random_init, "chance": r.chance}
            entry |= {"runs": r.runs, "random_inits": r.random_inits, "unit": r.unit}
            entry |= {"random_init_null": r.random_init_null}
            entry |= {"each": [one.as_json() for one in r.each]}
            found.setdefault(r.factor, {}).setdefault(r.view, {})[r.layer] = entry
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ReadoutResult":
        """Read a result that a run or a file holds."""
        names = [one.name for one in fields(Evidence)]
        return cls(
            tuple(
                ProbeScore(
                    factor,
                    view,
                    layer,
                    one["unit"],
                    revived(Evidence, {name: one[name] for name in names}),
                    tuple(revived(Evidence, each) for each in one["each"]),
                    tuple(one["random_inits"]),
                    one["random_init_null"],
                    one["chance"],
                )
                for factor, views in found.items()
                for view, layers in views.items()
                for layer, one in layers.items()
            )
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every reading as a dot with its interval; shuffled labels and random init as ticks."""
        rows = pd.DataFrame([_row(reading) for reading in self.readings])
        said = "; ".join(
            f"{r.factor} from {r.view} {r.layer} {r.evidence.value:z.2f} "
            f"(shuffled {r.evidence.null:z.2f}, random init {r.random_init:z.2f})"
            for r in self.readings
        )
        caption = self.readings[0].evidence.caption()
        return Drawing(readout_spec(dark), rows, f"What linear probes read. {said}. {caption}.")


def _row(reading: ProbeScore) -> dict[str, Any]:
    low, high = reading.evidence.interval or (reading.evidence.value,) * 2
    return {
        "kind": "reading",
        "factor": reading.factor,
        "from": f"{NAMES[reading.view]} {reading.layer}",
        "score": reading.evidence.value,
        "low": max(low, -0.2),
        "high": high,
        "shuffled": max(reading.evidence.null, -0.2),
        "random init": max(reading.random_init, -0.2),
        "unit": reading.unit,
    }


@lru_cache(maxsize=2)
def readout_spec(dark: bool) -> dict[str, Any]:
    """One row of panels: a panel a factor, a line a sensor and layer."""
    x = alt.X("score:Q", title="accuracy or R²", scale=alt.Scale(domain=[-0.2, 1], clamp=True))
    y = alt.Y("from:N", title=None, sort=[f"{NAMES[v]} {k}" for v in VIEWS for k in LAYERS])
    base = only("reading")
    ink, null, chance = (colour(name, dark=dark) for name in ("loss", "null", "chance"))
    tips = ["factor:N", "from:N", "unit:N"] + [
        alt.Tooltip(f"{name}:Q", format=".2f") for name in ("score", "shuffled", "random init")
    ]
    layers = alt.layer(
        base.mark_rule(color=ink, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        base.mark_tick(color=null, thickness=3).encode(x=alt.X("shuffled:Q"), y=y),
        base.mark_point(color=chance, shape="diamond", size=50).encode(
            x=alt.X("random init:Q"), y=y
        ),
        base.mark_point(color=ink, filled=True, size=60, opacity=1).encode(x=x, y=y, tooltip=tips),
    )
    faceted = layers.properties(width=150, height=110).facet(
        facet=alt.Facet("factor:N", title=None, sort=None), columns=4
    )
    return built(faceted)
