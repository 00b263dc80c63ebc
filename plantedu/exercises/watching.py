"""A learner's function under watch: what each call does beside its answer.

Beside a right answer, a call may change the arrays that it was given, set or use the global random
numbers of the process, print, raise, or never return. Each makes numbers wrong later and elsewhere,
so each is said as what it is, at once, and is undone: the checks that follow see what they expect.
"""

import contextlib
import copy
import io
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from plantedu.exercises.comparing import numpy_of
from plantedu.exercises.exercise import Failed

CLOCK = 6  # times the limit of processor time that the clock may show
KEPT = 300  # characters that are kept of what a function prints


class TooLongError(BaseException):
    """Time is up. Not an Exception, so that `except Exception` in a loop does not catch it."""


class Printed(io.TextIOBase):
    """Stands in for standard output: counts what is printed, and keeps the first words."""

    def __init__(self) -> None:
        self.characters, self.start = 0, ""

    def write(self, text: str) -> int:
        self.characters += len(text)
        if len(self.start) < KEPT:
            self.start += text[: KEPT - len(self.start)]
        return len(text)

    def writable(self) -> bool:
        return True


class Watched:
    """The learner's function as checks call it.

    A call gives the function's answer, or raises `Failed` of kind "exception", "memory", "inputs"
    or "seeds". What it changed is put back before.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function, self.__name__ = function, name

    def __call__(self, *args: Any, **named: Any) -> Any:
        before, states = _kept((args, named)), global_states()
        try:
            answer = self.function(*args, **named)
        except (TooLongError, KeyboardInterrupt, Failed):
            raise
        except MemoryError:
            raise Failed(
                f"{self.__name__} asked for more memory than it may.", kind="memory"
            ) from None
        except BaseException as error:
            raise Failed(said_of(error, self.__name__), kind="exception") from error
        finally:
            seeded = _put_back(states)
            changed = list(_changes((args, named), before))
            if changed:
                _restore((list(args), named), before)
        if changed:
            raise Failed(
                f"{self.__name__} changed {changed[0]} in place; who called it still needs it. "
                "Work on a copy, or write x = x - 1 in place of x -= 1.",
                kind="inputs",
            )
        if seeded:
            raise Failed(
                f"{self.__name__} set or used the global random numbers of {seeded}, so it changes "
                "what every later line draws. Use a generator of its own.",
                kind="seeds",
            )
        return answer


def said_of(error: BaseException, name: str) -> str:
    """An exception in a sentence, with the line of the learner's file where it came up."""
    if isinstance(error, NotImplementedError):
        return f"{name} is not written yet."
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if one.name != "__call__" and "plantedu" not in one.filename]
    place = f" in line {ours[-1].lineno}: {ours[-1].line}" if ours and ours[-1].line else ""
    return f"{name} raised {type(error).__name__}: {str(error)[:200]}{place}"


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooLongError` when a block takes more processor time, or CLOCK times as long.

    Processor time, since a right function is slow by the clock where other work has the cores; the
    clock beside it, since one that sleeps takes none. By signals, which only the main thread of a
    process gets; elsewhere (Windows, another thread) nothing stops the block, and a process of its
    own must.
    """
    alone = threading.current_thread() is threading.main_thread()
    if not alone or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    used = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_REAL, CLOCK * seconds, 0.5)  # again, should one be swallowed
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGPROF, used)


def global_states() -> dict[str, Any]:
    """The global random numbers of this process: Python's, numpy's, and torch's if it is loaded."""
    numpy_state = np.random.get_state()  # noqa: NPY002
    states: dict[str, Any] = {"random": random.getstate(), "numpy": numpy_state}
    torch = sys.modules.get("torch")
    if torch is not None:
        states["torch"] = torch.get_rng_state()
    return states


def _put_back(before: dict[str, Any]) -> str:
    """Put the random numbers back; names those that had changed."""
    now = global_states()
    changed = [name for name in before if not _equal(before[name], now[name])]
    if "random" in changed:
        random.setstate(before["random"])
    if "numpy" in changed:
        np.random.set_state(before["numpy"])  # noqa: NPY002
    if "torch" in changed:
        sys.modules["torch"].set_rng_state(before["torch"])
    return ", ".join(changed)


def _kept(value: Any) -> Any:
    """A copy of arrays, tensors and containers. What is done to a network is for its own check to
    say: some exercises train one, for others that is the mistake."""
    if isinstance(value, tuple | list):
        return [_kept(one) for one in value]
    if isinstance(value, dict):
        return {key: _kept(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.copy()
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.detach().clone()
    return copy.copy(value) if isinstance(value, set) else value


def _changes(value: Any, before: Any) -> Iterator[str]:
    """What of the arguments is not as it was: "argument 1", "argument 'x'"."""
    args, named = value
    for k, (one, was) in enumerate(zip(args, before[0], strict=True), 1):
        if not _equal(_kept(one), was):
            yield f"argument {k}"
    for key, one in named.items():
        if not _equal(_kept(one), before[1][key]):
            yield f"argument {key!r}"


def _restore(value: Any, before: Any) -> Any:
    """The value with its arrays, tensors, lists, dicts and sets as they were; what cannot be put
    back in place, as an array of another shape, is given anew to the container it stands in."""
    torch = sys.modules.get("torch")
    with contextlib.suppress(ValueError, RuntimeError):
        if isinstance(value, np.ndarray):
            value[...] = before
        elif isinstance(value, dict):
            was = {key: _restore(value.get(key), one) for key, one in before.items()}
            value.clear()
            value.update(was)
        elif isinstance(value, list):
            others = [*value, *[None] * len(before)]
            value[:] = [_restore(one, was) for one, was in zip(others, before, strict=False)]
        elif isinstance(value, tuple):
            for one, was in zip(value, before, strict=True):
                _restore(one, was)
        elif isinstance(value, set):
            value.clear()
            value.update(before)
        elif torch is not None and isinstance(value, torch.Tensor):
            with torch.no_grad():
                value.copy_(before)
        else:
            return before
        return value
    return before


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if hasattr(one, "shape") and hasattr(one, "dtype"):
        a, b = numpy_of(one), numpy_of(other)
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return one is other or bool(one == other)
