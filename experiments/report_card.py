"""Results and figures of lesson 11.

    uv run python -m experiments.report_card card [WORLDS]    # -> 11_report_card.json
    uv run python -m experiments.report_card lesson           # the text -> 11_report.json
    uv run python -m experiments.report_card figures          # -> lessons/figures/11_*.svg

The card is resumable: marks are kept under PLANTEDU_HOME by code, method and world. About 14 s of
CPU a world on one core.
"""

import sys
from typing import Any

import numpy as np

from experiments.figures import save as save_figure
from experiments.parts import read_as, write
from plantedu.charts.chart import Drawing
from plantedu.charts.reliability import reliability_chart
from plantedu.statistics.brier import reliability
from plantedu.topics.report_card.report_card import marks_folder, report_card, tell
from plantedu.topics.report_card.results.report_card import ReportCardResult, Settings

WORLDS = 40


def card(worlds: int) -> None:
    """Every method on fresh worlds."""
    settings = Settings(worlds=worlds)
    result = report_card(settings, folder=marks_folder(), progress=print)
    tell(result)
    write("11_report_card", result.as_json(), f"experiments.report_card card {worlds}")


def read() -> ReportCardResult:
    """The committed card."""
    return read_as(ReportCardResult, "11_report_card")


def lesson() -> None:
    """What the text says, where tests find it."""
    found = read()
    grades = {
        g.name: {
            "right": g.right.as_json(),
            "hits": g.hits.as_json(),
            "alarms": g.alarms.as_json(),
            **({"coverage": g.coverage.as_json()} if g.coverage else {}),
            **({"width": g.width} if g.width is not None else {}),
        }
        for g in found.grades
    }
    summary = {
        "worlds": found.settings.worlds,
        "methods": len(found.grades),
        "seconds_a_world": round(sum(found.seconds.values()) / found.settings.worlds, 1),
        "good": sum(g.verdict.startswith("good") for g in found.grades),
        "not_told": sum(g.verdict.startswith("not told") for g in found.grades),
        "too_narrow": sum("too narrow" in g.verdict for g in found.grades),
        "traps": sum(g.trap for g in found.grades),
        "grades": grades,
        "forecasters": {name: _parts(*one) for name, one in forecasters().items()},
    }
    write("11_report", summary, "experiments.report_card lesson")


def forecasters() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Four forecasters of the same 200 questions of two to four options."""
    rng = np.random.default_rng(11)
    options = rng.integers(2, 5, size=200)
    p = 1 / options + (1 - 1 / options) * rng.beta(1.2, 1.2, size=200)
    right = rng.random(200) < p
    coin = np.full(200, 0.5)
    return {
        "calibrated": (p, right),
        "overconfident": (p + 0.6 * (0.99 - p), right),
        "base rate": (np.full(200, right.mean()), right),
        "coin": (coin, right),
    }


def _parts(c: np.ndarray, o: np.ndarray) -> dict[str, float]:
    found = reliability(c, o)
    names = ("brier", "reliability", "resolution", "uncertainty", "expected_reliability")
    return {name: round(getattr(found, name), 9) + 0.0 for name in names}  # no -0


def save(name: str, drawing: Drawing, **changes: Any) -> None:
    """A chart as a figure of lesson 11."""
    save_figure(f"11_{name}", drawing, **changes)


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    found = read()
    save("card", found.chart(), width=520, height=920)
    save("coverage", found.coverage_chart(), width=420)
    chart = reliability_chart(reliability(*forecasters()["overconfident"]))
    save("reliability", chart, width=560)


def main(words: list[str]) -> None:
    word = words[0]
    if word == "card":
        card(int(words[1]) if len(words) > 1 else WORLDS)
    else:
        {"lesson": lesson, "figures": figures}[word]()


if __name__ == "__main__":
    main(sys.argv[1:])
