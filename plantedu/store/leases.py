"""Who works on what: leases on runs, and what becomes of the runs of lost workers.

A worker says that it lives once or twice a second. One that is silent for `LOST_AFTER` seconds
is taken for lost and its run goes back into the queue; the third time without getting further the
run fails, since it probably is what kills the workers. The clock may jump where it is the wall's
(see `clock`), so a silence is a difference in either direction, and a worker that was wrongly
taken for lost takes its run back with its next heartbeat, unless another one has it by then.

Where many share a machine, a training that others wait behind gives way when its turn is over: it
is asked to pause, and goes back into the queue instead.
"""

import sqlite3
from collections.abc import Sequence
from json import dumps
from pathlib import Path

from plantedu.store.limits import limits
from plantedu.store.version import code_version, package_versions

LOST_AFTER = 10.0  # seconds without a heartbeat until a run is taken back
MOST_ATTEMPTS = 3
MOST_LOSSES = 10  # of one run, also where it got further each time
GIVE_WAY = "give way"  # a wish: pause, then wait again
WISHED = {"cancel": "cancelled", "pause": "paused", GIVE_WAY: "queued"}
ENDED, SILENT = "its process ended", "its process was silent"
LOSSES = "SELECT step, detail FROM events WHERE run = ? AND name = 'worker lost'"
RESUMABLE = ("train",)  # kinds that go on from a checkpoint, so that a turn is not lost

# The learners take turns: everybody's first waiting run goes before anybody's second, and who was
# served longest ago goes first. A token is free, and a new one has never been served; so where
# addresses are known (`visitors`), an address comes before another that had more of the lane's
# last runs, for each of its learners who wait, of whom at most `CROWD` count.
CROWD, LATELY = 8, 100
WAITING = f"""
WITH waiting AS (
    SELECT runs.number, runs.id, runs.learner, coalesce(party, '') AS party,
        row_number() OVER (PARTITION BY runs.learner ORDER BY number) AS turn,
        (SELECT max(started) FROM runs AS old WHERE old.lane = runs.lane
            AND old.learner = runs.learner) AS served
    FROM runs LEFT JOIN visitors ON visitors.learner = runs.learner
    WHERE lane = ?1 AND state = 'queued'
), parties AS MATERIALIZED (
    SELECT party, min(count(DISTINCT learner), {CROWD}) AS crowd FROM waiting GROUP BY party
), lately AS MATERIALIZED (
    SELECT party, count(*) AS had FROM (
        SELECT learner FROM runs WHERE lane = ?1 AND started IS NOT NULL
        ORDER BY number DESC LIMIT {LATELY}
    ) JOIN visitors USING (learner) WHERE party != '' GROUP BY party
)
SELECT number, id FROM waiting JOIN parties USING (party) LEFT JOIN lately USING (party)
ORDER BY turn, coalesce(had, 0) * 1.0 / crowd, served, number
"""


def add_event(
    link: sqlite3.Connection,
    number: int,
    step: int,
    name: str,
    detail: str,
    now: float,
    seconds: float | None = None,
) -> None:
    """Write one event row."""
    link.execute(
        "INSERT INTO events (run, step, name, detail, time, seconds) VALUES (?, ?, ?, ?, ?, ?)",
        (number, step, name, detail, now, seconds),
    )


def lease(link: sqlite3.Connection, lane: str, worker: str, now: float) -> str | None:
    """Give the next waiting run of the lane to `worker`; None where nothing waits."""
    row = link.execute(f"{WAITING} LIMIT 1", (lane,)).fetchone()
    if row is None:
        return None
    begin(link, row["number"], worker, now)
    return row["id"]


def begin(link: sqlite3.Connection, number: int, worker: str, now: float) -> None:
    """Mark a run as running in the hands of `worker`, by the code and packages of this process."""
    run = link.execute("SELECT started, step FROM runs WHERE number = ?", (number,)).fetchone()
    if run["started"] is None:
        add_event(link, number, 0, "start", "", now, 0.0)
    elif limits().turn:
        add_event(link, number, run["step"], "turn", "", now)
    link.execute(
        "UPDATE runs SET state = 'running', wish = '', worker = ?, heartbeat = ?, "
        "started = coalesce(started, ?), ended = NULL, code_version = ?, packages = ? "
        "WHERE number = ?",
        (worker, now, now, code_version(), dumps(package_versions()), number),
    )


def beat(link: sqlite3.Connection, run_id: str, worker: str, now: float) -> str:
    """Note that `worker` lives; answer "go", "cancel", "pause", or "lost" if the run is not its."""
    run = link.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if run is None or run["worker"] != worker:
        return "lost"
    if run["state"] == "cancelled":
        return "cancel"
    if run["state"] not in ("running", "queued"):
        return "lost"
    if run["state"] == "queued":  # it was thought lost, and speaks again
        add_event(link, run["number"], run["step"], "worker back", "", now)
    link.execute(
        "UPDATE runs SET attempts = attempts - (state = 'queued'), state = 'running', "
        "heartbeat = ? WHERE number = ?",
        (now, run["number"]),
    )
    if not run["wish"] and turn_is_over(link, run, now):
        link.execute("UPDATE runs SET wish = ? WHERE number = ?", (GIVE_WAY, run["number"]))
        return "pause"
    return "pause" if run["wish"] == GIVE_WAY else run["wish"] or "go"


