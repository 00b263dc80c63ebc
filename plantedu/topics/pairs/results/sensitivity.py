"""The result of `pairs sensitivity`: what each factor does to each sensor's picture, and its chart.

Lesson: 01_pairs.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colours
from plantedu.data.renderer.factors import SENSORS, factor
from plantedu.data.renderer.pairs import Pairs
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence

LEVEL = 1.0  # a value that moves by more than this many 1/255 is seen


@dataclass(frozen=True)
class Settings:
    """Which camera sees which factor?

    Attributes:
        world: Name of the planted world.
        world_seed: Its seed.
        plants: How many plants, the first of the world.
        size: Pixels a side.
        factors: Which factors; all when none is named.
    """

    world: str = "field"
    world_seed: int = 0
    plants: int = 24
    size: int = 64
    factors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.plants >= 2, f"An interval needs at least 2 plants; got {self.plants}.")
        world(self.world, self.world_seed)
        for name in self.factors:
            factor(name)


@dataclass(frozen=True)
class Effect:
    """What one factor does to one sensor.

    Attributes:
        evidence: Mean change, with the camera's noise as its null; `truth` is 1 where the factor
            was planted for this sensor, else 0.
        largest: Largest change of any value, 1/255.
    """

    factor: str
    sensor: str
    evidence: Evidence
    largest: float

    @property
    def seen(self) -> bool:
        """Whether the sensor's picture moved at all."""
        return self.largest > LEVEL


@dataclass(frozen=True)
class SensitivityResult:
    """Every factor's effect on both sensors."""

    settings: Settings
    effects: tuple[Effect, ...]

    @property
    def grade(self) -> float:
        """Share of (factor, sensor) where seen agrees with what was planted."""
        right = [effect.seen == bool(effect.evidence.truth) for effect in self.effects]
        return float(np.mean(right))

    def as_json(self) -> dict[str, Any]:
        """Plain values, by factor and sensor; `from_json` reads them back."""
        found: dict[str, Any] = {}
        for effect in self.effects:
            fields = effect.evidence.as_json() | {"largest": effect.largest, "seen": effect.seen}
            found.setdefault(effect.factor, {})[effect.sensor] = fields
        return {"settings": asdict(self.settings), "grade": self.grade, "factors": found}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "SensitivityResult":
        """Read a result that a run or a file holds."""
        effects = []
        for name, sensors in found["factors"].items():
            for sensor, fields in sensors.items():
                evidence = {k: v for k, v in fields.items() if k not in ("largest", "seen")}
                effects.append(Effect(name, sensor, revived(Evidence, evidence), fields["largest"]))
        return cls(revived(Settings, found["settings"]), tuple(effects))

    def table(self) -> pd.DataFrame:
        """One row a factor and sensor, for reading."""
        return pd.DataFrame([_row(effect) for effect in self.effects])

    def chart(self, *, dark: bool = False) -> Drawing:
        """Mean change of each factor in each sensor, the camera's noise drawn as dashed lines."""
        rows = self.table().assign(kind="effect")
        floors = [{"kind": "null", "sensor": NAMES[s], "null": _floor_of(self, s)} for s in SENSORS]
        rows = pd.concat([rows, pd.DataFrame(floors)], ignore_index=True)
        order = tuple(dict.fromkeys(effect.factor for effect in self.effects))
        private = [e for e in self.effects if e.seen and not _other(self, e).seen]
        said = "; ".join(f"{e.factor} by {NAMES[e.sensor]} alone" for e in private)
        words = (
            f"Mean change of each picture when a factor goes from its lowest to its highest value. "
            f"Seen {said or 'by both cameras alike'}. Camera noise alone changes "
            f"{_floor_of(self, 'rgb'):z.1f} (RGB) and {_floor_of(self, 'rgn'):z.1f} (RGN) of 255."
        )
        return Drawing(_spec(order, dark), rows, words)


