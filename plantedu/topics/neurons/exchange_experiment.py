"""One network, one factor: every layer and subspace exchanged between plants, and its controls.

Lesson: 10_neurons.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from plantedu.data.evaluation_set import held_out_rows, require_unseen
from plantedu.errors import require
from plantedu.topics.neurons.donors import CUE_LEVELS, Donors, donors
from plantedu.topics.neurons.exchange import (
    any_subspace,
    exchanged,
    mean_subspace,
    orthonormal,
    random_subspace,
)
from plantedu.topics.neurons.exchangeable_networks import Network
from plantedu.topics.neurons.level_reader import LevelReader, level_reader
from plantedu.topics.neurons.results.interchange import Settings
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.cue_networks import cue_world


@dataclass(frozen=True)
class Exchanged:
    """What an exchange did: shares of plants whose answer is the donor's level.

    Attributes:
        rank: Dimensions.
        follows: With the donor.
        same: With another plant of the base's level.
        shuffled: With donors given to other plants at random.
        lots, anywhere: With subspaces of equal rank, drawn with the layer's covariance and from all
            directions alike; for all of the layer, no exchange.
    """

    rank: int
    follows: float
    same: float
    shuffled: float
    lots: float
    anywhere: float


@dataclass(frozen=True)
class AtLayer:
    """What a layer tells, and what is made of it.

    Attributes:
        read, read_shuffled: Share of unseen plants whose level a reader names, and a reader of
            shuffled levels.
        subspaces: By name.
    """

    read: float
    read_shuffled: float
    subspaces: dict[str, Exchanged]


def exchange_of(network: Network, settings: Settings) -> "Exchange":
    """Render the plants of an exchange.

    Raises:
        PlantEduError: for plants that trained the network, a factor that it does not name, or one
            that its pictures cannot show.
    """
    cue = network.world.name == cue_world().name
    beside = next((c for c in CUE_LEVELS if c != settings.factor), "") if cue else ""
    require(
        not network.names or cue or network.names == settings.factor,
        f"{network.name} names {network.names}: its answer cannot follow {settings.factor!r}. Take "
        f"{network.names}, or a network with a projector such as cross-0.",
    )
    rows = held_out_rows(settings.plants + settings.fitted, settings.first)
    require_unseen(network, network.world, rows)
    how = {"sensors": network.sensors, "side": network.side, "beside": beside}
    parts = rows[: settings.plants], rows[settings.plants :]
    tested, fit = (donors(network.world, part, settings.factor, **how) for part in parts)
    return Exchange(network, tested, fit, settings)


class Exchange:
    """A network and its plants.

    Attributes:
        in_picture: Share of answers that are the donor's level where the whole picture is.
        untouched: The same where nothing is exchanged.
    """

    def __init__(self, network: Network, tested: Donors, fit: Donors, settings: Settings) -> None:
        """Find what the network answers before anything is exchanged.

        Args:
            network: Whose layers are exchanged.
            tested: Plants that are exchanged.
            fit: Other plants, on which directions and readers are found.
            settings: Draws and seed.
        """
        self.network, self.tested, self.fit, self.settings = network, tested, fit, settings
        self._reader = None if network.names else self._fitted(self._every(network.answer))
        base, there = (self.tested.at(x) for x in (self.tested.base, self.tested.to))
        self._base, self._there = base, there
        self.in_picture = self._share(network.answer(there))
        self.untouched = self._share(network.answer(base))

    def at(self, layer: str) -> AtLayer:
        """Exchange one layer.

        Raises:
            PlantEduError: for a layer that is not there, or says the same of every plant.
        """
        x, d = (self.network.layer(v, layer) for v in (self._base, self._there))
        h = self._every(lambda views: self.network.layer(views, layer).mean(dim=1))
        levels = self._codes()
        reader = self._fitted(h)
        rng = numpy_generator_for(self.settings.seed, f"exchange {layer}")
        orders = [
            torch.from_numpy(rng.permutation(len(levels))) for _ in range(self.settings.draws)
        ]
        means = mean_subspace(h, levels, many=self.fit.levels)
        along = orthonormal(reader.directions.to(h.dtype))
        lots = {rank: self._lots(layer, x, d, h, rank) for rank in {means.shape[1], along.shape[1]}}
        givers = {"follows": d, **self._others(x, d, rng)}

        def whole(basis: Tensor | None) -> Exchanged:
            shares = {
                name: self._answers(layer, exchanged(x, giver, basis))
                for name, giver in givers.items()
            }
            rank = x.shape[2] if basis is None else basis.shape[1]
            at_random = dict.fromkeys(("lots", "anywhere"), self.untouched)
            return Exchanged(rank, **shares, **(at_random if basis is None else lots[rank]))

        rest = {name: exchanged(giver, x, means) for name, giver in givers.items()}
        shares = {name: self._answers(layer, mixed) for name, mixed in rest.items()}
        left = x.shape[2] - means.shape[1]
        found = {
            "all": whole(None),
            "means": whole(means),
            "reader": whole(along),
            "all but means": Exchanged(
                left, **shares, lots=self.untouched, anywhere=self.untouched
            ),
        }
        seen = torch.cat([x, d]).mean(dim=1)
        wanted = torch.cat([self.tested.base, self.tested.to])
        right = lambda one: float((one(seen) == wanted).double().mean())  # noqa: E731
        luck = float(np.mean([right(level_reader(h, levels[order])) for order in orders]))
        return AtLayer(right(reader), luck, found)

    def _lots(self, layer: str, x: Tensor, d: Tensor, h: Tensor, rank: int) -> dict[str, float]:
        """Shares where random subspaces are given: of the layer's covariance, and from anywhere."""
        draws = [generator_for(self.settings.seed, layer, k) for k in range(self.settings.draws)]
        kinds = {
            "lots": [random_subspace(h, rank, g) for g in draws],
            "anywhere": [any_subspace(h.shape[1], rank, g) for g in draws],
        }
        return {
            kind: float(np.mean([self._answers(layer, exchanged(x, d, b)) for b in bases]))
            for kind, bases in kinds.items()
        }

    def _others(self, x: Tensor, d: Tensor, rng: np.random.Generator) -> dict[str, Tensor]:
        """Another plant of the base's level for each plant; and donors in another order."""
        base = self.tested.base.numpy()
        same = np.arange(len(base))
        for level in np.unique(base):
            mine = rng.permutation(np.flatnonzero(base == level))
            same[mine] = np.roll(mine, 1)
        return {"same": x[same], "shuffled": d[rng.permutation(len(base))]}

    def _answers(self, layer: str, instead: Tensor) -> float:
        """Share of plants whose answer is the donor's level where a layer says something else."""
        return self._share(self.network.answer_with(self._base, layer, instead))

    def _every(self, said: Callable[[Tensor], Tensor]) -> Tensor:
        """What a function says of the fitted plants, level after level."""
        return torch.cat([said(views) for views in self.fit.pictures])

    def _codes(self) -> Int[Tensor, " rows"]:
        return torch.arange(self.fit.levels).repeat_interleave(len(self.fit.base))

    def _fitted(self, x: Tensor) -> LevelReader:
        return level_reader(x, self._codes())

    def _share(self, said: Tensor) -> float:
        """Share of plants whose answer is the donor's level."""
        level = said.argmax(dim=1) if self._reader is None else self._reader(said)
        return float((level == self.tested.to).double().mean())
