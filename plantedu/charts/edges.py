"""What a chart with a fixed axis cannot show: marks stay inside, and what lies beyond is said."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from plantedu.charts.chart import Drawing

PLACES = ("x", "x2", "y", "y2")
GROUPS = ("layer", "hconcat", "vconcat", "concat")
KIND = re.compile(r"datum\.(\w+) === ?'([^']*)'|datum\.(\w+) == '([^']*)'")
MOST = 5  # of what lies beyond, named one by one
NEAR = 1e-6  # of the axis
ENDS = {"low": ", end of its interval", "high": ", end of its interval"}


def beyond(drawing: Drawing) -> str:
    """What a drawing's fixed axes cut off, in a sentence; "" where all of it can be seen.

    A name is made of the words that the mark is placed and coloured by. Where one has several
    marks beyond, they are counted, and the farthest is given. An end of an interval counts.

    Args:
        drawing: With its rows; a spec may be layered, concatenated or repeated as facets.
    """
    found: dict[str, list[float]] = {}
    units = list(_units(drawing.spec, {}))
    titled = {_field(one["encoding"], p) for one, _ in units for p in ("x", "y") if _titled(one, p)}
    for unit, axes in units:
        for field, name, value in _outside(unit, axes, drawing.rows):
            other = "" if field in titled or len(titled) == 0 else f", {field}"
            end = ENDS.get(field, other)
            found.setdefault(name + end, []).append(value)
    if not found:
        return ""
    said = [_said(name, values) for name, values in found.items()]
    rest = f"; and {len(said) - MOST} more" if len(said) > MOST else ""
    return f"Beyond the edge of this chart, drawn on it: {'; '.join(said[:MOST])}{rest}."


def _said(name: str, values: list[float]) -> str:
    far = max(values, key=abs)
    ends = list(dict.fromkeys(values))
    return f"{name} {far:.3g}" if len(ends) == 1 else f"{name}, {len(ends)} values, up to {far:.3g}"


def _units(
    spec: Mapping[str, Any], axes: dict[str, tuple[float, float]]
) -> Iterator[tuple[Mapping[str, Any], dict[str, tuple[float, float]]]]:
    """Every part that draws marks, with the ends of its fixed axes."""
    if isinstance(spec.get("spec"), Mapping):
        yield from _units(spec["spec"], axes)
    parts = [part for group in GROUPS for part in spec.get(group, ())]
    if "layer" in spec:  # layers share their axes
        axes = axes | {k: v for part in parts for k, v in _ends(part).items()}
    for part in parts:
        yield from _units(part, axes)
    if "mark" in spec:
        yield spec, axes | _ends(spec)


def _ends(spec: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Lowest and highest number of every fixed axis of a part."""
    found = {}
    for place in ("x", "y"):
        scale = spec.get("encoding", {}).get(place, {}).get("scale") or {}
        domain = scale.get("domain")
        if isinstance(domain, list) and all(isinstance(one, int | float) for one in domain):
            found[place] = (min(domain), max(domain))
        elif "domainMin" in scale or "domainMax" in scale:
            ends = (scale.get("domainMin", float("-inf")), scale.get("domainMax", float("inf")))
            found[place] = ends
    return found


def _outside(
    unit: Mapping[str, Any], axes: Mapping[str, tuple[float, float]], rows: pd.DataFrame
) -> Iterator[tuple[str, str, float]]:
    """Field, name and number of each row of a part that lies beyond."""
    encoding, rows = unit.get("encoding", {}), _drawn(unit, rows)
    for place in PLACES:
        field = _field(encoding, place)
        if place[0] not in axes or field not in rows:
            continue
        low, high = axes[place[0]]
        room = NEAR * (high - low) if high - low < float("inf") else NEAR
        values = pd.to_numeric(rows[_exact(encoding, rows, place) or field], errors="coerce")
        values = np.asarray(values, dtype=float)
        for k in np.flatnonzero((values < low - room) | (values > high + room)):
            name = _name(encoding, rows.iloc[int(k)])
            yield field, name + ", null" * (_kind(unit) == "null"), float(values[k])


def _exact(encoding: Mapping[str, Any], rows: pd.DataFrame, place: str) -> str:
    """Where rows hold what a mark is of, beside where a log axis has it; "" where they do not."""
    fields = [one.get("field") for one in encoding.get("tooltip", ()) if isinstance(one, Mapping)]
    return "exact" if "exact" in fields and "exact" in rows and len(place) == 1 else ""


def _drawn(unit: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a part draws, as far as its filters compare with a word."""
    for column, word in _filters(unit):
        rows = rows.loc[rows[column] == word] if column in rows else rows
    return rows


def _kind(unit: Mapping[str, Any]) -> str:
    """The kind of rows that a part draws, where a filter names one: such as null."""
    return next((word for column, word in _filters(unit) if column == "kind"), "")


def _filters(unit: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Column and word of each filter of a part that compares with a word."""
    for step in unit.get("transform", ()):
        if match := KIND.fullmatch(str(step.get("filter", ""))):
            column, word = (part for part in match.groups() if part is not None)
            yield column, word


def _field(encoding: Mapping[str, Any], place: str) -> str:
    return str((encoding.get(place) or {}).get("field", ""))


def _titled(unit: Mapping[str, Any], place: str) -> bool:
    return bool((unit.get("encoding", {}).get(place) or {}).get("title"))


def _name(encoding: Mapping[str, Any], row: pd.Series) -> str:
    """The words that a mark is placed and coloured by."""
    found = []
    for place, one in encoding.items():
        named = isinstance(one, Mapping) and one.get("type") in ("nominal", "ordinal")
        if place == "tooltip" or not named or not (field := one.get("field")) or field not in row:
            continue
        found.append(str(row[field]))
    return ", ".join(sorted(dict.fromkeys(found))) or "a mark"
