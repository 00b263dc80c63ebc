"""One family of similarity measures: who checks, who centres, and who says n and d.

    value = compare(prepare(x), prepare(y)),     x is "plants p", y is "plants q", rows paired

A measure writes two short methods: `_prepare` looks at one representation alone, `_compare` at two
prepared ones. All that is expensive and depends on one side stands in `_prepare`, so that twenty
layers are prepared once for four hundred comparisons, and shuffled plants cost no second
preparation.

Columns are centred first. Arithmetic is float64 on the device of the tensors, unless a measure says
otherwise (float32 on devices that have no other).

Lesson: 06_similarity.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from plantedu.errors import require

LEAST = 4  # plants: below, a debiased centring divides by zero
FAR = 4  # lengths: at 30 and 256 plants single precision is off by 1e-6, at 4 by 1e-8


@dataclass(frozen=True)
class Similarity:
    """A value with what it rests on.

    Attributes:
        measure: Name of the measure.
        value: What it gives.
        n: Plants.
        dims: Columns of x and of y.
        note: What these n and dims do to the value; "" where nothing needs to be said.
    """

    measure: str
    value: float
    n: int
    dims: tuple[int, int]
    note: str = ""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One side of a comparison.

    Attributes:
        rows: "plants plants" where the measure is `pairwise`, else "plants columns".
        dim: Columns of the representation.
        rest: What the measure keeps besides; it does not depend on the order of the plants.
    """

    rows: Tensor
    dim: int
    rest: Any = None

    def reordered(self, order: Tensor, *, pairwise: bool) -> "Prepared":
        """The same with its plants in another order."""
        rows = self.rows[order]
        return Prepared(rows[:, order] if pairwise else rows, self.dim, self.rest)


