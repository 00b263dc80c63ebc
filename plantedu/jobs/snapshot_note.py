"""How the last try to write a snapshot ended: a note in the home, for who looks after the course.

The process that writes snapshots is not the server; it leaves a file that the server reads.
"""

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "snapshot.json"


@dataclass(frozen=True)
class SnapshotNote:
    """The last try, and the last that succeeded.

    Attributes:
        tried: When, in seconds since 1970.
        succeeded: When one last succeeded; 0 where none has.
        error: Why the last one failed, or what the host should see to; "" for nothing.
    """

    tried: float
    succeeded: float
    error: str

    @property
    def ok(self) -> bool:
        """Whether the last try succeeded."""
        return self.succeeded == self.tried

    def age(self, now: float | None = None) -> float:
        """Seconds since one last succeeded; infinite where none has."""
        now = time.time() if now is None else now
        return max(0.0, now - self.succeeded) if self.succeeded else float("inf")

    def __str__(self) -> str:
        last = f"{self.age():.0f} s ago" if self.succeeded else "never"
        word = "the last try succeeded" if self.ok else "THE LAST TRY FAILED"
        return f"snapshot: {last}; {word}{f': {self.error}' if self.error else ''}"


def note_snapshot(home: Path, *, error: str = "", ok: bool, now: float | None = None) -> None:
    """Note how a try ended; a note that cannot be written costs no snapshot."""
    now = time.time() if now is None else now
    before = last_snapshot(home)
    succeeded = now if ok else (before.succeeded if before is not None else 0.0)
    fresh = Path(home) / f".{FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        text = json.dumps(asdict(SnapshotNote(now, succeeded, error)))
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, Path(home) / FILE)


def last_snapshot(home: Path) -> SnapshotNote | None:
    """How the last try ended; None where there was none."""
    try:
        return SnapshotNote(**json.loads((Path(home) / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
