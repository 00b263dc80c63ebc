"""Which checkpoints of a long run stay: the first, the last, those about its events, and a thinned
rest, so that a run of any length keeps about `MOST` of them."""

import contextlib
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from pathlib import Path

from plantedu.store.store import Store

MOST = 24  # a run of the default length has fewer
STEP = re.compile(r"step-(\d+)\.safetensors")
ORDINARY = ("checkpoint", "start", "turn", "gave way")  # events that mark nothing in the training


def superfluous(steps: Sequence[int], marked: Collection[int] = (), most: int = MOST) -> list[int]:
    """Steps whose checkpoints may go, until `most` are left.

    Each time the one goes whose neighbours are closest, so that what stays is spread evenly.

    Args:
        steps: Of all checkpoints.
        marked: Steps of events; the checkpoints before and after each stay, as do first and last.
        most: How many stay; up to twice as many where so many are marked, and where still more
            are, marks say nothing.
    """
    left = sorted(steps)
    ends = set(left[:1] + left[-1:])
    keep = set(ends)
    for step in marked:
        before, after = bisect_right(left, step), bisect_left(left, step)
        keep |= {*left[max(0, before - 1) : before], *left[after : after + 1]}
    keep = keep if len(keep) <= 2 * most else ends
    gone: list[int] = []
    while len(left) > most:
        free = [k for k in range(1, len(left) - 1) if left[k] not in keep]
        if not free:
            break
        at = min(free, key=lambda k: left[k + 1] - left[k - 1])
        gone.append(left.pop(at))
    return gone


def checkpoints_in(folder: Path) -> dict[int, Path]:
    """Checkpoints of a run's folder by their step."""
    with contextlib.suppress(OSError):
        there = (Path(folder) / "checkpoints").iterdir()
        return {int(found[1]): path for path in there if (found := STEP.fullmatch(path.name))}
    return {}


def thin(store: Store, run_id: str) -> list[int]:
    """Delete the checkpoints of a run that need not stay; their steps.

    Those that other runs begin from stay, too.
    """
    there = checkpoints_in(store.folder(run_id))
    if len(there) <= MOST:
        return []
    marked = {event.step for event in store.events(run_id) if event.name not in ORDINARY}
    gone = superfluous(list(there), marked | begun_from(store, run_id))
    for step in gone:
        with contextlib.suppress(OSError):
            there[step].unlink()
    return gone


def begun_from(store: Store, run_id: str) -> set[int]:
    """Steps of a run that other runs begin from."""
    with store.database.read() as link:
        rows = link.execute("SELECT request FROM runs WHERE parent = ?", (run_id,)).fetchall()
    starts = [str(json.loads(row["request"]).get("start", "")) for row in rows]
    found = [re.fullmatch(rf"run:{run_id}@(\d+)", start) for start in starts]
    return {int(one[1]) for one in found if one}
