"""Asking for runs: who shares one, who leaves it, and when it may go on.

Identical requests share one run. Each learner who asked has a share in it, so that one of twenty
who presses Cancel does not take the run from the other nineteen.
"""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.serialization import renamed
from plantedu.store import leases
from plantedu.store.limits import limits
from plantedu.store.run import LANES, Run, assign, find
from plantedu.store.version import canonical, code_version, package_versions, request_key
from plantedu.store.visitors import check_blocked, check_party, fair_share

INSERT = """
INSERT INTO runs (id, kind, lane, state, request, key, name, learner, code_version, packages,
    data_hash, created, parent)
VALUES (:id, :kind, :lane, 'queued', :request, :key, :name, :learner, :code_version, :packages,
    :data_hash, :created, :parent)
"""


def row_of(kind: str, request: Mapping[str, Any], lane: str, **rest: Any) -> dict[str, Any]:
    """The columns of a new run.

    Raises:
        PlantEduError: for an unknown lane or a request that is no JSON.
    """
    require(lane in LANES, f"There is no lane {lane!r}; lanes are {', '.join(LANES)}.")
    request = renamed(kind, request)
    return rest | {
        "id": secrets.token_hex(4),
        "kind": kind,
        "lane": lane,
        "request": canonical(request),
        "key": request_key(kind, request, rest["data_hash"]),
        "code_version": code_version(),
        "packages": json.dumps(package_versions()),
    }


def submit(link: sqlite3.Connection, row: dict[str, Any], *, fresh: bool, worker: str) -> str:
    """Id of the run that there is for this request, or of a new one."""
    shared = None if fresh else latest(link, row["key"])
    if shared is not None:
        share(link, shared["number"], row["learner"])
        return shared["id"]
    check_waiting(link, row["lane"], row["learner"], row["created"])
    number = link.execute(INSERT, row).lastrowid
    assert number is not None
    share(link, number, row["learner"])
    if worker:
        leases.begin(link, number, worker, row["created"])
    return row["id"]


