"""What an encoder says of every place of a picture: its last maps, before they are averaged to h.

    h = mean over places of x,      x "plants places dim"

so that a direction added to x in all places moves h by that very direction. res2next_tiny has 2 x 2
places at 40 and at 64 pixels.

Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from plantedu.data.evaluation_set import held_out_rows, require_unseen
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import COLUMNS, SENSORS
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import require
from plantedu.models.factor_regressor import SHOWN
from plantedu.topics.neurons.discretised import CONTROLS, DiscreteTarget
from plantedu.training.online_probes import evaluating, shrunk
from plantedu.zoo.encoders import LoadedEncoder

SIZE = 64  # pixels a side of the rendered pictures


class Plot:
    """Plants of one world with their pictures, rendered once.

    Attributes:
        rows: Indices of the plants.
    """

    def __init__(
        self, first: int, plants: int, folder: Path, *, data: str = "field", world_seed: int = 0
    ) -> None:
        """Nothing is rendered before it is wanted.

        Args:
            first: Index of the first plant.
            plants: How many, 32 or more.
            folder: Where banks are kept.
            data: Name of the planted world.
            world_seed: Its seed.

        Raises:
            PlantEduError: for an unknown world, or too few plants.
        """
        require(plants >= 32, f"32 plants or more are needed; got {plants}.")
        self.world, self._folder = world(data, world_seed), Path(folder)
        self.rows = held_out_rows(plants, first)
        self._raw: tuple[np.ndarray, np.ndarray] | None = None

    def pictures(self, sensor: str) -> np.ndarray:
        """Pictures of one sensor, uint8 "plants 3 side side"."""
        require(sensor in SENSORS, f"A sensor is rgb or rgn; got {sensor!r}.")
        if self._raw is None:
            bank = Bank(
                self.world, pairs=int(self.rows[-1]) + 1, size=SIZE, folder=self._folder / "bank"
            )
            self._raw = bank.take(self.rows)
        return self._raw[SENSORS.index(sensor)]

    def targets(self, sensor: str, columns: Sequence[str] = ()) -> list[DiscreteTarget]:
        """Factors of the plants; last the one that this sensor's pictures cannot show.

        Args:
            sensor: rgb or rgn.
            columns: Which; none for all that the pictures can show.

        Raises:
            PlantEduError: for a factor that is not there.
        """
        require(sensor in SENSORS, f"A sensor is rgb or rgn; got {sensor!r}.")
        values, control = draw_factors(self.world, self.rows), CONTROLS[sensor]
        names = [name for name in columns or columns_seen(sensor) if name != control]
        strange = [name for name in names if name not in COLUMNS]
        known = ", ".join(COLUMNS)
        require(not strange, f"No factor is called {strange[:1]}. There are: {known}.")
        return [
            DiscreteTarget(
                name,
                values[name],
                levels=len(COLUMNS[name].levels),
                shown=values["disease"] > 0 if name in SHOWN else None,
                control=name == control,
            )
            for name in (*names, control)
        ]

    def places(self, one: LoadedEncoder, sensor: str) -> Float[Tensor, "plants places dim"]:
        """Last maps of an encoder on one sensor's pictures.

        Raises:
            PlantEduError: for an encoder that was trained on these very plants.
        """
        require_unseen(one, self.world, self.rows)
        return places_of(one, shrunk(self.pictures(sensor), one.side))


def places_of(
    one: LoadedEncoder, images: Tensor, *, batch: int = 128
) -> Float[Tensor, "n places dim"]:
    """The last maps of pictures in [0, 1], float32 on the CPU.

    Raises:
        PlantEduError: for a network without maps.
    """
    parts = []
    with evaluating(one.encoder):
        for part in images.split(batch):
            maps = one.encoder.maps(part).float().cpu()
            require(
                maps.ndim == 4,
                f"{one.name} has no maps of places (its features are {tuple(maps.shape)}).",
            )
            parts.append(maps.flatten(2).transpose(1, 2))
    return torch.cat(parts)


def columns_seen(sensor: str) -> tuple[str, ...]:
    """Columns that pictures of a sensor can show."""
    other = {"rgb": "rgn", "rgn": "rgb"}[sensor]
    return tuple(
        name for name, f in COLUMNS.items() if sensor in f.sees and not name.endswith(f"_{other}")
    )


def head_above(one: LoadedEncoder) -> Callable[[np.ndarray], np.ndarray] | None:
    """Above h: the projector's unit z, or the classifier's logits; None for an encoder alone."""
    module = one.projector
    if one.classifier is not None and one.classifier.dim == one.encoder.dim:
        module = one.classifier.head
    if module is None:
        return None
    unit = one.projector is not None

    @torch.no_grad()
    def head(h: np.ndarray) -> np.ndarray:
        said = module(torch.as_tensor(h, dtype=torch.float32))
        return (F.normalize(said, dim=1) if unit else said).double().numpy()

    return head
