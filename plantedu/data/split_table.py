"""The split of a table of one's own: how many held-out rows have their plant in training.

    leaked share = held-out rows whose plant has a row in training / held-out rows

beside the same share where the same numbers of rows are split at random; split by plant it is 0.

Source: Kapoor and Narayanan 2023, Patterns 4 [kapoor2023]. Lesson: 01_pairs.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plantedu.data.splits import leaked_share, plant_of
from plantedu.errors import PlantEduError, require

NAMES = ("plant", "patient", "group", "image_id", "id", "file", "filename", "name", "path")
DEALS = 99


@dataclass(frozen=True)
class SplitAudit:
    """What a split leaks.

    Attributes:
        column: The column that says whose row it is.
        train, held_out: Rows of each side.
        plants: Different plants.
        leaked: Share of held-out rows whose plant is in training, 0 to 1.
        at_random: The same, mean over rows split at random to sides of the same size.
    """

    column: str
    train: int
    held_out: int
    plants: int
    leaked: float
    at_random: float

    @property
    def sentence(self) -> str:
        """Number, null, meaning."""
        means = (
            "No held-out row has its plant in training."
            if not self.leaked
            else "A score on the held-out rows is not one on new plants: deal by plant."
        )
        return (
            f"{self.leaked:.2f} of {self.held_out} held-out rows have their plant in training "
            f"({self.train} rows; {self.plants} plants by `{self.column}`). Rows split at random: "
            f"{self.at_random:.2f}. Split by plant: 0. {means}"
        )


def audit_split(path: Path, *, seed: int = 0) -> SplitAudit:
    """What the split of a csv leaks.

    Args:
        path: A csv with a column `split` (what begins with "train" is training, all else held
            out), and one that says whose row it is: plant, patient, group, or a file's name, of
            which the ending and `_rgn` are left away.
        seed: Deals the rows at random.

    Raises:
        PlantEduError: for a file that is no such table, or one side that is empty.
    """
    rows, column, split = _read(path)
    ids = [row[column].strip() for row in rows]
    train = np.array([row[split].strip().lower().startswith("train") for row in rows])
    require(
        bool(train.any()) and not train.all(),
        f"{path}: column {split} puts all {len(rows)} rows on one side; a split has two.",
    )
    places, generator = np.arange(len(ids)), np.random.default_rng(seed)
    at_random = [_leaked(ids, generator.permutation(train), places) for _ in range(DEALS)]
    return SplitAudit(
        column=column,
        train=int(train.sum()),
        held_out=int((~train).sum()),
        plants=len({plant_of(one) for one in ids}),
        leaked=_leaked(ids, train, places),
        at_random=float(np.mean(at_random)),
    )


def _leaked(ids: list[str], train: np.ndarray, places: np.ndarray) -> float:
    return leaked_share(ids, places[train], places[~train])


def _read(path: Path) -> tuple[list[dict[str, str]], str, str]:
    """Rows, the column of the plant, and that of the split."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PlantEduError(f"{path} cannot be read as a csv: {error}.") from error
    known = {name.strip().lower(): name for name in (rows[0] if rows else {}) if name}
    column = next((known[name] for name in NAMES if name in known), "")
    require(
        bool(column) and "split" in known,
        f"{path} needs a column split and one of {', '.join(NAMES)}; it has "
        f"{', '.join(known) or 'no row'}.",
    )
    return rows, column, known["split"]
