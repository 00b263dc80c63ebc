"""The log of who hosts the course: a line a request for work, a run that ended, a refusal.

`logs/course.log` in the home, written by the server alone, so that standard rotation is safe:
`KEPT` files of `SIZE` bytes. The same lines go to standard error, where a container's engine
collects them. A learner is named by the first letters of a hash of their key, since a key opens
their record; what they call a run is not written. How a run ended is read from the store, whoever
did it and whatever became of its worker.
"""

import asyncio
import contextlib
import logging
from hashlib import sha256
from logging.handlers import RotatingFileHandler
from pathlib import Path
from sqlite3 import Row

from plantedu.errors import PlantEduError
from plantedu.store.store import Store

SIZE, KEPT = 1_000_000, 5  # bytes of a file; files of before
EVERY = 2.0  # seconds between looks for runs that ended
OVERLAP = 60.0  # seconds that the end of a run may be written after it is dated
LINE = "%(asctime)s %(levelname)s %(message)s"
LOG = logging.getLogger("plantedu.course")
LOG.addHandler(logging.NullHandler())  # where no server has opened it, nothing is written

ENDED = """
SELECT id, kind, lane, state, learner, error, started, ended FROM runs
WHERE state IN ('done', 'failed', 'cancelled') AND ended > ? ORDER BY ended
"""


def open_log(home: Path) -> None:
    """Write from now on; again is the same. Where no file can be made, to standard error alone."""
    for handler in LOG.handlers[:]:
        LOG.removeHandler(handler)
        handler.close()
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    with contextlib.suppress(OSError):
        path = Path(home) / "logs" / "course.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(path, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
        )
    for handler in handlers:
        handler.setFormatter(logging.Formatter(LINE))
        LOG.addHandler(handler)


def asked(kind: str, *, lane: str, learner: str, run: str) -> None:
    """A learner has asked for work, and it is theirs or shared as this run."""
    LOG.info("asked kind=%s lane=%s run=%s learner=%s", kind, lane, run, who(learner))


def refused(kind: str, *, learner: str, reason: str) -> None:
    """A learner has asked for work, and got a sentence."""
    LOG.warning("refused kind=%s learner=%s reason=%s", kind, who(learner), one_line(reason))


def who(learner: str) -> str:
    """A name for a learner that opens nothing."""
    return sha256(learner.encode()).hexdigest()[:8] if learner else "terminal"


def one_line(text: str) -> str:
    """A text without the ends of lines: nobody writes a line of this log but this server."""
    return " ".join(text.split())


class Ends:
    """Writes a line for each run that ends from now on."""

    def __init__(self, store: Store) -> None:
        self.store, self._since = store, store.clock()
        self._seen = {row["id"] for row in self._ended()}

    def look(self) -> int:
        """Write what has ended since the last look; how many."""
        found = self._ended()
        fresh = [row for row in found if row["id"] not in self._seen]
        for row in fresh:
            took = row["ended"] - (row["started"] if row["started"] is not None else row["ended"])
            said = (row["kind"], row["lane"], row["id"], who(row["learner"]), took)
            if row["state"] == "failed":
                line = "failed kind=%s lane=%s run=%s learner=%s seconds=%.0f reason=%s"
                LOG.warning(line, *said, one_line(row["error"]))
            else:
                line = f"{row['state']} kind=%s lane=%s run=%s learner=%s seconds=%.0f"
                LOG.info(line, *said)
        self._since = max([self._since, *(row["ended"] for row in found)])
        self._seen = {row["id"] for row in found}
        return len(fresh)

    def _ended(self) -> list[Row]:
        with self.store.database.read() as link:
            return link.execute(ENDED, (self._since - OVERLAP,)).fetchall()


async def follow_ends(store: Store, *, every: float = EVERY) -> None:
    """Look again and again; a look that fails is followed by the next."""
    ends = None
    while True:
        with contextlib.suppress(PlantEduError, OSError):
            ends = ends or await asyncio.to_thread(Ends, store)
            await asyncio.to_thread(ends.look)
        await asyncio.sleep(every)
