"""What checks say: whether an answer has the right form and value, and which mistake it looks like.

Form comes first: type, length, shape, kind of number, finite. An answer of the wrong form is told
so, and is not compared. Numpy and torch are told apart, since the next line of a learner's code
would fail on the other one; a number may be of any kind, also an array without axes.
"""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantedu.exercises.exercise import Failed

KINDS = {"b": "bool", "i": "integer", "u": "integer", "f": "floating", "c": "complex"}
SHOWN = 8  # numbers of an array that a sentence holds


@dataclass(frozen=True)
class Either:
    """Several answers of one mistake, where people make it in more than one way."""

    answers: tuple[Any, ...]


def expect(condition: bool, sentence: str, *, mistake: str = "") -> None:
    """A check of a property: raise `Failed(sentence)` unless `condition` holds.

    Args:
        condition: What must be.
        sentence: What was got, and what was expected.
        mistake: The mistake that it looks like, if it can be told.
    """
    if not condition:
        raise Failed(sentence, mistake=mistake)


def same(
    got: Any,
    known: Any,
    *,
    of: str,
    mistakes: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    tolerance: float = 1e-5,
) -> None:
    """An answer against the known one, and against what wrong versions would answer.

    Args:
        got: The learner's answer.
        known: The right one: a number, bool, text, None, array, tensor, or a tuple, list or dict
            of these. The learner's must have its form.
        of: The small world, in a few words: "two plants in one group".
        mistakes: By the name of a mistake, what it answers here. Where several answer alike, none
            is named; where one has several, they stand in an `Either`. A function that gives them
            is called only for an answer that is wrong.
        tolerance: Largest difference, relative to the largest known number or to 1.

    Raises:
        Failed: where they differ.
    """
    sentence, kind = f"For {of} the answer is {shown(known)}; got {shown(got)}.", "wrong"
    try:
        formed(got, known, of=of)
        if _close(got, known, tolerance):
            return
    except Failed as error:
        sentence, kind = error.sentence, error.kind
    given = mistakes() if callable(mistakes) else mistakes or {}
    like = [name for name, wrong in given.items() if _agrees(got, wrong, tolerance)]
    if len(like) == 1:  # where two mistakes answer alike, this world cannot tell
        raise Failed(sentence, mistake=like[0])  # whose answer may have another form
    raise Failed(sentence, kind=kind)


def formed(got: Any, known: Any, *, of: str, part: str = "the answer") -> None:
    """Whether an answer has the type, shape and kind of numbers of the known one, and is finite.

    Raises:
        Failed: of kind "form", where it has not.
    """
    start = f"For {of}, {part}"
    if isinstance(known, dict):
        _formed_dict(got, known, of, part)
    elif isinstance(known, tuple | list):
        fine = isinstance(got, tuple | list) and len(got) == len(known)
        _form(fine, f"{start} is {_form_of(known)}; got {_form_of(got)}.")
        for k, (one, right) in enumerate(zip(got, known, strict=True), 1):
            formed(one, right, of=of, part=f"{part}'s part {k}")
    elif known is None or isinstance(known, str):
        _form(isinstance(got, type(known)), f"{start} is {shown(known)}; got {_form_of(got)}.")
    elif _is_array(known) or _is_tensor(known):
        _formed_array(got, known, start)
    else:
        _formed_number(got, known, start)


def _formed_dict(got: Any, known: dict, of: str, part: str) -> None:
    start = f"For {of}, {part}"
    _form(isinstance(got, dict), f"{start} is a dict; got {_form_of(got)}.")
    _form(set(got) == set(known), f"{start} has the keys {list(known)}; got {list(got)}.")
    for key, right in known.items():
        formed(got[key], right, of=of, part=f"{part}'s {key!r}")


