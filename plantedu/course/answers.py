"""The right option of each prediction, computed from results: nobody writes it down by hand.

A prediction's block says which measured number settles it, and which values mean which option
(`answer_bins`). The number is read with its null from the committed results of the lesson; what a
run of the learner's own says of it is in `own_results`.
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


@dataclass(frozen=True)
class Context:
    """Where results are: the committed folder."""

    results: Path


@dataclass(frozen=True)
class Answer:
    """The right option, the number behind it, and a sentence that says both."""

    key: str
    evidence: Evidence
    text: str


def settle(prediction: Prediction, context: Context) -> Answer:
    """The right option of a prediction.

    Raises:
        PlantEduError: if its results are not there yet.
    """
    asked = prediction.settles
    evidence = _committed(asked, context)
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
