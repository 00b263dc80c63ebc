"""The recorded runs of the clinic: numbers in one file, what each run was in another.

    row/NAME     by row of the log: step, loss, learning_rate, entropy, divergence, fed/...
    look/NAME    by evaluation: step, first, last, train_mode, plants, accuracy/..., moved/...

Even training seeds are the reference half, which the automatic diagnosis is fitted on; odd ones
are held out. `python -m experiments.clinic.cases` records them.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from plantedu.errors import require
from plantedu.shipped_files import checkpoints

FOLDER = checkpoints() / "clinic"
HALVES = ("reference", "held out")
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Entry:
    """What a recorded run was.

    Attributes:
        number: Its place in the bank.
        cause: What was done to it, or what it did.
        family: swav, classifier or adder.
        seed: Its training seed.
        moment: The step that windows are cut around.
    """

    number: int
    cause: str
    family: str
    seed: int
    moment: int

    @property
    def half(self) -> str:
        """Which half of the bank it belongs to."""
        return HALVES[self.seed % 2]


@dataclass(frozen=True, eq=False)
class Bank:
    """All recorded runs."""

    entries: tuple[Entry, ...]
    numbers: dict[str, np.ndarray]

    def columns(self, entry: Entry) -> tuple[Columns, Columns]:
        """By row and by evaluation, float64."""
        found: dict[str, Columns] = {"row": {}, "look": {}}
        start = f"{entry.number:03d}/"
        for name, values in self.numbers.items():
            if name.startswith(start):
                kind, _, column = name.removeprefix(start).partition("/")
                found[kind][column] = values.astype(np.float64)
        return found["row"], found["look"]

    def of(self, cause: str, half: str) -> list[Entry]:
        """The runs of a cause in one half."""
        return [one for one in self.entries if one.cause == cause and one.half == half]


@lru_cache(maxsize=2)
def bank(folder: Path = FOLDER) -> Bank:
    """Read the bank, once.

    Raises:
        PlantEduError: if it is not there.
    """
    words, numbers = folder / "runs.json", folder / "runs.npz"
    require(
        words.is_file() and numbers.is_file(),
        f"The clinic's recorded runs are missing at {folder}: `python -m experiments.clinic.cases` "
        "records them.",
    )
    index = json.loads(words.read_text(encoding="utf-8"))
    wanted = ("cause", "family", "seed", "moment")
    entries = [Entry(k, **{name: one[name] for name in wanted}) for k, one in enumerate(index)]
    with np.load(numbers, allow_pickle=False) as file:
        return Bank(tuple(entries), {name: file[name] for name in file.files})
