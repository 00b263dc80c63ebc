"""What pages ask of the disk, asked once a second where many look on.

A look at the disk lets the other threads of the server's Python go on, and takes its turn anew: up
to 5 ms behind each that computes. A page that looked three hundred times waited a second for that
alone. On a laptop of one's own each run looks, so that who writes a lesson sees it at once.
"""

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from plantedu.store.limits import limits

P = ParamSpec("P")
T = TypeVar("T")
LASTS = 1.0  # seconds
MOST = 512  # answers that one function keeps


def glanced(look: Callable[P, T]) -> Callable[P, T]:
    """The same function, which on a shared host answers as it did less than a second ago.

    Args:
        look: Whatever reads the disk; its arguments can be hashed. What it raises is not kept.
    """
    kept: dict[object, tuple[float, T]] = {}

    @wraps(look)
    def last(*args: P.args, **named: P.kwargs) -> T:
        if not limits().private:
            return look(*args, **named)
        asked, now = (args, tuple(named.items())), time.monotonic()
        found = kept.get(asked)
        if found is not None and now - found[0] < LASTS:
            return found[1]
        answer = look(*args, **named)
        if len(kept) >= MOST:
            kept.clear()
        kept[asked] = now, answer
        return answer

    return last


@glanced
def changed(path: Path) -> int:
    """When a file was last written, in nanoseconds; 0 where it is none."""
    return path.stat().st_mtime_ns if path.is_file() else 0
