"""Whether two results say the same: numbers within a tolerance, everything else exactly."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

# What a run took, and where, differs from machine to machine; it is no finding.
PASSING = ("seconds", "took", "threads", "code", "code_version", "packages", "device", "host")


def differences(told: Any, found: Any, *, tolerance: float, at: str = "") -> Iterator[str]:
    """What differs, a sentence each.

    Args:
        told: Plain JSON as it was reported.
        found: The same, made again.
        tolerance: Numbers may differ by tolerance * max(1, |number|).
        at: Where in the result this is.
    """
    where = at or "the result"
    if isinstance(told, Mapping) and isinstance(found, Mapping):
        for name in sorted(set(told) | set(found)):
            if name in PASSING:
                continue
            if name not in told or name not in found:
                yield f"{at}/{name} stands in one of the two only"
                continue
            yield from differences(told[name], found[name], tolerance=tolerance, at=f"{at}/{name}")
    elif isinstance(told, list | tuple) and isinstance(found, list | tuple):
        if len(told) != len(found):
            yield f"{where} has {len(told)} entries, made again {len(found)}"
            return
        for k, (one, other) in enumerate(zip(told, found, strict=True)):
            yield from differences(one, other, tolerance=tolerance, at=f"{at}/{k}")
    elif _is_number(told) and _is_number(found):
        one, other = float(told), float(found)  # type: ignore[arg-type]
        if not close(one, other, tolerance):
            yield f"{where} is {one:.6g}, made again {other:.6g}"
    elif told != found or type(told) is not type(found):
        yield f"{where} is {str(told)[:60]!r}, made again {str(found)[:60]!r}"


def close(told: float, found: float, tolerance: float) -> bool:
    """Whether two numbers agree."""
    if math.isnan(told) or math.isnan(found):
        return math.isnan(told) and math.isnan(found)
    return abs(told - found) <= tolerance * max(1.0, abs(told))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
