"""From marks to a grade: how often right, how often a false alarm, and do intervals hold.

    hits         = share reported where it is planted           false alarms = where it is not
    right        = (hits + 1 - false alarms) / 2                .5 for a coin and for always-yes
    coverage     = share of intervals that hold the planted number, to be compared with .95

Intervals of shares are mid-p; that of `right` takes both at their worse ends, so it
is wide. Cases of one world are not quite independent, which they do not know.

Source: Lancaster 1961 [lancaster1961]. Lesson: 11_report.
"""

from collections.abc import Sequence

import numpy as np

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.report_card.results.report_card import Grade
from plantedu.topics.report_card.trial import Mark, Trial

LEVEL, ALPHA, GOOD, COIN = 0.95, 0.05, 0.75, 0.5
ALWAYS_YES = "a coin, and a method that always says yes"


def grade(trial: Trial, marks: Sequence[Mark], worlds: int) -> Grade:
    """Grade a method.

    Args:
        trial: The method's trial.
        marks: All cases of all worlds.
        worlds: How many worlds.

    Raises:
        PlantEduError: where the thing was always there, or never.
    """
    there, absent = ([m for m in marks if m.there is is_there] for is_there in (True, False))
    require(bool(there and absent), f"{trial.name} needs cases of both kinds; take more worlds.")
    hits = _share("How often is it reported where it is?", [m.said for m in there], COIN, worlds)
    alarms = _share(
        "How often is it reported where it is not?", [m.said for m in absent], ALPHA, worlds
    )
    held = [m.covers for m in marks if m.covers is not None]
    coverage = (
        _share("How often does the interval hold the truth?", held, LEVEL, worlds) if held else None
    )
    right = _right(hits, alarms, len(marks), worlds)
    return Grade(
        name=trial.name,
        lesson=trial.lesson,
        reports=trial.reports,
        null=trial.null,
        trap=trial.trap,
        right=right,
        hits=hits,
        alarms=alarms,
        coverage=coverage,
        width=_width(marks),
        verdict=_verdict(right, coverage),
    )


def _share(question: str, said: Sequence[bool | None], null: float, worlds: int) -> Evidence:
    count, n = sum(map(bool, said)), len(said)
    control = {COIN: "a coin", ALPHA: "the stated level"}.get(null, "the stated coverage")
    interval = count_interval(count, n, level=LEVEL)
    return Evidence(
        question=question,
        value=count / n,
        null=null,
        control=control,
        n=n,
        seeds=worlds,
        interval=interval,
    )


def _right(hits: Evidence, alarms: Evidence, n: int, worlds: int) -> Evidence:
    (h_low, h_high), (a_low, a_high) = hits.interval or (0, 1), alarms.interval or (0, 1)
    return Evidence(
        question="How often is it right, planted or not?",
        value=(hits.value + 1 - alarms.value) / 2,
        null=COIN,
        control=ALWAYS_YES,
        n=n,
        seeds=worlds,
        interval=((h_low + 1 - a_high) / 2, (h_high + 1 - a_low) / 2),
    )


def _width(marks: Sequence[Mark]) -> float | None:
    """Median width over median planted number; None without intervals or with truths of 0 alone."""
    widths = [m.interval[1] - m.interval[0] for m in marks if m.interval]
    sizes = [abs(m.truth) for m in marks if m.interval and m.truth]
    return float(np.median(widths) / np.median(sizes)) if widths and sizes else None


def _verdict(right: Evidence, coverage: Evidence | None) -> str:
    low = right.interval[0] if right.interval else right.value
    said = "good" if low >= GOOD else "better than a coin"
    said = said if low > COIN else "not told from a coin"
    if coverage and coverage.interval and coverage.interval[1] < LEVEL:
        return f"{said}; intervals too narrow"
    return said