def latest(link: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The newest run of a request that did not end badly."""
    return link.execute(
        "SELECT number, id FROM runs WHERE key = ? "
        "AND state IN ('queued', 'running', 'paused', 'done') ORDER BY number DESC",
        (key,),
    ).fetchone()


def share(link: sqlite3.Connection, number: int, learner: str) -> None:
    """Give a learner a share in a run; a terminal has none."""
    if learner:
        link.execute("INSERT OR IGNORE INTO shares (run, learner) VALUES (?, ?)", (number, learner))


def leave(link: sqlite3.Connection, number: int, learner: str) -> bool:
    """Take a learner's share if others have one too; whether the run goes on for those."""
    shared = others(link, number, learner) > 0
    if shared:
        link.execute("DELETE FROM shares WHERE run = ? AND learner = ?", (number, learner))
    return shared


def others(link: sqlite3.Connection, number: int, learner: str) -> int:
    """How many other learners have a share in a run."""
    return link.execute(
        "SELECT count(*) FROM shares WHERE run = ? AND learner != ?", (number, learner)
    ).fetchone()[0]


def check_waiting(link: sqlite3.Connection, lane: str, learner: str, now: float) -> None:
    """Refuse a learner who fills the queue, asks too fast, or comes to a line that is full."""
    bounds = limits()
    if not learner:
        return
    check_blocked(link, learner)
    queued = "SELECT count(*) FROM runs WHERE lane = ? AND state = 'queued'"
    count = link.execute(f"{queued} AND learner = ?", (lane, learner)).fetchone()[0]
    require(
        count < bounds.waiting,
        f"You have {count} runs waiting, and {bounds.waiting} may wait at once. Cancel one of "
        "them, or wait until one has started.",
    )
    if bounds.a_minute:
        lately = link.execute(
            "SELECT count(*) FROM shares JOIN runs ON runs.number = shares.run "
            "WHERE shares.learner = ? AND runs.learner = ? AND abs(? - created) < 60",
            (learner, learner, now),
        ).fetchone()[0]
        require(
            lately < bounds.a_minute,
            f"You have asked for {lately} runs within a minute, and many share this machine. "
            "Wait a little, then ask again.",
        )
    check_party(link, lane, learner, now)
    if bounds.line:
        line = link.execute(queued, (lane,)).fetchone()[0]
        own, fair = fair_share(link, lane, learner, bounds.line)
        require(
            line < bounds.line or own < fair,
            f"{line} runs wait already, and this machine takes no more for now. Replay a recorded "
            "run meanwhile, or run the course on your own machine.",
        )


def check_share(link: sqlite3.Connection, number: int, learner: str) -> None:
    """Refuse a learner who has no share in a run, where learners are kept apart."""
    if learner and limits().private:
        require(
            has_share(link, number, learner),
            "This run belongs to another learner. Ask for the same yourself: identical requests "
            "share one run.",
        )


def has_share(link: sqlite3.Connection, number: int, learner: str) -> bool:
    """Whether a learner asked for this run, or for the same."""
    found = link.execute("SELECT 1 FROM shares WHERE run = ? AND learner = ?", (number, learner))
    return found.fetchone() is not None


def check_alone(link: sqlite3.Connection, number: int, learner: str) -> None:
    """Refuse to keep a run back that others have a share in, where learners are kept apart."""
    if learner and limits().private:
        shared = others(link, number, learner)
        require(
            not shared,
            f"{shared} other learners watch this run, so it goes on. Cancel only takes you out "
            "of it.",
        )


def cancel(link: sqlite3.Connection, run_id: str, learner: str, now: float) -> None:
    """Stop a run, or wish that its worker does."""
    number, run = find(link, run_id)
    check_share(link, number, learner)
    if learner and leave(link, number, learner):
        return
    silent = run.state == "running" and abs(now - (run.heartbeat or 0)) > leases.LOST_AFTER
    if run.state in ("queued", "paused") or silent:
        assign(link, number, state="cancelled", wish="", ended=now)
    elif run.state == "running":
        assign(link, number, wish="cancel")


def pause(link: sqlite3.Connection, run_id: str, learner: str = "") -> None:
    """Keep a waiting run back, or wish that its worker stops with a checkpoint."""
    number, run = find(link, run_id)
    check_share(link, number, learner)
    check_alone(link, number, learner)
    if run.state == "queued":
        assign(link, number, state="paused", wish="")
    elif run.state == "running":
        assign(link, number, wish=run.wish if run.wish == "cancel" else "pause")
    elif run.state != "paused":
        raise PlantEduError(f"Run {run_id} is {run.state}; only a live run can be paused.")


def resume(
    link: sqlite3.Connection, run_id: str, worker: str, now: float, learner: str = ""
) -> None:
    """Put a stopped run back into the queue, or into the hands of `worker`."""
    number, run = find(link, run_id)
    check_share(link, number, learner)
    require(run.state != "done", f"Run {run_id} is done; there is nothing to resume.")
    if run.state == "running":
        assign(link, number, wish="")
    elif run.state != "queued":
        check_twin(link, number, run)
        assign(link, number, state="queued", wish="", error="", ended=None, attempts=0)
        leases.add_event(link, number, run.step, "resumed", "", now)
    if worker and run.state != "running":
        leases.begin(link, number, worker, now)


def check_twin(link: sqlite3.Connection, number: int, run: Run) -> None:
    """Refuse to do the same work twice at once."""
    twin = link.execute(
        "SELECT id FROM runs WHERE key = ? AND number != ? AND state IN ('queued', 'running')",
        (run.key, number),
    ).fetchone()
    if run.over and twin is not None:
        raise PlantEduError(f"The same request is at work as run {twin['id']}; watch that one.")
