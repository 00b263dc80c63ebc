"""Whether two results say the same: numbers within a tolerance, everything else exactly."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

# What a run took, and where, differs from machine to machine; it is no finding.
PASSING = ("seconds", "took", "threads", "code", "code_version", "packages", "device", "host")


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def differences(
    reported: object, found: object, *, tolerance: float, at: str = "", passing: Sequence[str] = ()
) -> Iterator[str]:
    """What differs, a sentence each.

    Args:
        reported: Plain JSON as it was reported.
        found: The same, made again.
        tolerance: Numbers may differ by tolerance * max(1, |number|).
        at: Where in the result this is.
        passing: Names that are not looked at, `PASSING` for runs.
    """
    where = at or "the result"
    if isinstance(reported, Mapping) and isinstance(found, Mapping):
        for name in sorted(set(reported) | set(found)):
            if name in passing:
                continue
            if name not in reported or name not in found:
                yield f"{at}/{name} stands in one of the two only"
                continue
            inside = reported[name], found[name]
            yield from differences(*inside, tolerance=tolerance, at=f"{at}/{name}", passing=passing)
    elif isinstance(reported, list | tuple) and isinstance(found, list | tuple):
        if len(reported) != len(found):
            yield f"{where} has {len(reported)} entries, made again {len(found)}"
            return
        for k, (one, other) in enumerate(zip(reported, found, strict=True)):
            yield from differences(one, other, tolerance=tolerance, at=f"{at}/{k}", passing=passing)
    elif _is_number(reported) and _is_number(found):
        one, other = float(reported), float(found)  # type: ignore[arg-type]
        if not close(one, other, tolerance):
            yield f"{where} is {one:.6g}, made again {other:.6g}"
    elif reported != found or type(reported) is not type(found):
        yield f"{where} is {str(reported)[:60]!r}, made again {str(found)[:60]!r}"


def same_text(reported: bytes, found: bytes, *, tolerance: float = 0.0) -> bool:
    """Whether two texts are equal, but for the last digits of numbers in them.

    Args:
        reported, found: UTF-8; anything else equals nothing.
        tolerance: Numbers may differ by tolerance * max(1, |number|).
    """
    try:
        texts = [data.decode("utf-8") for data in (reported, found)]
    except UnicodeDecodeError:
        return False
    if NUMBER.split(texts[0]) != NUMBER.split(texts[1]):
        return False
    pairs = zip(*(NUMBER.findall(text) for text in texts), strict=True)
    return all(a == b or close(float(a), float(b), tolerance) for a, b in pairs)


def close(reported: float, found: float, tolerance: float) -> bool:
    """Whether two numbers agree."""
    if math.isnan(reported) or math.isnan(found):
        return math.isnan(reported) and math.isnan(found)
    return abs(reported - found) <= tolerance * max(1.0, abs(reported))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
