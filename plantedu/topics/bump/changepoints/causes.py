"""What could have made a bump: the scheduled events near it, the likeliest kind first.

    weight = prior(kind) * 2^(-d / w)        d: steps from the bump's interval to the event
                                             w: the interval's width, at least two rows

The priors order the questions as they should be asked: did the objective change, then the data,
then the learning rate, then the logging, and only then, did the model learn something? They are
an order fixed beforehand, no probabilities: coincidence in time is a suspicion, and an
intervention (move the event, see whether the bump follows) is the test.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.topics.bump.changepoints.finding import Bump

PRIORS = {"objective": 1.0, "data": 0.6, "rate": 0.4, "logging": 0.3, "learning": 0.1}
SAYS = {
    "objective": "a change of the objective moves the ruler itself: the loss can step with the "
    "weights unchanged",
    "data": "other data, batches or batch statistics change what is averaged",
    "rate": "a change of the learning rate, or of the arithmetic, moves the weights otherwise",
    "logging": "what is written down changed, not what happened",
    "other": "what it does to the loss is not known here",
}
WORDS = (  # the first kind with a word in the event's name
    ("objective", ("queue", "prototype", "epsilon", "objective", "ruler", "temperature", "margin")),
    ("objective", ("loss weight", "label smoothing", "released", "unfreeze", "frozen")),
    ("data", ("data", "batch", "augment", "crop", "label", "sampler", "norm", "shuffle")),
    ("rate", ("learning", "rate", "lr", "warm", "restart", "optimi", "momentum", "overflow")),
    ("rate", ("precision", "scale", "resum", "schedule")),
    ("logging", ("log", "smooth", "ema", "gap", "plot", "metric", "checkpoint", "report")),
)
OTHER = 0.2  # prior of an event whose name says nothing
NEGLIGIBLE = 0.01  # of a prior; events farther away are counted, not listed


@dataclass(frozen=True)
class Happening:
    """Something that a recipe scheduled or a run recorded.

    Attributes:
        kind: A key of `PRIORS`, or "other".
        plan: "recorded", or "planned" where only the recipe says so.
    """

    step: float
    name: str
    kind: str
    detail: str = ""
    plan: str = "recorded"


@dataclass(frozen=True)
class Candidate:
    """One possible cause of a bump.

    Attributes:
        step: When it happened; None for learning, which has no date.
        distance: Steps from the bump's own step to it; positive where it came later.
        inside: Whether it lies in the bump's interval.
        weight: What candidates are ordered by.
        why: One sentence.
    """

    name: str
    kind: str
    step: float | None
    distance: float | None
    inside: bool
    weight: float
    why: str


def kind_of(name: str) -> str:
    """The kind of an event, by the words of its name."""
    lower = name.lower()
    return next((kind for kind, words in WORDS if any(w in lower for w in words)), "other")


def candidates(
    bump: Bump, timeline: Sequence[Happening], *, spacing: float
) -> tuple[Candidate, ...]:
    """Possible causes of a bump, the likeliest first; learning is always among them.

    Args:
        bump: What is to be explained.
        timeline: What happened when.
        spacing: Usual distance of two rows, in steps.
    """
    low, high = bump.interval
    width = max(high - low, 2 * spacing)
    found = [_candidate(bump, event, width, spacing) for event in timeline]
    found = [one for one in found if one.weight > NEGLIGIBLE * PRIORS["learning"]]
    found.append(_learning(found, timeline))
    return tuple(sorted(found, key=lambda one: -one.weight))


def _candidate(bump: Bump, event: Happening, width: float, spacing: float) -> Candidate:
    low, high = bump.interval
    away = max(low - event.step, event.step - high, 0.0)
    weight = PRIORS.get(event.kind, OTHER) * 2.0 ** (-away / width)
    distance = event.step - bump.step
    side = "after" if event.step > high else "before"
    where = "inside the bump's interval" if away == 0 else f"{away:,.0f} steps {side} its interval"
    if away and side == "after":
        near = away <= 2 * spacing
        where += ", no more than two rows" if near else ": too late to be a cause"
        weight *= 1.0 if near else NEGLIGIBLE
    planned = " It was planned, not recorded." if event.plan == "planned" else ""
    why = f"At step {event.step:,.0f}, {where}; {SAYS.get(event.kind, SAYS['other'])}.{planned}"
    return Candidate(event.name, event.kind, event.step, distance, away == 0, weight, why)


def _learning(found: Sequence[Candidate], timeline: Sequence[Happening]) -> Candidate:
    """No scheduled cause: the weights themselves went somewhere."""
    if not timeline:
        why = (
            "No events are known, so no other cause can be ruled out. The missing record: at "
            "which step queue, prototypes, epsilon, data, batch, learning rate or logging changed."
        )
    elif any(one.weight > PRIORS["learning"] for one in found):
        why = (
            "The weights may have found something, but a scheduled event lies nearer; score both "
            "sides on one fixed ruler before believing it."
        )
    else:
        why = "Nothing that is known of changed near this step; score both sides on a fixed ruler."
    return Candidate(
        "learning, no scheduled cause", "learning", None, None, False, PRIORS["learning"], why
    )


def published_timeline(
    *, epochs: int, steps_per_epoch: int, queue_start_pct: float, lr_peak_pct: float = 0.25
) -> tuple[Happening, ...]:
    """When a recipe of epochs changes something, by the rule of the published library.

    Its queue is used once the share of batches done is *greater* than the start: after batch
    epochs * steps_per_epoch * pct, so that the next one, + 1, is the first. One-cycle peaks at a
    quarter of the run by default.

    Raises:
        PlantEduError: for shares outside [0, 1] or counts below 1.
    """
    require(
        epochs >= 1 and steps_per_epoch >= 1,
        f"A recipe has at least 1 epoch of 1 step; got {epochs} of {steps_per_epoch}.",
    )
    for name, share in (("queue_start_pct", queue_start_pct), ("lr_peak_pct", lr_peak_pct)):
        require(0 <= share <= 1, f"{name} is a share of the run in [0, 1], got {share}.")
    total = epochs * steps_per_epoch
    peak = round(total * lr_peak_pct)
    queue = int(total * queue_start_pct) + 1
    events = [Happening(float(peak), "learning-rate peak", "rate", plan="planned")]
    if queue <= total:
        events.append(Happening(float(queue), "queue on", "objective", plan="planned"))
    return tuple(sorted(events, key=lambda event: event.step))


def read_timeline(path: Path) -> tuple[Happening, ...]:
    """Events from a JSON file: a list of {"step": ..., "name": ...}, "kind" and "detail" if known.

    Raises:
        PlantEduError: if the file is not such a list, or a kind is unknown.
    """
    try:
        rows = json.loads(Path(path).read_text(encoding="utf-8"))
        return tuple(_happening(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, PlantEduError):
            raise
        raise PlantEduError(
            f"{path} cannot be read as events ({error!r}): write a JSON list of "
            '{"step": 120, "name": "queue on"}.'
        ) from error


def _happening(row: dict[str, Any]) -> Happening:
    name = str(row["name"])
    kind = str(row.get("kind") or kind_of(name))
    known = (*PRIORS, "other")
    require(kind in known, f"Event {name!r} has kind {kind!r}; kinds are {', '.join(known)}.")
    return Happening(float(row["step"]), name, kind, str(row.get("detail") or ""))
