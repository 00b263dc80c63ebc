"""Cores and memory of the machine, or of the container that bounds it, as a host sees them."""

import os
from dataclasses import dataclass
from pathlib import Path

from plantedu.jobs.bounds import machine_bytes

CGROUP = "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes"


@dataclass(frozen=True)
class Machine:
    """Cores and memory, now.

    Attributes:
        cores: That this process may use.
        wanting: Processes that run or wait for a core, mean of the last minute, so that more than
            `cores` is too much; -1 where the system does not tell.
        memory: Bytes that there are.
        used: Bytes that are in use and not given back when asked for; -1 where that is not known.
    """

    cores: int
    wanting: float
    memory: int
    used: int

    def __str__(self) -> str:
        wanting = "?" if self.wanting < 0 else f"{self.wanting:.1f}"
        used = "?" if self.used < 0 else f"{self.used / 1e9:.1f}"
        return (
            f"cores: {self.cores}, wanted by {wanting} processes; memory: {used} of "
            f"{self.memory / 1e9:.1f} GB in use"
        )


def machine() -> Machine:
    """What there is and what is used."""
    wanting = os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0
    memory = machine_bytes()
    return Machine(cores(), wanting, memory, used_bytes(memory))


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def used_bytes(memory: int, *, meminfo: Path = Path("/proc/meminfo")) -> int:
    """Bytes in use of `memory`: of the container where it has a bound, else of the machine."""
    try:
        lines = dict(line.split(":") for line in meminfo.read_text(encoding="ascii").splitlines())
        total, free = (1024 * int(lines[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    except (OSError, ValueError, KeyError):
        return -1
    if memory >= total:
        return total - free
    for name in CGROUP:
        try:
            return int(Path(name).read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return total - free
