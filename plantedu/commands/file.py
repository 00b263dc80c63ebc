"""`python -m plantedu file METHOD FILE ...`: a file of one's own in, a sentence out, with its null.

    file split ids.csv                       columns split and plant (or a file's name)
    file seeds .91 .93 .90 .94 .92           end values of one setting, one a seed
    file features a.npy b.npy                two networks' features of the same pictures
    file rank a.npy                          one network's features

Exit 0: read and said. Exit 1: the split leaks. Lesson: 01_pairs, 04_family, 06_similarity,
07_spectrum.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import tyro
from torch import Tensor

from plantedu.data.split_table import audit_split
from plantedu.errors import PlantEduError, require
from plantedu.statistics.rankme import rankme
from plantedu.sweeps.power import luck_of_the_best, smallest_difference
from plantedu.topics.similarity.compare import compared
from plantedu.topics.similarity.family import measure
from plantedu.topics.similarity.measure import LEAST
from plantedu.topics.similarity.results.compare import Settings
from plantedu.topics.similarity.results.comparisons import Comparison, Representation
from plantedu.topics.spectrum.ranks import covariance_values, participation_ratio

Given = Annotated[Path, tyro.conf.Positional]
SHUFFLES = 99


@dataclass(frozen=True)
class Split:
    """How many held-out rows of a csv have their plant in training?

    Attributes:
        table: A csv with a column split (train, or anything else) and one that says whose row it
            is: plant, patient, group, or a file's name.
    """

    table: Given

    def __call__(self) -> int:
        """Say it; 1 where the split leaks."""
        found = audit_split(self.table)
        print(found.sentence)
        return int(found.leaked > 0)


@dataclass(frozen=True)
class Seeds:
    """What can end values of a few seeds tell apart, and how lucky is the best of many?

    Attributes:
        values: End values of one setting, one a seed; two or more.
        settings: How many settings you would compare.
    """

    values: Annotated[tuple[float, ...], tyro.conf.Positional]
    settings: int = 12

    def __call__(self) -> int:
        """Say it."""
        k = len(self.values)
        require(k >= 2, f"With {k} value nothing is known of the spread; give two seeds or more.")
        require(self.settings >= 2, f"--settings is 2 or more; got {self.settings}.")
        spread = float(np.std(self.values, ddof=1))
        lucky, luckier = (luck_of_the_best(self.settings, spread, seeds) for seeds in (k, 1))
        print(
            f"Mean {np.mean(self.values):.3f}, standard deviation {spread:.3f} over {k} seeds. Two "
            f"settings with {k} seeds each are told apart from a difference of "
            f"{smallest_difference(spread, k):.3f} on. Of {self.settings} settings that are truly "
            f"alike, the best would beat their mean by {lucky:.3f} with {k} seeds each, by "
            f"{luckier:.3f} with one."
        )
        return 0


@dataclass(frozen=True)
class Features:
    """Are two networks' features of the same pictures alike? Beside shuffles and random features.

    Attributes:
        first, second: .npy files, "pictures columns"; row i of both is the same picture.
        measure: cka, procrustes, rsa, ...
    """

    first: Given
    second: Given
    measure: str = "cka"

    def __call__(self) -> int:
        """Say it."""
        a, b = features_of(self.first), features_of(self.second)
        require(
            len(a) == len(b),
            f"{self.first} has {len(a)} rows and {self.second} {len(b)}; row i of both is one "
            "picture.",
        )
        how = measure(self.measure)
        noise = torch.randn(a.shape, generator=torch.Generator().manual_seed(0), dtype=a.dtype)
        sides = (
            (Representation("first", ""), Representation("random features", "")),
            (Representation("second", ""),),
        )
        asked = Settings(comparison="own", measure=self.measure, shuffles=SHUFFLES, halves=40)
        table = compared(
            asked, Comparison("own", "How alike are they?", *sides, ("", "")), how, [a, noise], [b]
        )
        one, random = table.evidence(0, 0), table.evidence(1, 0)
        low, high = one.interval or (one.value, one.value)
        print(
            f"{how.label}: {one.value:.3f} ({low:.3f} to {high:.3f}, 95 %). Pictures of the second "
            f"in {SHUFFLES} other orders: {one.null:.3f}. Random features of the first's size: "
            f"{random.value:.3f}. n = {len(a)} pictures, {a.shape[1]} and {b.shape[1]} columns. "
            "What two networks that never trained would share is not in a file: see `own "
            "similarity`."
        )
        return 0


@dataclass(frozen=True)
class Rank:
    """How many directions do features fill? Beside the same columns, each shuffled by itself.

    Attributes:
        features: A .npy file, "pictures columns".
    """

    features: Given

    def __call__(self) -> int:
        """Say it."""
        a = features_of(self.features)
        generator = torch.Generator().manual_seed(0)
        orders = torch.rand(a.shape, generator=generator).argsort(0)
        shuffled = a.gather(0, orders)
        print(
            f"RankMe {rankme(a):.1f}, participation ratio {_participation(a):.1f}, of "
            f"{min(a.shape)} at most. Each column shuffled by itself: {rankme(shuffled):.1f} and "
            f"{_participation(shuffled):.1f}. n = {len(a)} pictures. Compare at equal n alone; "
            "more is not better."
        )
        return 0


def _participation(table: Tensor) -> float:
    return participation_ratio(covariance_values(table.numpy()))


Chosen = (
    Annotated[Split, tyro.conf.subcommand("split")]
    | Annotated[Seeds, tyro.conf.subcommand("seeds")]
    | Annotated[Features, tyro.conf.subcommand("features")]
    | Annotated[Rank, tyro.conf.subcommand("rank")]
)


def features_of(path: Path) -> Tensor:
    """A table of features out of a .npy file.

    Raises:
        PlantEduError: for a file that is none, fewer rows than can be compared, or numbers that
            are not finite.
    """
    try:
        found = np.load(path, allow_pickle=False)
        table = torch.from_numpy(np.asarray(found, dtype=np.float64))
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise PlantEduError(f"{path} is no .npy file of numbers: {error}.") from error
    require(table.ndim == 2, f'{path} holds "pictures columns"; got {tuple(table.shape)}.')
    require(len(table) >= LEAST, f"{path} has {len(table)} rows; {LEAST} or more are needed.")
    require(bool(table.isfinite().all()), f"{path} holds numbers that are not finite.")
    return table


def main(argv: list[str]) -> int:
    """Run one of them.

    Raises:
        PlantEduError: for a file that cannot be read as asked.
    """
    chosen = tyro.cli(
        Chosen,  # type: ignore[arg-type]
        args=argv,
        prog="python -m plantedu file",
        description="A file of your own in, a sentence out, with its null.",
        config=(tyro.conf.OmitSubcommandPrefixes,),
    )
    print("Reading.", file=sys.stderr)
    return chosen()  # type: ignore[operator]
