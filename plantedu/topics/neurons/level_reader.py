"""A linear reader of a factor's level in a layer: ridge with a penalty chosen by its own plants.

    score_k = x w_k + b_k,   level = argmax_k,   penalty: generalised cross-validation

Units are brought to mean 0 and variance 1 first; `directions` are in the layer's own units. A
reader tells what can be read. Whether the network reads it is another question (`exchanged.py`).

Source: Hoerl & Kennard 1970 (ridge), Golub et al. 1979 (cross-validation in closed form), via
scikit-learn's RidgeClassifierCV. Lesson: 10_neurons.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.linear_model import RidgeClassifierCV
from torch import Tensor

from plantedu.errors import require

PENALTIES = np.logspace(-2, 6, 25)


@dataclass(frozen=True, eq=False)
class LevelReader:
    """Scores of levels, linear in a layer.

    Attributes:
        weights: "dim levels", on the layer as it is.
        shift: "levels".
    """

    weights: Float[Tensor, "dim levels"]
    shift: Float[Tensor, " levels"]

    def __call__(self, x: Float[Tensor, "n dim"]) -> Int[Tensor, " n"]:
        """Level of each row."""
        return (x.double() @ self.weights + self.shift).argmax(dim=1)

    @property
    def directions(self) -> Float[Tensor, "levels dim"]:
        """What it reads along: differences of the levels' weights."""
        return (self.weights[:, 1:] - self.weights[:, :1]).T


def level_reader(x: Float[Tensor, "n dim"], levels: Int[Tensor, " n"]) -> LevelReader:
    """Fit a reader.

    Args:
        x: Activations, finite.
        levels: Code of each row, 0 to many - 1, each of them there.

    Raises:
        PlantEduError: for activations that are not finite or do not vary, or one level.
    """
    rows, wanted = x.double().numpy(), levels.numpy()
    require(
        bool(np.isfinite(rows).all()), "A reader needs finite activations; got NaN or infinity."
    )
    spread = rows.std(axis=0)
    require(bool((spread > 0).any()), "This layer says the same of every plant; nothing to read.")
    require(len(np.unique(wanted)) > 1, "A reader needs plants of two levels or more; got one.")
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)
    centre = rows.mean(axis=0)
    fitted: Any = RidgeClassifierCV(alphas=PENALTIES).fit((rows - centre) * scale, wanted)
    found, shift = np.atleast_2d(fitted.coef_), np.atleast_1d(fitted.intercept_)
    if len(found) == 1:  # two levels are one score
        found, shift = np.stack([-found[0], found[0]]), np.array([-shift[0], shift[0]])
    weights = (found * scale).T
    return LevelReader(torch.from_numpy(weights), torch.from_numpy(shift - centre @ weights))