def change(before: Pairs, after: Pairs, sensor: str) -> np.ndarray:
    """|after - before| of one sensor, "pair 3 size size", in 1/255."""
    pictures = ((p.x1 if sensor == "rgb" else p.x2).astype(np.int16) for p in (after, before))
    return np.abs(np.subtract(*pictures))


def noise_floor(spread_255: np.ndarray) -> np.ndarray:
    """E|n - n'| = 2 sigma / sqrt(pi) for noise of standard deviation sigma, in 1/255."""
    return 2 * np.asarray(spread_255) / math.sqrt(math.pi)


def compared(before: Pairs, after: Pairs, sensor: str, what: str) -> Effect:
    """What one intervention did to one sensor's picture of the plants in hand.

    Args:
        before, after: The same plants without and with the intervention.
        sensor: "rgb" or "rgn".
        what: Name of what was changed.
    """
    moved = change(before, after, sensor)
    evidence = Evidence(
        question=f"How much does do({what}) change the {NAMES[sensor]} picture?",
        value=float(moved.mean()),
        null=float(noise_floor(before.factors[f"noise_{sensor}"]).mean()),
        control="another shot of camera noise",
        n=len(moved),
    )
    return Effect(what, sensor, evidence, float(moved.max()))


def difference(before: Pairs, after: Pairs, sensor: str, *, gain: int = 4) -> np.ndarray:
    """|after - before| of the first plant, `gain` times as bright, "height width 3" uint8."""
    moved = change(before, after, sensor)[0].transpose(1, 2, 0)
    return np.minimum(gain * moved, 255).astype(np.uint8)


def _row(effect: Effect) -> dict[str, Any]:
    evidence = effect.evidence
    low, high = evidence.interval or (math.nan, math.nan)
    return {
        "factor": effect.factor,
        "sensor": NAMES[effect.sensor],
        "change": evidence.value,
        "low": low,
        "high": high,
        "null": evidence.null,
        "largest": effect.largest,
        "seen": "yes" if effect.seen else "no",
        "planted": "yes" if evidence.truth else "no",
        "n": evidence.n,
    }


def _floor_of(result: SensitivityResult, sensor: str) -> float:
    return next(e.evidence.null for e in result.effects if e.sensor == sensor)


def _other(result: SensitivityResult, effect: Effect) -> Effect:
    """The same factor in the other sensor."""
    return next(
        e for e in result.effects if e.factor == effect.factor and e.sensor != effect.sensor
    )


@lru_cache(maxsize=8)
def _spec(order: tuple[str, ...], dark: bool) -> dict[str, Any]:
    scale = alt.Scale(type="symlog", constant=1, domainMin=0)
    axis = alt.Axis(labelOverlap="greedy", labelSeparation=6)
    x = alt.X("change:Q", title="mean change, 1/255", scale=scale, axis=axis)
    y = alt.Y("factor:N", sort=list(order), title=None)
    names = [NAMES[s] for s in SENSORS]
    paint = alt.Scale(domain=names, range=colours(*SENSORS, dark=dark))
    shape = alt.Scale(domain=names, range=["circle", "triangle-right"])
    legend = alt.Legend(orient="top", title=None)
    side = alt.YOffset("sensor:N", scale=alt.Scale(domain=names))
    tooltip = ["factor:N", "sensor:N", alt.Tooltip("change:Q", format=".2f"), "seen:N", "planted:N"]
    color = alt.Color("sensor:N", scale=paint, legend=legend)
    dots = only("effect").mark_point(filled=True, size=55, opacity=1)
    dots = dots.encode(
        x, y, color, side, alt.Shape("sensor:N", scale=shape, legend=legend), tooltip=tooltip
    )
    lines = only("effect").mark_rule(strokeWidth=1.5)
    lines = lines.encode(alt.X("low:Q", scale=scale), alt.X2("high:Q"), y, side, color)
    nulls = only("null").mark_rule(strokeDash=[5, 4])
    nulls = nulls.encode(alt.X("null:Q", scale=scale), color)
    height = 24 * len(order) + 20
    return built(alt.layer(nulls, lines, dots).properties(height=height))