def turn_is_over(link: sqlite3.Connection, run: sqlite3.Row, now: float) -> bool:
    """Whether a training has gone on long enough, and another learner waits behind it."""
    turn = limits().turn
    if not turn or run["kind"] not in RESUMABLE:
        return False
    began = link.execute(
        "SELECT max(time) FROM events WHERE run = ? AND name IN ('start', 'turn')",
        (run["number"],),
    ).fetchone()[0]
    if began is None or abs(now - began) <= turn:
        return False
    others = "SELECT 1 FROM runs WHERE lane = ? AND state = 'queued' AND learner != ?"
    return link.execute(others, (run["lane"], run["learner"])).fetchone() is not None


def give_way(link: sqlite3.Connection, number: int, step: int, now: float) -> None:
    """Put a paused run back into the queue: its turn was over."""
    link.execute("UPDATE runs SET state = 'queued', wish = '' WHERE number = ?", (number,))
    add_event(link, number, step, "gave way", "others waited", now)


def give_back(link: sqlite3.Connection, run_id: str, worker: str, reason: str, now: float) -> bool:
    """Put a run back into the queue, or where it is wished, for a worker that has to leave it."""
    run = link.execute(
        "SELECT * FROM runs WHERE id = ? AND worker = ? AND state = 'running'", (run_id, worker)
    ).fetchone()
    if run is None:
        return False
    state = WISHED.get(run["wish"], "queued")
    link.execute(
        "UPDATE runs SET state = ?, wish = '', ended = CASE ? WHEN 'cancelled' THEN ? END "
        "WHERE number = ?",
        (state, state, now, run["number"]),
    )
    add_event(link, run["number"], run["step"], "given back", reason, now)
    return True


def reap(link: sqlite3.Connection, now: float) -> list[str]:
    """Take runs from workers that have fallen silent; their ids."""
    lost = silent(link, now)
    for run in lost:
        before = link.execute(LOSSES, (run["number"],)).fetchall()
        further = bool(before) and run["step"] > max(row["step"] for row in before)
        attempts = 1 if further else run["attempts"] + 1
        add_event(link, run["number"], run["step"], "worker lost", what_became(run["worker"]), now)
        losses = link.execute(LOSSES, (run["number"],)).fetchall()
        state, error = fate(run, attempts, [row["detail"] for row in losses])
        link.execute(
            "UPDATE runs SET state = ?, error = ?, attempts = ?, wish = '', "
            "ended = CASE WHEN ? IN ('failed', 'cancelled') THEN ? END WHERE number = ?",
            (state, error, attempts, state, now, run["number"]),
        )
    return [run["id"] for run in lost]


def silent(link: sqlite3.Connection, now: float) -> list[sqlite3.Row]:
    """Running runs whose worker has not spoken for too long."""
    return link.execute(
        "SELECT number, id, step, wish, attempts, worker FROM runs "
        "WHERE state = 'running' AND abs(? - heartbeat) > ?",
        (now, LOST_AFTER),
    ).fetchall()


def what_became(worker: str) -> str:
    """What can be known of a worker that fell silent, by the process id in its name."""
    pid = worker.split("-")[1] if worker.count("-") >= 2 else ""
    if not pid.isdecimal() or not Path("/proc/self").exists():
        return ""
    return SILENT if Path("/proc", pid).exists() else ENDED


def fate(run: sqlite3.Row, attempts: int, losses: Sequence[str]) -> tuple[str, str]:
    """State and error of a run whose worker was lost."""
    if run["wish"]:
        return WISHED[run["wish"]], ""
    if attempts < MOST_ATTEMPTS and len(losses) < MOST_LOSSES:
        return "queued", ""
    ended, silent = losses.count(ENDED), losses.count(SILENT)
    endings = [f"{ended} times {ENDED}"] if ended else []
    endings += [f"{silent} times {SILENT}"] if silent else []
    known = f" ({', '.join(endings)})" if endings else ""
    few = (
        f"{attempts} times without getting further"
        if attempts >= MOST_ATTEMPTS
        else (f"{len(losses)} times")
    )
    return "failed", (
        f"The worker of this run was lost {few}{known}, last at step {run['step']}. A process that "
        "ends mostly had too little memory: try a smaller encoder, batch or image size. One that "
        f"is silent for {LOST_AFTER:.0f} s was stopped, or its machine was too busy or asleep: ask "
        "again. The log of the worker is in the folder `logs`."
    )
