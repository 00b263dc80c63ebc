"""The right option of each prediction, computed from results: nobody writes it down by hand.

A prediction's block says which measured number settles it, and which values mean which option
(`answer_bins`). The number is read with its null from the committed results of the lesson, or from
a run of the learner's own.
"""

import json
import math
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from plantedu.course.answer_bins import AnswerBins
from plantedu.course.blocks import Prediction
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.store.store import Store


@dataclass(frozen=True)
class Context:
    """Where results are: the committed folder and, if a run is asked for, the store with it."""

    results: Path
    store: Store | None = None
    run_id: str = ""


@dataclass(frozen=True)
class Answer:
    """The right option, the number behind it, and a sentence that says both."""

    key: str
    evidence: Evidence
    text: str


def settle(prediction: Prediction, context: Context) -> Answer:
    """The right option of a prediction.

    Raises:
        PlantEduError: if its results are not there yet, or the run has no such number.
    """
    asked = prediction.settles
    evidence = _from_run(prediction, context) if context.run_id else _committed(asked, context)
    require(math.isfinite(evidence.value), f"{asked.says} is not a finite number here.")
    text = (
        f"{asked.says}: {evidence.value:.3g}, beside {evidence.null:.3g} for "
        f"{evidence.control} (n = {evidence.n})."
    )
    return Answer(asked.option(evidence.value), evidence, text)


def _committed(asked: AnswerBins, context: Context) -> Evidence:
    path = Path(context.results) / asked.file
    try:
        found = _read(path, path.stat().st_mtime_ns)
        for word in asked.place:
            found = found[word]
        given = {field.name: found[field.name] for field in fields(Evidence) if field.name in found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlantEduError(
            f"{asked.says}: this is not measured here yet ({path.name}, {'/'.join(asked.place)}). "
            "Your prediction is kept; look again after the next update."
        ) from error
    if given.get("interval"):
        given["interval"] = tuple(given["interval"])
    return Evidence(**given)


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> Any:
    """A results file, read again only when it has changed; nobody writes to what it returns."""
    return json.loads(path.read_text(encoding="utf-8"))


def _from_run(prediction: Prediction, context: Context) -> Evidence:
    """The metric's last value in a run, with the shuffled-label probe as its null."""
    store, run_id, asked = context.store, context.run_id, prediction.settles
    require(
        store is not None and bool(asked.metric),
        f"{prediction.id} is settled by committed results, not by a run.",
    )
    null = asked.metric.replace("probe/", "null/", 1)
    series = store.metrics(run_id, [asked.metric, null])  # type: ignore[union-attr]
    require(
        asked.metric in series and null in series,
        f"This run has no {asked.metric}; choose one that recorded it.",
    )
    request = store.run(run_id).request  # type: ignore[union-attr]
    return Evidence(
        question=asked.says,
        value=float(series[asked.metric].values[-1]),
        null=float(series[null].values[-1]),
        control="the same probe on shuffled labels",
        n=int(request.get("probe_plants", 1)),
    )
