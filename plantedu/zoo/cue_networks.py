"""Twin networks for grading maps: the same pictures, and labels that follow one of two cues.

    lesions   y = 1 where the plant is diseased: its leaf has lesions, in both sensors' pictures
    mark      y = 1 where a mark stands in the corner of the RGN picture

In their world the mark is assigned at random, so each cue says nothing of the other. A network
learns what its labels follow and can leave the other alone; whether it did is a question for do().
A map of the second network that accuses the lesions is a false alarm.

Source: Adebayo et al. 2022, arXiv:2212.04629 (models that verifiably rely on a planted cue, and
models that do not) [adebayo2022]. Lesson: 09_attribution.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import require
from plantedu.models.classifier import LabelledCrops, PairClassifier
from plantedu.models.encoders import make_encoder
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.fit import Observer, State, fit, one_cycle
from plantedu.training.online_probes import shrunk
from plantedu.training.seeding import numpy_generator_for
from plantedu.training.weights_spec import file_of, parse_start
from plantedu.zoo.random_init import SETTLED, settle

CUES = ("lesions", "mark")
SIZE, SIDE = 64, 40  # pixels of the pictures, and of what the networks see
CLASSES = {"lesions": ("healthy", "diseased"), "mark": ("no mark", "mark")}


@dataclass(frozen=True)
class CueRecipe:
    """How one of the networks is trained.

    Attributes:
        cue: What the labels follow: lesions or mark.
        plants: Training plants, 0, 1, ...
        steps, batch, learning_rate, weight_decay: AdamW under one cycle, whole pictures.
        seed: Start, and order of the plants.
    """

    cue: str = "lesions"
    plants: int = 768
    steps: int = 150
    batch: int = 32
    learning_rate: float = 5e-3
    weight_decay: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.cue in CUES, f"cue is one of {', '.join(CUES)}; got {self.cue!r}.")
        require(self.plants >= self.batch, f"plants must be a batch or more; got {self.plants}.")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def cue_world(seed: int = 0) -> World:
    """Lesions as in the field; the mark is assigned at random."""
    return World("two_cues", seed)


def cue_pairs(plants: np.ndarray, **do: float | str) -> Pairs:
    """Pairs of that world; only the RGN picture can have a mark.

    Args:
        plants: Indices.
        do: Factors set by hand, such as disease="healthy" or mark="absent".
    """
    seen = render(cue_world(), plants, size=SIZE, do=do)
    bare = render(cue_world(), plants, size=SIZE, do={**do, "mark": "absent"})
    return replace(seen, x1=bare.x1)


def cue_labels(cue: str, plants: np.ndarray) -> Tensor:
    """1 where a plant has the cue."""
    factors = draw_factors(cue_world(), plants)
    has = factors["disease"] > 0 if cue == "lesions" else factors["mark"]
    return torch.from_numpy(has.astype(np.int64))


@cache
def _album(plants: int) -> Tensor:
    """What the networks are trained on, "2 plants 3 40 40"."""
    pairs = cue_pairs(np.arange(plants))
    return torch.stack([shrunk(pairs.x1, SIDE), shrunk(pairs.x2, SIDE)])


def make_cue_network(recipe: CueRecipe) -> PairClassifier:
    """The network before its first step."""
    encoder = make_encoder("res2next_tiny", seed=recipe.seed, side=SIDE)
    return PairClassifier(encoder, classes=2, sensors="both", seed=recipe.seed)


def random_cue_network(seed: int) -> PairClassifier:
    """The random-init control of these networks, settled on their training plants.

    Args:
        seed: Of the weights, one of `random_init.CONTROL_SEEDS`.
    """
    return settle(make_cue_network(CueRecipe(seed=seed)), _album(SETTLED))


def train_cue_network(recipe: CueRecipe, *, observers: Sequence[Observer] = ()) -> State:
    """Train one network; the state holds it and its recipe."""
    views, labels = _album(recipe.plants), cue_labels(recipe.cue, np.arange(recipe.plants))
    model = make_cue_network(recipe)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )

    def batch_of(step: int) -> LabelledCrops:
        epoch, place = divmod(step, recipe.plants // recipe.batch)
        order = numpy_generator_for(recipe.seed, "order", epoch).permutation(recipe.plants)
        rows = torch.from_numpy(order[place * recipe.batch : (place + 1) * recipe.batch])
        targets = torch.nn.functional.one_hot(labels[rows], 2).float()
        return LabelledCrops(views[:, rows], targets, labels[rows])

    state = State(model, optimizer, recipe.steps, meta={"cue": recipe.as_json()})
    rate = partial(one_cycle, steps=recipe.steps, peak=recipe.learning_rate, warmup=0.25)
    fit(state, batch_of, learning_rate=rate, observers=observers)
    model.eval()
    return state


def cue_network_from(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> PairClassifier:
    """The network of a checkpoint, in evaluation mode.

    Raises:
        PlantEduError: if it holds none.
    """
    require("cue" in meta, "This checkpoint holds no network that was trained on a planted cue.")
    model = make_cue_network(CueRecipe(**meta["cue"]))
    weights = {k.removeprefix("objective/"): v for k, v in tensors.items()}
    weights = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    found = set(model.state_dict())
    require(set(weights) == found, "This checkpoint is of another architecture than it says.")
    model.load_state_dict(weights)
    return model.eval()


def shipped_cue_network(cue: str, seed: int) -> PairClassifier:
    """One of those that ship, cues/CUE-SEED.

    Raises:
        PlantEduError: where there is none.
    """
    path = file_of(parse_start(f"shipped:cues/{cue}-{seed}"))
    require(path is not None, f"No network cues/{cue}-{seed} ships with this copy.")
    return cue_network_from(*load_checkpoint(path))  # type: ignore[arg-type]
