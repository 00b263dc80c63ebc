"""Threads that sleep while they wait, so that a training shares its cores with a page.

By default the threads of a torch operation spin while they wait for each other. Where another
process wants a core too (the page, the renderer, a browser), each then waits for one that is not
running: on two busy cores a step took fourteen times as long. OpenMP reads the variable when torch
is imported.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

GROUP = Path("/proc/self/autogroup")
BEHIND = {"training": 10, "analysis": 5, "replay": 5}


def let_pages_go_first(lane: str) -> None:
    """Stand behind the page where cores are scarce; alone, a training is as fast as before.

    Linux may share cores among sessions first (autogroup); niceness then counts among processes of
    one session only. A worker that leads a session of its own puts that session behind, too.

    Args:
        lane: What this process serves; trainings stand last.
    """
    if hasattr(os, "nice"):
        os.nice(BEHIND[lane])
        if os.getsid(0) == os.getpid():
            with suppress(OSError):  # no Linux, or a kernel that shares among processes alone
                GROUP.write_text(str(BEHIND[lane]))


def share_cores() -> None:
    """Ask OpenMP for sleeping waits, unless the user has asked for something else."""
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
