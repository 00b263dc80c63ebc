"""The clock of a store: seconds since 1970 that do not go back when the wall's clock is set.

    now = offset + seconds since the machine was started

The offset is noted in the store once for each boot of a machine, so all its processes read one
clock, and a duration between two of them is never negative and never stretched: how long a run
took, a turn, a minute's worth of requests, a lease. Seconds in which the machine slept count.

What is not possible: where the system does not tell one boot from another (Windows, macOS), and
where the store cannot be written to, each process has a clock of its own, right when it began;
between two of those a jump of the wall's clock shows. After a restart the offset follows the wall's
clock, but not back behind what the store has noted, unless that is more than `BEHIND` away.
"""

import contextlib
import time
from pathlib import Path

from plantedu.errors import PlantEduError
from plantedu.store.database import Database

BEHIND = 2 * 86_400.0  # seconds; a store that is further ahead was written under a wrong clock
LAST = "SELECT max(max(created), coalesce(max(heartbeat), 0)) FROM runs"


def since_boot() -> float:
    """Seconds since the machine was started, sleep included where the system counts it."""
    sleepless = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if sleepless is None else time.clock_gettime(sleepless)


def boot() -> str:
    """Which boot of which machine this is; "" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def wall() -> float:
    """The wall's clock, which people and time servers set."""
    return time.time()


class StoreClock:
    """What time it is, for all processes that share a store on one machine."""

    def __init__(self, database: Database) -> None:
        """Read the store's offset for this boot; note one where there is none."""
        self._offset = wall() - since_boot()
        if name := boot():
            with contextlib.suppress(PlantEduError):
                self._offset = _known(database, name) or _noted(database, name, self._offset)

    def __call__(self) -> float:
        return self._offset + since_boot()


def _known(database: Database, name: str) -> float | None:
    with database.read() as link:
        row = link.execute("SELECT ahead FROM clocks WHERE boot = ?", (name,)).fetchone()
    return None if row is None else float(row["ahead"])


def _noted(database: Database, name: str, offset: float) -> float:
    """Note the offset of a boot; another process may have been first, then that one's."""
    with database.write(lasting=False, patience=0.5) as link:
        last = float(link.execute(LAST).fetchone()[0] or 0.0)
        if 0 < last - (offset + since_boot()) < BEHIND:
            offset = last - since_boot()
        link.execute("INSERT OR IGNORE INTO clocks (boot, ahead) VALUES (?, ?)", (name, offset))
        found = link.execute("SELECT ahead FROM clocks WHERE boot = ?", (name,)).fetchone()
        return float(found["ahead"])