def _formed_array(got: Any, known: Any, start: str) -> None:
    alike = _is_tensor(got) if _is_tensor(known) else _is_array(got)
    shape, wanted = _shape(got), _shape(known)
    fine = alike and shape == wanted
    _form(fine, f"{start} is {_form_of(known)}; got {_form_of(got)}.")
    numbers, right = numpy_of(got), numpy_of(known)
    kinds = KINDS.get(numbers.dtype.kind, str(numbers.dtype)), KINDS.get(right.dtype.kind, "")
    sentence = f"{start} holds {kinds[1]} numbers; got {kinds[0]} ones ({_dtype(got)})."
    _form(kinds[0] == kinds[1] or numbers.size == 0, sentence)
    coarse = numbers.dtype.itemsize < min(4, right.dtype.itemsize) or "bfloat" in _dtype(got)
    half = kinds[0] == "floating" and coarse and _dtype(got) != _dtype(known)
    _form(not half, f"{start} holds {_dtype(known)}; got {_dtype(got)}, which is too coarse.")
    _finite(numbers, right, start)


def _formed_number(got: Any, known: Any, start: str) -> None:
    kind = "True or False" if isinstance(known, bool | np.bool_) else "a number"
    plain = isinstance(got, bool | int | float | complex | np.generic)
    fine = plain or ((_is_array(got) or _is_tensor(got)) and _shape(got) == ())
    _form(fine, f"{start} is {kind}; got {_form_of(got)}.")
    number = numpy_of(got)
    wanted = "b" if kind != "a number" else "iuf"
    _form(number.dtype.kind in wanted, f"{start} is {kind}; got {_form_of(got)}.")
    _finite(number, numpy_of(known), start)


def _finite(numbers: np.ndarray, right: np.ndarray, start: str) -> None:
    if right.dtype.kind in "fc" and numbers.dtype.kind in "fc":
        bad = ~np.isfinite(numbers) & np.isfinite(right)
        _form(not bad.any(), f"{start} holds {bad.sum()} numbers that are NaN or infinite.")


def _form(condition: bool, sentence: str) -> None:
    if not condition:
        raise Failed(sentence, kind="form")


def numpy_of(value: Any) -> np.ndarray:
    """A number, array or tensor as an array; a tensor without its gradient."""
    if _is_tensor(value):
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    return np.asarray(value)


def shown(value: Any) -> str:
    """A value in a sentence: short, and rounded."""
    if isinstance(value, tuple | list):
        return f"({', '.join(shown(one) for one in value)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown(one)}" for key, one in value.items()) + "}"
    if not (_is_array(value) or _is_tensor(value) or isinstance(value, float | np.generic)):
        return repr(value)
    flat = numpy_of(value).ravel()
    words = [_number(one) for one in flat[:SHOWN].tolist()]
    if _shape(value) == ():
        return words[0]
    more = ", ..." if flat.size > SHOWN else ""
    return f"[{', '.join(words)}{more}]" + (f" {_shape(value)}" if len(_shape(value)) > 1 else "")


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _close(got: Any, known: Any, tolerance: float) -> bool:
    if isinstance(known, dict):
        return all(_close(got[key], right, tolerance) for key, right in known.items())
    if isinstance(known, tuple | list):
        return all(_close(one, right, tolerance) for one, right in zip(got, known, strict=True))
    if known is None or isinstance(known, str):
        return got == known
    one, right = numpy_of(got), numpy_of(known)
    if right.dtype.kind in "biu":
        return bool((one == right).all())
    largest = float(np.abs(right[np.isfinite(right)]).max(initial=0))
    room = tolerance * max(1.0, largest)
    return bool(np.allclose(one, right, rtol=0, atol=room, equal_nan=True))


def _agrees(got: Any, wrong: Any, tolerance: float) -> bool:
    """Whether an answer is that of a wrong version, which may have another form."""
    if isinstance(wrong, Either):
        return any(_agrees(got, one, tolerance) for one in wrong.answers)
    try:
        formed(got, wrong, of="")
    except Failed:
        return False
    return _close(got, wrong, tolerance)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _dtype(value: Any) -> str:
    return str(getattr(value, "dtype", type(value).__name__)).removeprefix("torch.")


def _form_of(value: Any) -> str:
    """What a value is, without its numbers."""
    if value is None:
        return "None (is there a return?)"
    if _is_array(value) or _is_tensor(value):
        kind = "an array" if _is_array(value) else "a tensor"
        return f"{kind} of shape {_shape(value)} and type {_dtype(value)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return f"{shown(value)} ({type(value).__name__})"[:120]
