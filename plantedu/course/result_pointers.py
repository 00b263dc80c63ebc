"""Numbers that a claim may rest on: where they stand, and whether they have a null.

A place is written `results/08_attacks.json#/both_at_4` for a committed result, or
`run:ID#/score` for a result of one's own. A number without a null can be pointed at, and is then
refused with its reason.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.store.store import Store

RUN = "run:"
FIELDS = {field.name for field in fields(Evidence)}
MOST = 400  # numbers of one result that are offered


@dataclass(frozen=True)
class Place:
    """A number, and where it stands.

    Attributes:
        source: As written in a claim.
        says: What it is, for a select box.
        null: Whether it has one.
    """

    source: str
    says: str
    null: bool


def committed(results: Path, stem: str) -> list[Place]:
    """The numbers of a lesson's committed result, `results/<stem>.json`, or none."""
    try:
        found = json.loads((Path(results) / f"{stem}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return places(found, f"results/{stem}.json")


def places(found: object, origin: str) -> list[Place]:
    """Every number with a value in a result, those with a null first."""
    all_ = [
        Place(f"{origin}#{at}", f"{_says(one, at)} = {one['value']:.3g}", _has_null(one))
        for at, one in _walk(found, "")
    ]
    return sorted(all_[:MOST], key=lambda place: not place.null)


def _walk(found: object, at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(found, Mapping):
        if _is_number(found.get("value")):
            yield at or "/", found
            return
        for name, inside in found.items():
            word = str(name).replace("~", "~0").replace("/", "~1")  # JSON pointer, RFC 6901
            yield from _walk(inside, f"{at}/{word}")
    elif isinstance(found, list):
        for k, inside in enumerate(found[:100]):
            yield from _walk(inside, f"{at}/{k}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _has_null(one: Mapping[str, Any]) -> bool:
    return _is_number(one.get("null")) and bool(str(one.get("control", "")).strip())


def _says(one: Mapping[str, Any], at: str) -> str:
    where = at.strip("/").replace("/", " · ")
    return f"{where}: {one['question']}" if one.get("question") else where


def evidence_at(source: str, *, results: Path, store: Store | None = None) -> Evidence:
    """The number at a place, with its null.

    Args:
        source: The place.
        results: Folder of committed results.
        store: Where one's own runs are.

    Raises:
        PlantEduError: for a place that is not there, or a number that has no null.
    """
    origin, _, at = source.partition("#")
    return evidence_in(_result(origin, results, store), at, source)


def evidence_in(found: Any, at: str, source: str) -> Evidence:
    """The number at `at` of a result that is at hand; raises as `evidence_at`."""
    try:
        for word in [w for w in at.split("/") if w]:
            plain = word.replace("~1", "/").replace("~0", "~")
            found = found[int(plain)] if isinstance(found, list) else found[plain]
        value = found["value"]  # type: ignore[index]
    except (LookupError, TypeError, ValueError) as error:
        raise PlantEduError(f"There is no number at {source}.") from error
    require(
        _has_null(found),
        f"{source} = {value} has no null: nobody has said what the number would be if nothing were "
        "there. Choose a number with a control, or measure one.",
    )
    given = {"question": source, "n": 1, **{k: v for k, v in found.items() if k in FIELDS}}
    interval = given.get("interval")
    return Evidence(**{**given, "interval": tuple(interval) if interval else None})


def _result(origin: str, results: Path, store: Store | None) -> Any:
    """The JSON that a place stands in."""
    if origin.startswith(RUN):
        require(store is not None, f"{origin} is a run; open the app that made it.")
        return store.run(origin.removeprefix(RUN)).result or {}  # type: ignore[union-attr]
    folder, _, name = origin.partition("/")
    plain = folder == "results" and name == Path(name).name and name.endswith(".json")
    require(plain, f"A place is results/NAME.json#/... or run:ID#/...; got {origin!r}.")
    try:
        return json.loads((Path(results) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlantEduError(f"There is no result {name} here.") from error
