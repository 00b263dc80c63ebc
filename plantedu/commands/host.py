"""`python -m plantedu host load|snapshot|generations|restore`: for who hosts it for many."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.errors import PlantEduError
from plantedu.jobs.host_tools import Block, Purge, Unblock
from plantedu.jobs.load import load
from plantedu.jobs.snapshot import restore, snapshot
from plantedu.jobs.snapshot_generations import generations
from plantedu.jobs.snapshot_note import note_snapshot
from plantedu.store.paths import home
from plantedu.store.store import FILE, Store

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
LOOK_EVERY = 0.5  # seconds between looks at the server, and for a mount


@dataclass(frozen=True)
class Busy:
    """How busy this machine is.

    Attributes:
        json: Print one JSON object.
    """

    json: bool = False

    def __call__(self) -> None:
        """Print workers, queues, memory, disk."""
        found = load(Store())
        print(json.dumps(asdict(found)) if self.json else found)


@dataclass(frozen=True)
class Keep:
    """Copy the store to a folder that survives this machine, once or again and again.

    Attributes:
        folder: Where to.
        every: Seconds between two copies; 0 copies once.
        server: Process id of the server; when it ends, one more copy is made and this ends too.
    """

    folder: Folder
    every: float = 0.0
    server: int = 0

    def __call__(self) -> None:
        """Copy; a copy that fails is said, and the next one is tried."""
        if self.every:
            self.again_and_again()
        else:
            self.once()

    def again_and_again(self) -> None:
        """Copy until the server ends or this is asked to stop, then once more."""
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        while not self.is_over(stop):
            self.try_once()
            ends = time.monotonic() + self.every
            while not self.is_over(stop) and time.monotonic() < ends:
                stop.wait(min(LOOK_EVERY, self.every))
        self.try_once()

    def once(self) -> None:
        """One copy, in a line; what the host should know on standard error."""
        try:
            made = snapshot(home(), self.folder)
        except PlantEduError as error:
            note_snapshot(home(), ok=False, error=str(error))
            raise
        note_snapshot(home(), ok=True, error=" ".join(made.warnings))
        print(f"snapshot: {made.name}, {made.database} bytes, {made.files} files", flush=True)
        for sentence in made.warnings:
            print(sentence, file=sys.stderr, flush=True)

    def try_once(self) -> None:
        """One copy; what goes wrong is said."""
        try:
            self.once()
        except PlantEduError as error:
            print(error, file=sys.stderr, flush=True)

    def is_over(self, stop: threading.Event) -> bool:
        """Whether the server has ended, or this was asked to stop."""
        if stop.is_set() or not self.server:
            return stop.is_set()
        try:
            os.kill(self.server, 0)
        except ProcessLookupError:
            return True
        return False


@dataclass(frozen=True)
class Shelf:
    """Which generations of the store a folder holds.

    Attributes:
        folder: Where the snapshots are.
    """

    folder: Folder

    def __call__(self) -> None:
        """A line for each, the newest first."""
        for one in generations(self.folder):
            print(f"{one.path.name}  {one.path.stat().st_size} bytes, {one.rows} rows")


@dataclass(frozen=True)
class Back:
    """Bring a snapshot back where no store is yet; does nothing where there is a sound one.

    Attributes:
        folder: Where the snapshots are.
        name: Which generation (`host generations` lists them); else the newest sound one.
        wait: Seconds to wait for the folder to hold any: a mount may come late.
    """

    folder: Folder
    name: str = ""
    wait: float = 0.0

    def __call__(self) -> None:
        """Copy it back."""
        ends = time.monotonic() + self.wait
        while not (said := restore(home(), self.folder, name=self.name)):
            if self.folder.is_mount() or time.monotonic() >= ends or (home() / FILE).exists():
                break
            time.sleep(min(LOOK_EVERY, self.wait))
        print(said or "nothing to restore")


Command = (
    Annotated[Busy, tyro.conf.subcommand("load")]
    | Annotated[Keep, tyro.conf.subcommand("snapshot")]
    | Annotated[Shelf, tyro.conf.subcommand("generations")]
    | Annotated[Back, tyro.conf.subcommand("restore")]
    | Annotated[Purge, tyro.conf.subcommand("purge")]
    | Annotated[Block, tyro.conf.subcommand("block")]
    | Annotated[Unblock, tyro.conf.subcommand("unblock")]
)


def main(argv: Sequence[str]) -> int:
    """Do one of them.

    Raises:
        PlantEduError: for what cannot be done.
    """
    command = tyro.cli(
        Command,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu host",
        description="How busy this machine is; snapshots of its store; order in its queue.",
        args=list(argv),
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    command()
    return 0
