"""The right option of each prediction, computed from results: nobody writes it down by hand.

A prediction names its settler (`settles=...`). A settler reads one measured number, with its null,
from the committed results of the lesson or from a run of the learner's own, and says into which
option the number falls. A new prediction is one row in `settlers`.
"""

import json
import math
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from plantedu.course.answer_key import SETTLERS, Settler
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


def settle(name: str, context: Context) -> Answer:
    """The right option of the predictions that `name` settles.

    Raises:
        PlantEduError: if no settler has that name, or its results are not there yet.
    """
    settler = next((one for one in SETTLERS if one.name == name), None)
    if settler is None:
        names = ", ".join(one.name for one in SETTLERS)
        raise PlantEduError(f"Nothing settles {name!r}; there are {names}.")
    evidence = _from_run(settler, context) if context.run_id else _committed(settler, context)
    require(math.isfinite(evidence.value), f"{settler.says} is not a finite number here.")
    text = (
        f"{settler.says}: {evidence.value:.3g}, beside {evidence.null:.3g} for "
        f"{evidence.control} (n = {evidence.n})."
    )
    return Answer(settler.option(evidence.value), evidence, text)


def _committed(settler: Settler, context: Context) -> Evidence:
    file, _, place = settler.entry.partition("/")
    path = Path(context.results) / file
    try:
        found = _read(path, path.stat().st_mtime_ns)
        for word in place.split("/"):
            found = found[word]
        given = {field.name: found[field.name] for field in fields(Evidence) if field.name in found}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlantEduError(
            f"The results for {settler.name} are not here yet ({path.name}, {place}). "
            "Your prediction is kept; look again after the next update."
        ) from error
    if given.get("interval"):
        given["interval"] = tuple(given["interval"])
    return Evidence(**given)


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> Any:
    """A results file, read again only when it has changed; nobody writes to what it returns."""
    return json.loads(path.read_text(encoding="utf-8"))


def _from_run(settler: Settler, context: Context) -> Evidence:
    """The metric's last value in a run, with the shuffled-label probe as its null."""
    store, run_id = context.store, context.run_id
    require(
        store is not None and bool(settler.metric),
        f"{settler.name} is settled by committed results, not by a run.",
    )
    null = settler.metric.replace("probe/", "null/", 1)
    series = store.metrics(run_id, [settler.metric, null])  # type: ignore[union-attr]
    require(
        settler.metric in series and null in series,
        f"This run has no {settler.metric}; choose one that recorded it.",
    )
    request = store.run(run_id).request  # type: ignore[union-attr]
    return Evidence(
        question=settler.says,
        value=float(series[settler.metric].values[-1]),
        null=float(series[null].values[-1]),
        control="the same probe on shuffled labels",
        n=int(request.get("probe_plants", 1)),
    )
