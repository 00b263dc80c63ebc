"""Move h along one direction of a dictionary, and draw what a denoiser makes of it.

    h' = h + t m size d,      d a unit direction, size what x was divided by

where m is the feature's mean code where it fires and t how many times of it. A direction added to x
in all places moves their mean, h, by that direction. The same length in random directions (of
differences between plants, so that they lie where h lies) is the null: any push changes pictures.

Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import require
from plantedu.models.denoiser import Denoiser
from plantedu.models.factor_regressor import FactorReader, view_of
from plantedu.topics.generation.sampling import sample
from plantedu.topics.neurons.sparse_autoencoder import Dictionary

ROWS = 6  # plants on a sheet


@dataclass(frozen=True, eq=False)
class Steered:
    """Pictures drawn from h, from h', and from h pushed elsewhere, from the same noise.

    Attributes:
        plain, pushed: "plants samples 6 side side" in [0, 1].
        elsewhere: The same for each random direction.
        length: |h' - h| beside the spread of h over plants.
    """

    plain: Tensor
    pushed: Tensor
    elsewhere: tuple[Tensor, ...]
    length: float


def push(model: Dictionary, feature: int, strength: float, times: float) -> Tensor:
    """h' - h.

    Raises:
        PlantEduError: for a feature that is not there.
    """
    width = len(model.directions)
    require(0 <= feature < width, f"The dictionary has features 0 to {width - 1}; got {feature}.")
    return times * strength * model.size * model.directions[feature].detach()


def steer(
    denoiser: Denoiser,
    slot: str,
    h: Float[Tensor, "plants dim"],
    move: Float[Tensor, " dim"],
    others: Float[Tensor, "many dim"],
    *,
    samples: int,
    steps: int,
    generator: Callable[[], Generator],
    nulls: int = 3,
    check: Callable[[], None] = lambda: None,
    step: Callable[[int], None] = lambda done: None,
) -> Steered:
    """Draw.

    Args:
        denoiser: Draws; it knows the slot.
        slot: The condition that h is, such as cross-0/h/rgb.
        h: Of the plants.
        move: h' - h.
        others: h of other plants; their differences are the random directions.
        samples: Pictures of each plant.
        steps: Of the sampler.
        generator: Makes the generator of the noise, the same each time.
        nulls: Random directions.
        check: Called between passes; may raise to stop.
        step: Called with how many sets are drawn.

    Raises:
        PlantEduError: where the denoiser does not know the slot.
    """
    known = ", ".join(sorted(denoiser.slots))
    require(
        slot in denoiser.slots,
        f"The denoiser is not conditioned on {slot}, but on {known}. Steer a dictionary of one of "
        "those.",
    )
    lots = torch.randperm(len(others), generator=generator())[: 2 * nulls]
    away = F.normalize(others[lots[:nulls]] - others[lots[nulls:]], dim=1) * move.norm()
    drawn = []
    for k, change in enumerate((torch.zeros_like(move), move, *away)):
        condition = {slot: h + change}
        how = {"samples": samples, "steps": steps, "generator": generator(), "check": check}
        drawn.append(sample(denoiser, condition, shared=True, **how))
        step(k + 1)
    spread = float((others - others.mean(0)).norm(dim=1).mean())
    return Steered(drawn[0], drawn[1], tuple(drawn[2:]), float(move.norm()) / spread)


def readings(reader: FactorReader, pictures: Tensor) -> dict[str, np.ndarray]:
    """What a reader reads off X1 and X2, "plants samples": numbers in units of their spread, and
    the share of each level of a category."""
    flat = pictures.flatten(0, 1)
    found = {}
    for name, read in reader.read(flat[:, :3], flat[:, 3:]).items():
        levels = COLUMNS[name].levels
        for k in range(1 if len(levels) < 3 else 0, max(len(levels), 1)) if levels else (0,):
            label = f"{name}: {levels[k]}" if levels else name
            found[label] = read[:, k].view(pictures.shape[:2]).numpy()
    return found


def changes(
    reader: FactorReader, found: Steered, sensors: Sequence[str]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By what is read: change of each plant for the push, and for each random direction.

    Args:
        reader: Reads factors off pictures.
        found: What was drawn.
        sensors: Whose factors are of interest: rgb, rgn.
    """
    before = readings(reader, found.plain)
    after = readings(reader, found.pushed)
    null = [readings(reader, one) for one in found.elsewhere]
    kept = [n for n in before if view_of(n.split(":")[0]) in (*sensors, "both")]
    return {
        n: (
            (after[n] - before[n]).mean(1),
            np.stack([(one[n] - before[n]).mean(1) for one in null]),
        )
        for n in kept
    }


def side_by_side(found: Steered, sources: np.ndarray) -> dict[str, np.ndarray]:
    """Sheets of X1 and X2, a row a plant: the source (X1's sheet), given h, given h', elsewhere."""
    side = found.plain.shape[-1]
    source = torch.as_tensor(sources[:ROWS]).float() / 255
    source = F.interpolate(source, size=(side, side), mode="bilinear", antialias=True)[:, None]
    sheets = {}
    for k, name in enumerate(("x1", "x2")):
        sets = (found.plain, found.pushed, found.elsewhere[0])
        rows = [one[:ROWS, :, 3 * k : 3 * k + 3] for one in sets]
        whole = torch.cat([source, *rows] if k == 0 else rows, 1)
        sheets[name] = (whole * 255).round().to(torch.uint8).numpy()
    return sheets
