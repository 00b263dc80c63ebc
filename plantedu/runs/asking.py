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
from plantedu.runs import leases
from plantedu.runs.run import LANES, Run, assign, find
from plantedu.runs.version import canonical, code_version, package_versions, request_key

MOST_WAITING = 5  # runs that one learner may have in the queue of a lane

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
    check_waiting(link, row["lane"], row["learner"])
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
    others = link.execute(
        "SELECT count(*) FROM shares WHERE run = ? AND learner != ?", (number, learner)
    ).fetchone()[0]
    if others:
        link.execute("DELETE FROM shares WHERE run = ? AND learner = ?", (number, learner))
    return others > 0


def check_waiting(link: sqlite3.Connection, lane: str, learner: str) -> None:
    """Refuse a learner who fills the queue."""
    count = link.execute(
        "SELECT count(*) FROM runs WHERE learner = ? AND lane = ? AND state = 'queued'",
        (learner, lane),
    ).fetchone()[0]
    require(
        not learner or count < MOST_WAITING,
        f"You have {count} runs waiting, and {MOST_WAITING} may wait at once. Cancel one of them, "
        "or wait until one has started.",
    )


def cancel(link: sqlite3.Connection, run_id: str, learner: str, now: float) -> None:
    """Stop a run, or wish that its worker does."""
    number, run = find(link, run_id)
    if learner and leave(link, number, learner):
        return
    silent = run.state == "running" and abs(now - (run.heartbeat or 0)) > leases.LOST_AFTER
    if run.state in ("queued", "paused") or silent:
        assign(link, number, state="cancelled", wish="", ended=now)
    elif run.state == "running":
        assign(link, number, wish="cancel")


def pause(link: sqlite3.Connection, run_id: str) -> None:
    """Keep a waiting run back, or wish that its worker stops with a checkpoint."""
    number, run = find(link, run_id)
    if run.state == "queued":
        assign(link, number, state="paused", wish="")
    elif run.state == "running":
        assign(link, number, wish=run.wish or "pause")
    elif run.state != "paused":
        raise PlantEduError(f"Run {run_id} is {run.state}; only a live run can be paused.")


def resume(link: sqlite3.Connection, run_id: str, worker: str, now: float) -> None:
    """Put a stopped run back into the queue, or into the hands of `worker`."""
    number, run = find(link, run_id)
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
