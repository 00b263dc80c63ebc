"""What a section of `examine` is asked with: a model, pictures, and how thoroughly.

Lesson: 09_attribution.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional as F

from plantedu.errors import require
from plantedu.own.examination.heads import Head, linear_head, own_head
from plantedu.own.examination.report_numbers import HEAD_LEFT
from plantedu.own.images import Images
from plantedu.own.model import Model
from plantedu.training.seeding import numpy_generator_for


@dataclass(frozen=True, eq=False)
class Asked:
    """A model on pictures.

    Attributes:
        me: The model.
        data: Labelled pictures of one camera, at the model's side.
        quick: Fewer pictures where each costs passes.
        seed: Draws everything.
        second: Another model to compare with, or None.
        earlier: Pictures that it was trained on, to look for leaks, or None.
    """

    me: Model
    data: Images
    quick: bool = False
    seed: int = 0
    second: Model | None = None
    earlier: Images | None = None

    @cached_property
    def x(self) -> np.ndarray:
        """The pictures, uint8."""
        return np.asarray(self.data.pictures)

    @cached_property
    def labels(self) -> np.ndarray:
        """Their labels.

        Raises:
            PlantEduError: where there are none, or one class alone.
        """
        return self.data.require_labels("This section")

    @cached_property
    def h(self) -> Tensor:
        """What the model says of them, "pictures dim"."""
        return self.me.features(self.x)

    @cached_property
    def twin(self) -> Model:
        """The random-init control, settled on these pictures."""
        return self.me.random_twin(pictures=self.data)

    @cached_property
    def head(self) -> Head:
        """Whose predictions are asked: the network's own head where it fits the labels."""
        classes = len(self.data.classes)
        called = self._called
        if called is not None:
            right = float((called[1] == self.labels).mean())
            if right > 1.5 / classes or right > 0.8:
                return called[0]
        return linear_head(self.me, self.h, self.labels, classes, seed=self.seed)

    @property
    def head_left(self) -> str:
        """Why the network's own head is not asked, in a sentence; "" where it is, or has none."""
        if self._called is None or self.head is self._called[0]:
            return ""
        called, count = self._called[1], len(self.data.classes)
        table = np.zeros((count, count))
        np.add.at(table, (called, self.labels), 1)
        best = float(table[linear_sum_assignment(table, maximize=True)].sum() / len(called))
        right = float((called == self.labels).mean())
        said = (
            f"{HEAD_LEFT}: its outputs, in the order {', '.join(self.data.classes)}, name "
            f"{right:z.2f} of the labels correctly."
        )
        if best > max(1.5 / count, 0.8):
            said += f" In another order {best:z.2f}: give the classes in the order of its outputs."
        return said

    @cached_property
    def _called(self) -> tuple[Head, np.ndarray] | None:
        """The network's own head, and what it calls the pictures; None where it fits no labels."""
        own = own_head(self.me, len(self.data.classes)) if self.me.has_head else None
        return None if own is None else (own, own(self.x, np.arange(len(self.x))))

    def some(self, quick: int, whole: int) -> np.ndarray:
        """Rows of a part of the pictures, drawn, in order."""
        count = min(quick if self.quick else whole, len(self.x))
        rng = numpy_generator_for(self.seed, f"some {count}")
        return np.sort(rng.permutation(len(self.x))[:count])


def at_side(data: Images, side: int) -> Images:
    """The pictures at the side that a model takes: planting and exchanging happen there.

    Raises:
        PlantEduError: for a model or pictures of two cameras.
    """
    require(data.cameras == 1, "examine looks at one camera; give the pictures of one of the two.")
    if data.size == side:
        return data
    x = F.interpolate(data.views(1).float(), size=(side, side), mode="bilinear", antialias=True)
    pictures = x.round().clamp(0, 255).byte().numpy()
    return replace(data, pictures=pictures)
