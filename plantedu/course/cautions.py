"""What a reader should know of a number before a claim rests on it; the learner decides.

    its interval holds the null           the number is not told from its control
    n counts samples of one plant         it is about that plant, not about plants
    the run is outside the settings that its page recommends, or its own alarms ring

Lesson: all; a claim's form says these once before it keeps the claim, and the claim shows them.
"""

from collections.abc import Mapping
from typing import Any

from plantedu.course.result_pointers import RUN
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.store.run import Run
from plantedu.store.store import Store


def cautions(source: str, evidence: Evidence, store: Store | None = None) -> tuple[str, ...]:
    """Sentences on a claim's number, none where nothing speaks against it.

    Args:
        source: Where the number stands, as a claim writes it.
        evidence: The number.
        store: Where one's own runs are.
    """
    found = [*_of_interval(evidence)]
    run = _run(source, store)
    if run is not None:
        found += _of_run(run.kind, run.request, run.result or {})
    return tuple(found)


def _of_interval(evidence: Evidence) -> list[str]:
    if evidence.interval is None:
        return []
    low, high = evidence.interval
    if low <= evidence.null <= high:
        return [
            f"Its interval, {low:.3g} to {high:.3g}, holds the null, {evidence.null:.3g}: the "
            "number is not told from its control."
        ]
    return []


def _of_run(kind: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    found = []
    if kind == "generate":
        found.append("n counts samples of one plant: it says something about that plant alone.")
    if float(request.get("guidance", 1.0)) != 1:
        found.append(
            f"The run is outside the recommended setting: guidance {request['guidance']:g}, and "
            "only 1 is to be interpreted."
        )
    if rings := [str(one["name"]) for one in result.get("signs") or () if one.get("rings")]:
        found.append(f"Alarms of this run ring: {', '.join(rings)}.")
    if warning := str(result.get("warning") or ""):
        found.append(f"The run itself warns: {warning}")
    return found


def _run(source: str, store: Store | None) -> Run | None:
    """The run that a source names, if it is one and is still there."""
    if store is None or not source.startswith(RUN):
        return None
    try:
        return store.run(source.removeprefix(RUN).partition("#")[0])
    except PlantEduError:
        return None
