"""The result of `attacks agreement`: settings, what the detector makes of each attack, the chart.

Lesson: 08_attacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import VALUES, colour
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.topics.attacks.results.names import NORMS, SAYS_WHERE, WHERE
from plantedu.zoo.recipes import ENCODERS


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how hard.

    Attributes:
        networks: SwAV encoders, each with its linear head.
        where: Choices of attacked sensors.
        plants: Fresh plants that are attacked.
        calm: Other fresh plants, clean, that set the threshold and the ROC.
        radius_255: Radius in grey levels.
        norm: linf, l2 or l2_pair.
        refused: Share of clean pairs that the detector may turn away.
        steps: Slopes of APGD; the adaptive attack has twice as many.
        seed: Draws starts and noise.
    """

    networks: tuple[str, ...] = ("cross-0", "cross-1", "cross-2")
    where: tuple[str, ...] = WHERE
    plants: int = 48
    calm: int = 192
    radius_255: float = 6.0
    norm: str = "linf"
    refused: float = 0.05
    steps: int = 12
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.networks, ENCODERS), (self.where, WHERE), ((self.norm,), NORMS)):
            strange = [word for word in given if word not in known]
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")
        require(self.calm >= 20, f"calm must be 20 or more, got {self.calm}.")
        require(0 < self.refused < 0.5, f"refused must be in (0, .5), got {self.refused}.")


@dataclass(frozen=True)
class Notice:
    """What the detector makes of attacks on some sensors, mean over networks.

    Attributes:
        auc: Of blind attacks against clean pairs; null: noise of the same size.
        caught: Share of misnamed pairs that are turned away; null: share of noisy pairs.
        blind: Share of plants misnamed and let pass by the blind attack; null: under noise.
        adaptive: The same of the adaptive attack; null: the blind one's share.
        roc: Share of attacked pairs turned away at each share of clean pairs turned away.
    """

    where: str
    auc: Evidence
    caught: Evidence
    blind: Evidence
    adaptive: Evidence
    roc: tuple[float, ...]


@dataclass(frozen=True)
class AgreementResult(AsJson):
    """The detector against each choice of sensors."""

    settings: Settings
    thresholds: tuple[float, ...]
    noise_roc: tuple[float, ...]
    notices: tuple[Notice, ...]

    def of(self, where: str) -> Notice:
        """One of them."""
        return next(one for one in self.notices if one.where == where)

    def chart(self, *, dark: bool = False) -> Drawing:
        """ROC of each choice of sensors; noise in grey, chance on the diagonal."""
        return roc_chart(
            [(one.where, one.roc, one.auc) for one in self.notices], self.noise_roc, dark=dark
        )


def roc_chart(
    curves: Sequence[tuple[str, Sequence[float], Evidence]],
    noise: Sequence[float],
    *,
    dark: bool = False,
) -> Drawing:
    """A line for each choice of sensors, noise in grey, chance on the diagonal.

    Args:
        curves: Attacked sensors, share of attacked pairs turned away at even steps of clean pairs
            turned away, and the AUC.
        noise: The same curve under noise.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without curves.
    """
    require(bool(curves), "Nothing has been attacked yet.")
    at = np.linspace(0, 1, len(noise))
    rows = [
        {
            "kind": "roc",
            "what": SAYS_WHERE[where],
            "clean": float(a),
            "attacked": float(b),
            "auc": auc.value,
        }
        for where, curve, auc in curves
        for a, b in zip(at, curve, strict=True)
    ]
    rows += [
        {"kind": "noise", "clean": float(a), "attacked": float(b)}
        for a, b in zip(at, noise, strict=True)
    ]
    rows += [{"kind": "chance", "clean": a, "attacked": a} for a in (0.0, 1.0)]
    said = "; ".join(
        f"{SAYS_WHERE[where]}: AUC {auc.value:z.2f} (noise {auc.null:z.2f})"
        for where, _, auc in curves
    )
    names = tuple(SAYS_WHERE[where] for where, *_ in curves)
    words = f"Share of attacked pairs turned away against clean ones. {said}. "
    return Drawing(_spec(names, dark), pd.DataFrame(rows), words + curves[0][2].caption() + ".")


@lru_cache(maxsize=4)
def _spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    tints = [colour(name, dark=dark) for name in VALUES[: len(names)]]
    scale = alt.Scale(domain=list(names), range=tints)
    legend = alt.Legend(orient="top", columns=1, labelLimit=260)  # long names: a phone is narrow
    tint = alt.Color("what:N", title=None, scale=scale, legend=legend)
    rows = alt.Chart(alt.Data(name="rows"))
    roc, noise, chance = (
        rows.transform_filter(f"datum.kind == '{kind}'") for kind in ("roc", "noise", "chance")
    )
    x = alt.X("clean:Q", title="clean pairs turned away", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("attacked:Q", title="attacked pairs turned away", scale=alt.Scale(domain=[0, 1]))
    tips = ["what:N"]
    tips += [alt.Tooltip(f"{c}:Q", format=".2f") for c in ("clean", "attacked", "auc")]
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=list(names)), legend=None)
    layers = alt.layer(
        chance.mark_line(color=colour("chance", dark=dark), strokeDash=[2, 3]).encode(x, y),
        noise.mark_line(color=colour("null", dark=dark), strokeWidth=2).encode(x, y),
        roc.mark_line(strokeWidth=2).encode(x, y, color=tint, strokeDash=dash, tooltip=tips),
    )
    return built(layers.properties(height=340, width=420))
