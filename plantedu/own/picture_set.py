"""A set of one's own pictures: square, 8 bits, one camera or two, any labels or none.

Lesson: 01_pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.challenge.pairing import LeftOut
from plantedu.errors import PlantEduError, require


@dataclass(frozen=True, eq=False, kw_only=True)
class Images:
    """Pictures of one camera or two.

    Attributes:
        pictures: uint8, "n 3 size size"; a memory map where they are many.
        names: What each is called: its file without the ending, or the plant.
        labels: Codes into `classes`, "n"; None where nobody labelled them.
        classes: Names of the classes.
        partner: The second camera's pictures of the same things, or None.
        origin: How they were named, and how they were cropped.
        left_out: What could not be read, and why.
        converted: What files held that were no 8-bit RGB, such as greyscale, and how many.
    """

    pictures: np.ndarray
    names: tuple[str, ...]
    labels: np.ndarray | None = None
    classes: tuple[str, ...] = ()
    partner: np.ndarray | None = None
    origin: str = ""
    left_out: tuple[LeftOut, ...] = ()
    converted: tuple[tuple[str, int], ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def size(self) -> int:
        """Pixels a side."""
        return int(self.pictures.shape[-1])

    @property
    def cameras(self) -> int:
        """1, or 2 where every picture has a partner."""
        return 1 if self.partner is None else 2

    def __getitem__(self, rows: int | slice | Sequence[int] | np.ndarray) -> "Images":
        """Some of the pictures: a slice, positions, a mask, or one position."""
        kept = np.atleast_1d(np.arange(len(self))[rows])
        part: Any = rows if isinstance(rows, slice) else kept  # a slice of a memory map stays one
        return replace(
            self,
            pictures=self.pictures[part],
            names=tuple(self.names[k] for k in kept),
            labels=None if self.labels is None else self.labels[kept],
            partner=None if self.partner is None else self.partner[part],
        )

    def views(self, cameras: int) -> Tensor:
        """uint8, "n 3 size size", or "2 n 3 size size" for a network of two pictures.

        Raises:
            PlantEduError: for two cameras where there is one.
        """
        first = torch.as_tensor(np.asarray(self.pictures))
        if cameras == 1:
            return first
        if self.partner is None:
            raise PlantEduError(
                f"This network takes two pictures, one a camera, and {self.origin or 'these data'} "
                "have one camera: there is no pair. Name pictures NAME and NAME_rgn, or a folder "
                "of the challenge's layout."
            )
        return torch.stack([first, torch.as_tensor(np.asarray(self.partner))])

    def require_varied(self) -> None:
        """A sentence where all pictures are the same one: nothing can be said of one picture.

        Raises:
            PlantEduError: says how many copies there are.
        """
        first = self.pictures[:1]
        same = all(np.array_equal(first[0], one) for one in self.pictures[1:])  # ends early
        require(
            len(self) < 2 or not same,
            f"All {len(self)} pictures of {self.origin or 'these data'} are the same one: n is 1.",
        )

    def require_labels(self, why: str) -> np.ndarray:
        """The labels; a sentence where there are none, or one class alone.

        Raises:
            PlantEduError: says what labels are wanted for.
        """
        if self.labels is None:
            raise PlantEduError(
                f"{why} needs labels; {self.origin or 'these pictures'} came without: put each "
                "class in a folder of its own, or give labels."
            )
        found = np.unique(self.labels)
        one = self.classes[int(found[0])] if self.classes else found[0]
        require(len(found) >= 2, f"{why} needs two classes or more; all are of one, {one!r}.")
        return self.labels

    @property
    def reading_notes(self) -> str:
        """What was left out or converted while the pictures were read, in sentences; or ""."""
        said = []
        if self.left_out:
            first = self.left_out[0]
            said.append(
                f"{len(self.left_out)} of {len(self) + len(self.left_out)} pictures of "
                f"{self.origin} were left out, first {first.id}: {first.reason}"
            )
        if self.converted:
            kinds = ", ".join(f"{count} of {kind}" for kind, count in self.converted)
            said.append(
                f"Pictures of {self.origin} were made 8-bit colour: {kinds}. Grey becomes three "
                "equal bands; of 16 bits the high byte is kept."
            )
        return " ".join(one.rstrip(".") + "." for one in said)

    def __repr__(self) -> str:
        kinds = f", {len(self.classes)} classes" if self.classes else ", no labels"
        two = ", two cameras" if self.partner is not None else ""
        gone = f", {len(self.left_out)} left out" if self.left_out else ""
        return f"Images({len(self)} of {self.size} px{kinds}{two}{gone}; {self.origin})"


def labelled(found: Images, labels: Sequence[Any] | np.ndarray) -> Images:
    """The same pictures with these labels.

    Raises:
        PlantEduError: unless there is one a picture.
    """
    given = [str(one) for one in np.asarray(labels).ravel().tolist()]
    require(len(given) == len(found), f"{len(given)} labels for {len(found)} pictures.")
    numbers = all(one.lstrip("-").isdecimal() for one in given)
    classes = tuple(sorted(set(given), key=int if numbers else None))
    codes = np.array([classes.index(one) for one in given], np.int64)
    return replace(found, labels=codes, classes=classes)
