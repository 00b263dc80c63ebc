"""The disk of snapshots as a mount that can vanish, and the keeper that writes to it.

Where we may mount, a folder is bound over an empty one, as a bucket is; a mount that is gone leaves
that empty folder, into which the keeper then writes. Elsewhere the folder is renamed.
"""

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plantedu.runs.generations import generations, history
from plantedu.runs.snapshot import restore, snapshot

EVERY = 5.0  # seconds between snapshots
GONE = (3.0, 12.0)  # seconds that the mount is away


class Mount:
    """A folder where the snapshots are, in which a disk hangs or not."""

    def __init__(self, folder: Path) -> None:
        self.real, self.place = folder / "real", folder / "mount"
        self.real.mkdir()
        self.binds = os.geteuid() == 0
        self.place.mkdir()
        self.hang()

    def hang(self) -> None:
        """The disk is there."""
        if self.binds:
            words = ["mount", "--bind", str(self.real), str(self.place)]
            self.binds = subprocess.run(words, check=False, capture_output=True).returncode == 0
        if not self.binds:
            late = self.place.with_name(f"late-{time.monotonic_ns()}")
            self.place.rename(late)  # what was written while the disk was away
            self.real.rename(self.place)

    def vanish(self) -> None:
        """The disk is gone, in the middle of whatever is written."""
        if self.binds:
            subprocess.run(["umount", "-l", str(self.place)], check=False)
        else:
            self.place.rename(self.real)
            self.place.mkdir()

    def lose(self, dice: random.Random) -> None:
        """Gone for some seconds."""
        self.vanish()
        time.sleep(dice.uniform(*GONE))
        self.hang()


@contextlib.contextmanager
def kept(home: Path) -> Iterator[Mount]:
    """A disk of snapshots of `home` and the keeper that writes to it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        mount = Mount(Path(folder))
        words = [sys.executable, "-m", "plantedu", "host", "snapshot", str(mount.place)]
        with (Path(folder) / "keeper.log").open("w") as log:
            keeper = subprocess.Popen(
                [*words, "--every", str(EVERY)],
                env=os.environ | {"PLANTEDU_HOME": str(home)},
                stdout=log,
                stderr=log,
            )
        try:
            yield mount
        finally:
            keeper.kill()
            keeper.wait()
            mount.vanish()


def brought_back(home: Path, mount: Mount, into: Path) -> dict[str, Any]:
    """One more snapshot, then a store brought back from the disk; which generations are sound."""
    snapshot(home, mount.place)
    said = restore(into, mount.place)
    found, damaged = generations(mount.place), []
    for one in found:
        try:
            history(one.path)
        except Exception as error:
            damaged.append(f"{one.path.name}: {error}")
    return {"generations": len(found), "damaged": damaged, "restored": said[:120]}
