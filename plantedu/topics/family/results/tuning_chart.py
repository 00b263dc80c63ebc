"""Fine-tuning: accuracy as it goes, who is taken for whom, and the learning rates of the finder."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing, built, mark, only, table
from plantedu.charts.palette import NAMES, VALUES, colour, colours
from plantedu.charts.tables import Runs
from plantedu.charts.training_curves import MOST, thinned
from plantedu.errors import require

CURVES = {"accuracy/held_out": "fresh plants", "accuracy/validation": "validation plants"}
RULES = ("valley", "steep", "minimum", "slide")


def accuracy_chart(
    runs: Runs, null: float, *, control: str, last: int = 0, dark: bool = False
) -> Drawing:
    """Accuracy over the steps, beside that of a forecast which looks at no picture.

    Args:
        runs: Series by name.
        null: Accuracy of that forecast.
        control: What it is: the class prior, or an even guess where that is not known yet.
        last: The run's last step; 0 for the data's own end.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: if no accuracy was recorded yet.
    """
    shown = [name for name in CURVES if name in runs and len(runs[name])]
    require(bool(shown), "This run has looked at no plants yet.")
    parts = [thinned(runs[name], MOST // 2, "line", CURVES[name]) for name in shown]
    parts.append(mark("prior", f"{control}: {null:z.2f}", value=null))
    now = ", ".join(f"{CURVES[name]} {runs[name].values[-1]:z.2f}" for name in shown)
    said = f"Accuracy at step {runs[shown[0]].steps[-1]}: {now}; {control} {null:z.2f}."
    return Drawing(_accuracy_spec(last, dark), table(parts), said)


def confusion_chart(
    counts: Sequence[Sequence[int]], classes: Sequence[str], *, what: str, dark: bool = False
) -> Drawing:
    """Who is taken for whom; small below each count, what guessing with the same shares would give.

    Args:
        counts: Plants of class i that are called j, "classes classes".
        classes: Names of the classes.
        what: Which classifier it is.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: for a table without plants.
    """
    found = np.asarray(counts, dtype=float)
    require(found.sum() > 0, "A table of confusions needs at least one plant.")
    by_luck = found.sum(1, keepdims=True) * found.sum(0, keepdims=True) / found.sum()
    names = [NAMES.get(name, name) for name in classes]
    rows = [
        {
            "kind": "cell",
            "is": names[i],
            "called": names[j],
            "plants": int(found[i, j]),
            "share": float(found[i, j] / max(found[i].sum(), 1)),
            "by luck": float(by_luck[i, j]),
        }
        for i in range(len(names))
        for j in range(len(names))
    ]
    wrong = "; ".join(
        f"{row['plants']} {row['is']} called {row['called']} (by luck {row['by luck']:z.0f})"
        for row in rows
        if row["is"] != row["called"]
    )
    right = float(np.trace(found) / found.sum())
    luck = float(np.trace(by_luck) / found.sum())
    said = f"{what}: {right:z.3f} of {found.sum():z.0f} right (by luck {luck:z.3f}); {wrong}."
    return Drawing(_confusion_spec(tuple(names), dark), pd.DataFrame(rows), said)


def rates_chart(band: Mapping[str, Any], *, dark: bool = False) -> Drawing:
    """The finder's loss against the learning rate, a line a seed, and what the four rules say.

    Args:
        band: An LrBand as plain values; each rule's null is the same rule on flat curves.
        dark: Whether the page is dark.
    """
    lines = [
        pd.DataFrame(
            {
                "kind": "curve",
                "name": f"seed {seed}",
                "rate": curve["rates"][: len(curve["smoothed"])],
                "value": curve["smoothed"],
            }
        )
        for seed, curve in zip(band["seeds"], band["curves"], strict=True)
    ]
    found = band["found"]
    rules = [rule for rule in RULES if rule in found]
    marks = [
        {
            "kind": kind,
            "name": rule,
            "rate": found[rule][field],
            "low": (found[rule]["interval"] or [found[rule]["value"]] * 2)[0],
            "high": (found[rule]["interval"] or [found[rule]["value"]] * 2)[1],
        }
        for rule in rules
        for kind, field in (("rule", "value"), ("flat", "null"))
    ]
    said = "; ".join(
        f"{rule} {found[rule]['value']:.1e} (on flat curves {found[rule]['null']:.1e})"
        for rule in rules
    )
    table_ = pd.concat([*lines, pd.DataFrame(marks)])
    words = f"Learning-rate finder, {len(band['seeds'])} seeds. Suggested: {said}."
    return Drawing(_rates_spec(tuple(rules), dark), table_, words)


@lru_cache(maxsize=8)
def _accuracy_spec(last: int, dark: bool) -> dict[str, Any]:
    names = list(CURVES.values())
    paint = alt.Scale(domain=names, range=colours("loss", "divergence", dark=dark))
    dash = alt.Scale(domain=names, range=[[1, 0], [5, 3]])
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=300)
    ends = alt.Scale(domain=[0, last]) if last else alt.Undefined
    x = alt.X("step:Q", title="step", scale=ends, axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title="accuracy", scale=alt.Scale(domain=[0, 1]))
    lines = (
        only("line")
        .mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=18))
        .encode(
            x,
            y,
            alt.Color("name:N", scale=paint, legend=legend),
            alt.StrokeDash("name:N", scale=dash, legend=legend),
            tooltip=["name:N", "step:Q", alt.Tooltip("value:Q", format=".3f")],
        )
    )
    null = colour("chance", dark=dark)
    prior = only("prior").mark_rule(color=null, strokeDash=[1, 3]).encode(y)
    words = only("prior").mark_text(color=null, align="right", baseline="bottom", dx=-4, dy=-2)
    words = words.encode(y, x=alt.value("width"), text="name:N")
    return built(alt.layer(lines, prior, words).properties(height=260))


@lru_cache(maxsize=8)
def _confusion_spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("chance", dark=dark)
    axis = alt.Axis(orient="top", labelAngle=0)
    x = alt.X("called:N", sort=list(names), title="called", axis=axis)
    y = alt.Y("is:N", sort=list(names), title="is")
    base = only("cell")
    tips = ["is:N", "called:N", "plants:Q", alt.Tooltip("by luck:Q", format=".0f")]
    opacity = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.35]), legend=None)
    boxes = base.mark_rect(color=colour("rgb", dark=dark)).encode(x, y, opacity, tooltip=tips)
    counts = base.mark_text(color=ink, fontSize=15, dy=-5).encode(x, y, text="plants:Q")
    luck = base.mark_text(color=null, fontSize=10, dy=11)
    luck = luck.encode(x, y, text=alt.Text("by luck:Q", format=".0f"))
    return built(alt.layer(boxes, counts, luck).properties(height=90 + 48 * len(names)))


@lru_cache(maxsize=8)
def _rates_spec(rules: tuple[str, ...], dark: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    log = alt.Scale(type="log")
    x = alt.X("rate:Q", title="learning rate", scale=log, axis=alt.Axis(format=".0e", tickCount=6))
    y = alt.Y("value:Q", title="smoothed loss, nats", scale=alt.Scale(zero=False))
    paints = [VALUES[k % len(VALUES)] for k in range(len(rules))]
    scale = alt.Scale(domain=list(rules), range=colours(*paints, dark=dark))
    legend = alt.Legend(orient="top", title="rule (dotted: on flat curves)", symbolOpacity=1)
    paint = alt.Color("name:N", scale=scale, legend=legend)
    lines = only("curve").mark_line(strokeWidth=1, opacity=0.6, color=ink)
    rates = only("rule").mark_rule(strokeWidth=2).encode(x, paint, tooltip=["name:N", "rate:Q"])
    flat = only("flat").mark_rule(strokeDash=[2, 4], strokeWidth=1.5)
    layers = (
        only("rule").mark_rect(opacity=0.12).encode(alt.X("low:Q", scale=log), paint, x2="high:Q"),
        lines.encode(x, y, alt.Detail("name:N")),
        rates,
        flat.encode(x, paint),
    )
    return built(alt.layer(*layers).properties(height=300, view=alt.ViewConfig(stroke=null)))
