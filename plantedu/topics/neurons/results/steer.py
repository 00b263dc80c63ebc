"""The result of `neurons steer`: settings, what was found, the chart.

Lesson: 10_neurons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

SHOWN = 10


@dataclass(frozen=True)
class Settings:
    """Which feature is moved.

    Attributes:
        dictionary: Name of one that ships (cross-0), or run:ID of a run that trained one.
        feature: Its number.
        times: How many times its mean code is added; below 0: taken away.
        sensor: Whose picture is the condition.
        plants: How many plants, 2 or more.
        samples: Pictures of each.
        steps: Of the sampler.
        denoiser: Name of one that ships; the largest for a CPU by default.
        seed: Of the noise.
    """

    dictionary: str = "cross-0"
    feature: int = 0
    times: float = 3.0
    sensor: str = "rgb"
    plants: int = 6
    samples: int = 2
    steps: int = 6
    denoiser: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.sensor in ("rgb", "rgn"), f"sensor is rgb or rgn; got {self.sensor!r}.")
        require(2 <= self.plants <= 64, f"plants is 2 to 64; got {self.plants}.")
        require(1 <= self.samples <= 16, f"samples is 1 to 16; got {self.samples}.")
        require(abs(self.times) <= 50, f"times is -50 to 50; got {self.times}.")


@dataclass(frozen=True)
class SteerResult(AsJson):
    """What a push along a feature does.

    Attributes:
        settings: How it was made.
        encoder: Whose h.
        length: Length of the push beside the mean distance of a plant from the mean of h.
        effects: By what is read; null: mean size of the change for pushes elsewhere.
    """

    settings: Settings
    encoder: str
    length: float
    effects: dict[str, Evidence]

    def chart(self, *, dark: bool = False) -> Drawing:
        """The largest effects beside pushes elsewhere."""
        about = f"feature {self.settings.feature}, {self.settings.times:g} times its mean code"
        return steer_chart(self.effects, about, dark=dark)


def steer_chart(effects: Mapping[str, Evidence], about: str, *, dark: bool = False) -> Drawing:
    """The largest effects of a push.

    Args:
        effects: By what is read.
        about: Which feature, how far.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without effects.
    """
    require(len(effects) > 0, "Nothing was read.")
    order = sorted(effects, key=lambda name: -abs(effects[name].value))[:SHOWN]
    rows = []
    for name in order:
        one = effects[name]
        low, high = one.interval or (one.value, one.value)
        rows += [
            {"kind": "push", "of": name, "value": one.value, "low": low, "high": high},
            {"kind": "null", "of": name, "low": -one.null, "high": one.null, "value": one.null},
        ]
    first = effects[order[0]]
    said = "; ".join(
        f"{name} {effects[name].value:+z.2f} (pushes elsewhere {effects[name].null:z.2f})"
        for name in order[:5]
    )
    words = (
        f"Change of what a reader reads after a push along {about}: {said}. Numbers in units of "
        f"the factor's spread, categories in probability. {first.caption()}."
    )
    return Drawing(_spec(tuple(order), dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _spec(order: tuple[str, ...], dark: bool) -> dict[str, Any]:
    axis = alt.Axis(labelLimit=140, ticks=False, domain=False, labelOverlap=False)
    y = alt.Y("of:N", sort=list(order), title=None, axis=axis)
    x = alt.X("value:Q", title="change of the reading")
    seen, null = colour("rgb", dark=dark), colour("null", dark=dark)
    tips = ["of:N", *(alt.Tooltip(f"{n}:Q", format="+.3f") for n in ("value", "low", "high"))]
    layers = [
        only("null")
        .mark_bar(height=14, color=null, opacity=0.5)
        .encode(alt.X("low:Q", title="change of the reading"), y, x2="high:Q", tooltip=tips),
        only("push").mark_rule(strokeWidth=2, color=seen).encode(alt.X("low:Q"), y, x2="high:Q"),
        only("push")
        .mark_point(filled=True, size=70, color=seen, opacity=1)
        .encode(x, y, tooltip=tips),
    ]
    return built(alt.layer(*layers).properties(height=alt.Step(26)))
