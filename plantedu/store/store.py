"""The store of runs: one SQLite file and a folder for each run. Pages read it, workers write it.

Every process makes its own `Store`; threads may share one. All that is returned is committed and
survives `kill -9`; what was asked and how it ended survives a loss of power, too (heartbeats and
numbers of the last seconds may not, see `Database.write`). No torch here, so that pages and
replays start fast.
"""

import contextlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from plantedu.errors import require
from plantedu.store import eta, leases, metrics, submission
from plantedu.store.clock import StoreClock
from plantedu.store.database import Database
from plantedu.store.paths import home_place
from plantedu.store.run import COLUMNS, STATES, Event, Metric, Run, assign, find
from plantedu.store.series import Series

FILE = "plantedu.sqlite"


class Store:
    """Runs, their metrics and events, and who works on them."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        patience: float = 5.0,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Open the store at `path` (default: plantedu.sqlite in `home`), making it on demand.

        Args:
            path: The SQLite file.
            patience: Seconds to wait for other writers before saying that the store is busy.
            clock: What time it is, in seconds since 1970; `StoreClock` by default.
        """
        self.path = Path(path) if path is not None else home_place() / FILE
        self.database = Database(self.path, patience=patience)
        self.clock = StoreClock(self.database) if clock is None else clock

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        self.database.close()

    # Asking for work -----------------------------------------------------------------------

    def submit(
        self,
        kind: str,
        request: Mapping[str, Any],
        *,
        lane: str,
        learner: str = "",
        name: str = "",
        parent: str | None = None,
        fresh: bool = False,
        data_hash: str = "",
        worker: str = "",
    ) -> str:
        """Ask for a run and get its id; an identical request shares the run that there is.

        Shared are runs that wait, run, are paused or done; never failed or cancelled ones.

        Args:
            kind: "train", "replay" or the name of an analysis.
            request: Plain JSON: all that the result depends on besides data and code.
            lane: Which worker does it: "training", "analysis" or "replay".
            learner: Whose run it is (their token), "" from a terminal.
            name: How a person calls it; not part of the request.
            parent: The run that this one started from.
            fresh: Make a new run even where an identical one exists.
            data_hash: Which data it is about; see `data_hash.data_hash`.
            worker: Lease a new run to this worker at once, as a terminal does for itself.

        Raises:
            PlantEduError: for an unknown lane, a request that is no JSON, or a learner with too
                many runs in the queue.
        """
        rest = {"learner": learner, "name": name, "parent": parent, "data_hash": data_hash}
        row = submission.row_of(kind, request, lane, created=self.clock(), **rest)
        with self.database.write() as link:
            return submission.submit(link, row, fresh=fresh, worker=worker)

    def cancel(self, run_id: str, *, learner: str = "") -> Run:
        """Stop a run for good; one that runs stops at its next step.

        A learner who shares the run with others only leaves it: the others go on watching.
        """
        with self.database.write() as link:
            submission.cancel(link, run_id, learner, self.clock())
            return find(link, run_id)[1]

    def pause(self, run_id: str, *, learner: str = "") -> Run:
        """Stop a run so that `resume` continues it; one that runs writes a checkpoint first.

        Raises:
            PlantEduError: where learners are kept apart, for a run of another, or a shared one.
        """
        with self.database.write() as link:
            submission.pause(link, run_id, learner)
            return find(link, run_id)[1]

    def resume(self, run_id: str, *, worker: str = "", learner: str = "") -> Run:
        """Continue a paused, failed or cancelled run from its last checkpoint.

        Raises:
            PlantEduError: if it is done, or the same request runs elsewhere by now.
        """
        with self.database.write() as link:
            submission.resume(link, run_id, worker, self.clock(), learner)
            return find(link, run_id)[1]

    # Doing the work ------------------------------------------------------------------------

    def lease(self, lane: str, worker: str) -> Run | None:
        """The next waiting run of a lane, now in the hands of `worker`; None if nothing waits."""
        with self.database.read() as link:  # looking costs other writers nothing
            if link.execute(f"{leases.WAITING} LIMIT 1", (lane,)).fetchone() is None:
                return None
        with self.database.write() as link:
            run_id = leases.lease(link, lane, worker, self.clock())
            return None if run_id is None else find(link, run_id)[1]

    def heartbeat(self, run_id: str, worker: str) -> str:
        """Say that `worker` lives: "go", "cancel", "pause", or "lost" if the run is not its."""
        with self.database.write(lasting=False) as link:
            return leases.beat(link, run_id, worker, self.clock())

    def heartbeats(self, run_ids: Sequence[str], worker: str) -> dict[str, str]:
        """`heartbeat` for many runs of one worker at once; the answer of each."""
        with self.database.write(lasting=False) as link:
            now = self.clock()
            return {run_id: leases.beat(link, run_id, worker, now) for run_id in run_ids}

    def reap(self, now: float | None = None) -> list[str]:
        """Take runs back from workers that fell silent; ids of the runs (see `leases`)."""
        now = self.clock() if now is None else now
        with self.database.read() as link:
            if not leases.silent(link, now):
                return []
        with self.database.write() as link:
            return leases.reap(link, now)

    def set_step(self, run_id: str, step: int, steps: int) -> None:
        """Say how far a run is, and how far it goes."""
        with self.database.write(lasting=False) as link:
            assign(link, find(link, run_id)[0], step=step, steps=steps)

    def log(
        self,
        run_id: str,
        rows: Sequence[Metric],
        *,
        step: int | None = None,
        events: Sequence[Event] = (),
    ) -> None:
        """Write metrics, with them events and how far the run is, in one transaction."""
        with self.database.write(lasting=False) as link:
            number, run = find(link, run_id)
            now = self.clock()
            metrics.log(link, number, rows, max(0.0, now - (run.started or now)))
            metrics.log_events(link, number, events)
            if step is not None:
                assign(link, number, step=step)

    def log_many(self, batches: Mapping[str, tuple[Sequence[Metric], Sequence[Event]]]) -> None:
        """Write metrics and events of many runs in one transaction; each is as far as its rows."""
        if not batches:
            return
        with self.database.write(lasting=False) as link:
            for run_id, (rows, events) in batches.items():
                number = find(link, run_id)[0]
                metrics.log(link, number, rows, 0.0)
                metrics.log_events(link, number, events)
                if rows:
                    assign(link, number, step=max(row.step for row in rows))

    def event(self, run_id: str, step: int, name: str, detail: str = "") -> None:
        """Write that something happened at a step."""
        now = self.clock()
        with self.database.write(lasting=False) as link:
            number, run = find(link, run_id)
            seconds = None if run.started is None else max(0.0, now - run.started)
            metrics.log_events(link, number, [Event(step, name, detail, now, seconds)])

    def rewind(self, run_id: str, step: int) -> None:
        """Forget metrics and events after `step` (-1: all), before they are recorded again."""
        with self.database.write() as link:
            metrics.rewind(link, find(link, run_id)[0], step)

    def finish(self, run_id: str, result: Mapping[str, Any], *, worker: str = "") -> bool:
        """Mark a run as done; numbers that are not finite become null in its result."""
        text = json.dumps(finite(result), allow_nan=False)
        return self._end(run_id, worker, state="done", result=text, error="")

    def fail(self, run_id: str, error: str, *, worker: str = "") -> bool:
        """Mark a run as failed, with the sentence that its page shows."""
        return self._end(run_id, worker, state="failed", error=error)

    def stopped(self, run_id: str, reason: str, *, worker: str = "") -> bool:
        """Mark a run as cancelled (reason "cancel") or paused (reason "pause")."""
        states = {"cancel": "cancelled", "pause": "paused"}
        require(reason in states, f"A run stops by cancel or pause, not {reason!r}.")
        return self._end(run_id, worker, state=states[reason])

    def given_back(self, run_id: str, reason: str, *, worker: str) -> bool:
        """Put a run back into the queue that its worker has to leave; it counts as no loss."""
        with self.database.write() as link:
            return leases.give_back(link, run_id, worker, reason, self.clock())

    def _end(self, run_id: str, worker: str, *, state: str, **columns: Any) -> bool:
        """Settle a running run, unless it is not `worker`'s any more; whether it was done."""
        now = self.clock()
        with self.database.write() as link:
            number, run = find(link, run_id)
            if run.over or (worker and run.worker != worker):
                return False
            paused = state == "paused"
            if paused and run.wish == leases.GIVE_WAY:
                leases.give_way(link, number, run.step, now)
                return True
            assign(link, number, state=state, wish="", ended=None if paused else now, **columns)
            if paused:
                leases.add_event(link, number, run.step, "paused", "", now)
            return True

    # Reading -------------------------------------------------------------------------------

    def _find(self, link: Connection, run_id: str) -> tuple[int, Run]:
        """Row number and run of an id; who sees less than all looks here (`seen.py`)."""
        return find(link, run_id)

    def run(self, run_id: str) -> Run:
        """One run.

        Raises:
            PlantEduError: if there is no run of this id.
        """
        with self.database.read() as link:
            return self._find(link, run_id)[1]

    def runs(
        self,
        state: str | None = None,
        kind: str | None = None,
        learner: str | None = None,
        limit: int = 200,
    ) -> list[Run]:
        """The newest runs first; of a learner, all that they asked for or share."""
        known = state is None or state in STATES
        require(known, f"There is no state {state!r}; states are {', '.join(STATES)}.")
        with self.database.read() as link:
            rows = link.execute(
                f"SELECT {', '.join(COLUMNS)} FROM runs WHERE state = coalesce(:state, state) "
                "AND kind = coalesce(:kind, kind) AND (:learner IS NULL OR "
                "number IN (SELECT run FROM shares WHERE learner = :learner)) "
                "ORDER BY number DESC LIMIT :limit",
                {"state": state, "kind": kind, "learner": learner, "limit": limit},
            ).fetchall()
        return [Run.from_row(row) for row in rows]

    def ahead(self, run_id: str) -> int:
        """How many waiting runs of its lane come before a waiting run; 0 if it does not wait."""
        with self.database.read() as link:
            return len(eta.before(link, self._find(link, run_id)[1]))

    def seconds_left(self, run_id: str) -> float | None:
        """Seconds until a waiting run begins, about; None where nothing is known to tell by."""
        with self.database.read() as link:
            return eta.seconds_left(link, run_id, self.clock())

    def usual(self, run_id: str) -> float | None:
        """Median seconds of the last runs of a run's kind; None where none has ended."""
        with self.database.read() as link:
            return eta.typical(link, self._find(link, run_id)[1])

    def others(self, run_id: str, learner: str) -> int:
        """How many other learners share a run; they keep it where this one cancels."""
        with self.database.read() as link:
            return submission.others(link, self._find(link, run_id)[0], learner)

    def has_share(self, run_id: str, learner: str) -> bool:
        """Whether a learner asked for this run, or for the same."""
        with self.database.read() as link:
            return submission.has_share(link, self._find(link, run_id)[0], learner)

    def metrics(
        self, run_id: str, names: Sequence[str] | None = None, after_step: int | None = None
    ) -> dict[str, Series]:
        """Series by metric name; all names, or those wanted that have points after the step."""
        with self.database.read() as link:
            return metrics.read(link, self._find(link, run_id)[0], names, after_step)

    def thinned(
        self, run_id: str, names: Sequence[str] | None = None, *, most: int = 2000
    ) -> dict[str, Series]:
        """Series for a chart: as `metrics`, thinned by the database to `most` points, none made up.

        Args:
            run_id: Whose.
            names: Which; None for all.
            most: Largest number of points of each, at least 3.

        Raises:
            PlantEduError: if there is no run of this id.
        """
        with self.database.read() as link:
            return metrics.thinned(link, self._find(link, run_id)[0], names, most)

    def metric_names(self, run_id: str) -> list[str]:
        """The names of the metrics that a run has, sorted."""
        with self.database.read() as link:
            return metrics.names(link, self._find(link, run_id)[0])

    def events(self, run_id: str) -> list[Event]:
        """What happened in a run, in step order."""
        with self.database.read() as link:
            return metrics.events(link, self._find(link, run_id)[0])

    def seconds(self, run_id: str) -> float:
        """Working time that a run has recorded, pauses left out."""
        with self.database.read() as link:
            return metrics.seconds(link, self._find(link, run_id)[0])

    def folder(self, run_id: str) -> Path:
        """The folder of a run's checkpoints and traces, made on demand; refuses what is no id."""
        known = re.fullmatch(r"[0-9a-f]{8}", run_id) is not None
        require(known, f"{run_id!r} is no run id; ids are eight hexadecimal digits.")
        folder = self.path.parent / "runs" / run_id
        with contextlib.suppress(OSError):  # who only reads needs no room; who writes will say it
            folder.mkdir(parents=True, exist_ok=True)
        return folder


def finite(value: object) -> object:
    """The same nested value with None for numbers that JSON has no word for."""
    if isinstance(value, Mapping):
        return {str(name): finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