@dataclass(frozen=True)
class Measure(ABC):
    """A way to say how alike two representations of the same plants are.

    Attributes:
        name: What terminal and page call it.
        label: The same for a reader.
        distance: 0 is alike, larger is less alike; else the other way round.
        symmetric: Swapping x and y changes nothing.
        pairwise: Prepared rows are plants by plants.
        inner: `_compare` is the sum of products of the two prepared matrices.
        single: Centred columns of features that came in single precision stay in it, unless some
            rows are far longer than the rest: their products would drown the others' digits.
        raw: The measure looks at columns as they came: their means are not taken off.
        costly: Takes a singular value decomposition for each comparison.
        best: The value of a representation with itself.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    distance: ClassVar[bool] = False
    symmetric: ClassVar[bool] = True
    pairwise: ClassVar[bool] = False
    inner: ClassVar[bool] = False
    single: ClassVar[bool] = False
    raw: ClassVar[bool] = False
    costly: ClassVar[bool] = False
    best: ClassVar[float] = 1.0

    def __call__(
        self, x: Tensor, y: Tensor, *, plants: tuple[Sequence[str], Sequence[str]] | None = None
    ) -> Similarity:
        """Compare two representations.

        Args:
            x: One of them, "plants p".
            y: The other one, "plants q", the same plants in the same order.
            plants: Ids of the rows of x and of y, to be checked against each other.

        Raises:
            PlantEduError: for fewer than four plants, other plants or another order in the two
                sets, a plant that is there twice, numbers that are not finite, and columns that
                are all constant.
        """
        check_paired(x, y, plants)
        a, b = self.prepare(x, "first"), self.prepare(y, "second")
        n, dims = len(x), (a.dim, b.dim)
        return Similarity(self.name, self.compare(a, b), n, dims, self.note(n, *dims))

    def prepare(self, x: Tensor, which: str = "given") -> Prepared:
        """One side, checked and centred; as often compared as one likes.

        Raises:
            PlantEduError: as for the call.
        """
        rows = centred(x, which, scaled=self.unitless)
        if self.raw:
            rows = finite(x, which, scaled=self.unitless)
        elif self.single and x.dtype != torch.float64 and even(rows):
            rows = rows.float()
        return self._prepare(rows)

    def compare(self, a: Prepared, b: Prepared) -> float:
        """The value from two prepared sides of the same plants."""
        return float(self._compare(a, b))

    def compare_all(
        self, a: Sequence[Prepared], b: Sequence[Prepared], *, quick: bool = False
    ) -> Tensor:
        """The values of every first side with every second one, "first second"."""
        if self.inner:
            left, right = (torch.stack([s.rows for s in side]).flatten(1) for side in (a, b))
            return left @ right.T
        one = self._quick if quick else self._compare
        return torch.stack([torch.stack([one(x, y) for y in b]) for x in a])

    def note(self, n: int, p: int, q: int) -> str:
        """What a reader must know of this measure at these sizes; "" if nothing."""
        return ""

    def _quick(self, a: Prepared, b: Prepared) -> Tensor:
        """The value to about 1e-6, for thousands of shuffles, where that is cheaper."""
        return self._compare(a, b)

    @property
    def unitless(self) -> bool:
        """Whether a common scale of either side changes nothing."""
        return True

    @abstractmethod
    def _prepare(self, x: Tensor) -> Prepared:
        """What is wanted of one centred representation."""

    @abstractmethod
    def _compare(self, a: Prepared, b: Prepared) -> Tensor:
        """The value, a tensor without dimensions."""


def centred(x: Tensor, which: str = "given", *, scaled: bool = False) -> Tensor:
    """Columns brought to mean 0, in float64 where the device has it.

    Args:
        x: "plants columns".
        which: How a reader knows it.
        scaled: As in `finite`.

    Raises:
        PlantEduError: for anything but a table of finite numbers of four plants or more, with a
            column that is not constant.
    """
    x = finite(x, which, scaled=scaled)
    mean = x.mean(0)
    x -= mean
    spread, size = torch.linalg.vector_norm(x), len(x) ** 0.5 * torch.linalg.vector_norm(mean)
    require(
        bool(spread > 1e-12 * size),
        f"The {which} representation is the same for every plant (a collapsed or dead layer): "
        "similarity with it is undefined.",
    )
    return x


def finite(x: Tensor, which: str = "given", *, scaled: bool = False) -> Tensor:
    """A copy in float64, where the device has it.

    Args:
        x: "plants columns".
        which: How a reader knows it.
        scaled: Bring the largest number to between .5 and 1, so that squares neither overflow nor
            vanish; for measures that do not see a common scale.

    Raises:
        PlantEduError: for anything but a table of finite numbers of four plants or more.
    """
    require(
        isinstance(x, Tensor) and x.ndim == 2 and x.shape[1] >= 1,
        f'The {which} representation must be a table "plants columns"; got '
        f"{tuple(getattr(x, 'shape', ()))}. Pool maps over places first.",
    )
    n = len(x)
    require(
        n >= LEAST, f"Similarity needs {LEAST} plants or more, a hundred to mean much; got {n}."
    )
    exact = torch.float32 if x.device.type == "mps" else torch.float64
    x = x.detach().to(exact, copy=True)
    if not bool(torch.isfinite(torch.stack(x.aminmax())).all()):
        bad = ~torch.isfinite(x)
        row, column = (int(k) for k in bad.nonzero()[0])
        require(
            False,
            f"The {which} representation has {int(bad.sum())} numbers that are not finite, the "
            f"first in row {row}, column {column}: mend the encoder or drop those plants.",
        )
    if scaled:
        x *= 2.0 ** -int(torch.frexp(x.abs().max())[1])  # a power of two: no digit is lost
    return x


def even(x: Tensor) -> bool:
    """Whether no row of centred columns is more than `FAR` times as long as the middle one."""
    lengths = torch.linalg.vector_norm(x, dim=1)
    return bool(lengths.max() <= FAR * lengths.median())


def check_paired(
    x: Tensor, y: Tensor, plants: tuple[Sequence[str], Sequence[str]] | None = None
) -> None:
    """Refuse two sets that are not of the same plants in the same order.

    Raises:
        PlantEduError: naming the first plant that differs, or one that is there twice.
    """
    if plants is not None:
        ours, theirs = (list(map(str, one)) for one in plants)
        for which, ids, rows in (("first", ours, x), ("second", theirs, y)):
            require(
                len(ids) == len(rows),
                f"The {which} set has {len(rows)} rows and {len(ids)} plants' names.",
            )
            _check_once(which, ids)
        for k, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            require(
                one == other,
                f"The two sets hold different plants: row {k} is {one!r} in the first and "
                f"{other!r} in the second. Bring both into one order.",
            )
        longer, extra = ("first", ours) if len(ours) > len(theirs) else ("second", theirs)
        fewer = min(len(ours), len(theirs))
        require(
            len(ours) == len(theirs),
            f"The {longer} set has a plant more, {[*extra, ''][fewer]!r} in row {fewer}: both "
            "must hold the same plants.",
        )
    require(
        len(x) == len(y),
        f"Both sets must hold the same plants in the same order; got {len(x)} and {len(y)} rows.",
    )


def _check_once(which: str, ids: list[str]) -> None:
    """Refuse a plant that stands in two rows: two copies are a perfect pair."""
    seen: dict[str, int] = {}
    for k, one in enumerate(ids):
        require(
            one not in seen,
            f"Plant {one!r} is in rows {seen.get(one)} and {k} of the {which} set: a plant counts "
            "once. Drop the copy, or average its pictures.",
        )
        seen[one] = k
