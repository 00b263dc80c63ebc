"""How long an analysis may take and how much memory it may hold, and who sees to that.

An analysis runs in a child of its worker (`analysis_lane.py`). On Linux the system itself refuses
the child more memory (`RLIMIT_DATA`: what a process has asked for and may write to), so that the
analysis fails with a sentence; the worker watches the clock everywhere, and the memory too where
the system tells it, and ends a child that goes above.
"""

import os
import sys
from pathlib import Path

from plantedu.store.limits import limits

CORES = 4  # from which on two analyses run at once
AHEAD = 2 * 2**30  # bytes: what is loaded ahead takes 1.2 GB
SLACK = 1.25  # memory above which a child is ended that the system did not hold back
UNKNOWN = 8 * 2**30  # bytes of a machine that does not tell
GPUS = Path("/dev/nvidiactl"), Path("/dev/kfd")


def crew_size() -> int:
    """How many analyses run at once: two where there are cores for both."""
    return 2 if (os.cpu_count() or 1) >= CORES else 1


def most_seconds() -> float:
    """Seconds that an analysis may take; `PLANTEDU_ANALYSIS_SECONDS` sets it."""
    return _number("PLANTEDU_ANALYSIS_SECONDS") or limits().analysis


def most_bytes() -> int:
    """Bytes that an analysis may hold; `PLANTEDU_ANALYSIS_MB` sets it, else half of the memory
    on a shared host and three quarters on one's own, shared among those that run at once."""
    given = _number("PLANTEDU_ANALYSIS_MB")
    if given:
        return int(given * 1e6)
    share = 0.5 if limits().private else 0.75
    return int(share * machine_bytes() / crew_size())


def machine_bytes() -> int:
    """Memory of this machine, or of the container where that is less."""
    found = [UNKNOWN]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            found.append(int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return min(found)


def hold_back(most: int) -> bool:
    """Let the system refuse this process more memory; False where it cannot.

    Not where a GPU is: its driver asks for more addresses than the machine has memory.
    """
    if sys.platform != "linux" or any(path.exists() for path in GPUS):
        return False
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return True


def loads_ahead() -> bool:
    """Whether the first child loads what runs need before there is one: where it may hold all that
    and an analysis too; `PLANTEDU_AHEAD=0` never."""
    return os.environ.get("PLANTEDU_AHEAD", "1") != "0" and most_bytes() >= AHEAD


def _number(name: str) -> float:
    try:
        return max(0.0, float(os.environ.get(name, "0")))
    except ValueError:
        return 0.0
