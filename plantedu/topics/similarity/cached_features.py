"""Features of the same held-out plants for every member of a comparison, kept for the next time.

Plants come from one planted world, and no encoder that was trained on one of them is shown them.
What has been worked out is kept on disk under the hash of the encoder's file, layer, sensor and
plants; a file that cannot be read is worked out again.

Lesson: 06_similarity.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import held_out_rows, require_unseen
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import plant_id, world
from plantedu.errors import require
from plantedu.topics.similarity.results.comparisons import Representation
from plantedu.training.checkpoints import tensors_hash
from plantedu.training.online_probes import shrunk
from plantedu.whole_files import keep_arrays, read_arrays
from plantedu.zoo.encoders import LoadedEncoder
from plantedu.zoo.hooks import layer_features

SIZE = 64  # side of the pictures
SENSORS = {"rgb": (0,), "rgn": (1,), "both": (0, 1)}


class CachedFeatures:
    """A fixed set of plants, and what encoders say of them.

    Attributes:
        plants: Ids, in the order of the rows.
    """

    def __init__(
        self, data: str, world_seed: int, *, first: int, plants: int, folder: Path
    ) -> None:
        """Nothing is rendered before it is wanted.

        Args:
            data: Name of the planted world.
            world_seed: Its seed.
            first: Index of the first plant.
            plants: How many.
            folder: Where banks and features are kept.

        Raises:
            PlantEduError: for an unknown world, or fewer than four plants.
        """
        require(plants >= 4, f"Similarity needs 4 plants or more; got {plants}.")
        self._world, self._folder = world(data, world_seed), Path(folder)
        self._rows = held_out_rows(plants, first)
        self.plants = tuple(plant_id(self._world, k) for k in self._rows)
        self._pictures: dict[tuple[int, int], Tensor] = {}
        self._raw: tuple[np.ndarray, np.ndarray] | None = None

    def features(
        self,
        members: Sequence[Representation],
        open_one: Callable[[str], LoadedEncoder],
        check: Callable[[], None] = lambda: None,
    ) -> list[Tensor]:
        """Features of each member, "plants columns", in their order.

        Args:
            members: What is wanted.
            open_one: Opens an encoder by its words.
            check: Called before each encoder; may raise to stop.

        Raises:
            PlantEduError: for an encoder or a layer that is not there, or one that was trained on
                these very plants.
        """
        found: dict[tuple[str, int, str], Tensor] = {}
        for words in dict.fromkeys(one.encoder for one in members):
            check()
            encoder = open_one(words)
            require_unseen(encoder, self._world, self._rows)
            for sensor in (0, 1):
                layers = [
                    one.layer
                    for one in members
                    if one.encoder == words and sensor in SENSORS[one.sensor]
                ]
                if layers:
                    rows = self._looked(encoder, sensor, tuple(dict.fromkeys(layers)))
                    found |= {(words, sensor, layer): h for layer, h in rows.items()}
        return [
            torch.cat([found[one.encoder, s, one.layer] for s in SENSORS[one.sensor]], 1)
            for one in members
        ]

    def _looked(
        self, one: LoadedEncoder, sensor: int, layers: tuple[str, ...]
    ) -> Mapping[str, Tensor]:
        """Layers of one encoder through one sensor, from disk where they are there."""
        weights = {**one.encoder.state_dict()}
        if one.projector is not None:
            weights |= {f"z/{k}": v for k, v in one.projector.state_dict().items()}
        facts: list[Any] = [tensors_hash(weights), sensor, one.side, SIZE, *self.plants, *layers]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
        path = self._folder / "features" / f"{key}.npz"
        kept = read_arrays(path, layers)
        if kept is None:
            found = layer_features(one, self._seen(sensor, one.side), layers)
            kept = {layer: h.numpy() for layer, h in found.items()}
            keep_arrays(path, kept)
        return {layer: torch.from_numpy(h) for layer, h in kept.items()}

    def _seen(self, sensor: int, side: int) -> Tensor:
        """Pictures of a sensor at the side that an encoder wants."""
        if self._raw is None:
            pairs = int(self._rows[-1]) + 1
            bank = Bank(self._world, pairs=pairs, size=SIZE, folder=self._folder / "bank")
            self._raw = bank.take(self._rows)
        if (sensor, side) not in self._pictures:
            self._pictures[sensor, side] = shrunk(self._raw[sensor], side)
        return self._pictures[sensor, side]
