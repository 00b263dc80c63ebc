"""`python -m plantedu host load|snapshot|restore`: for who hosts the course for many."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.errors import PlantEduError
from plantedu.runs.home import home
from plantedu.runs.load import load
from plantedu.runs.snapshot import restore, snapshot
from plantedu.runs.store import Store

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]


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
    """

    folder: Folder
    every: float = 0.0

    def __call__(self) -> None:
        """Copy; a copy that fails is said, and the next one is tried."""
        while True:
            try:
                made = snapshot(home(), self.folder)
                print(f"snapshot: {made.database} bytes, {made.files} files", flush=True)
            except PlantEduError as error:
                if not self.every:
                    raise
                print(error, file=sys.stderr, flush=True)
            if not self.every:
                return
            time.sleep(self.every)


@dataclass(frozen=True)
class Back:
    """Bring a snapshot back where no store is yet; does nothing where there is one.

    Attributes:
        folder: Where the snapshot is.
    """

    folder: Folder

    def __call__(self) -> None:
        """Copy it back."""
        print("restored" if restore(home(), self.folder) else "nothing to restore")


Command = (
    Annotated[Busy, tyro.conf.subcommand("load")]
    | Annotated[Keep, tyro.conf.subcommand("snapshot")]
    | Annotated[Back, tyro.conf.subcommand("restore")]
)


def main(argv: Sequence[str]) -> int:
    """Do one of the three.

    Raises:
        PlantEduError: for what cannot be done.
    """
    command = tyro.cli(
        Command,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu host",
        description="How busy this machine is; snapshots of its store.",
        args=list(argv),
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    command()
    return 0
