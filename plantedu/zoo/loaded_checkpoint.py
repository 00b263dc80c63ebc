"""A stage: a checkpoint of a run with its recipe, and what can be compared with it.

Lesson: 03_bump.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from plantedu.errors import require
from plantedu.models.swav import SwAV
from plantedu.shapes import Embeddings
from plantedu.training.recipe import Recipe
from plantedu.zoo.encoders import read_encoder
from plantedu.zoo.evaluation_batch import Ruler

CONTRAST = 512  # queue of a second ruler where a run has but one
PARTS = ("encoder", "projector", "prototypes")
SAME = (
    *("data", "world_seed", "pairs", "image_size", "crop_size", "small_crops", "small_size"),
    *("encoder", "pairing", "prototypes", "projection_dim", "hidden_dim", "probe_plants"),
)
LOOKED_AT = (  # what whole pictures of held-out plants, and features of them, hang on
    *("data", "world_seed", "pairs", "image_size", "crop_size", "encoder", "projection_dim"),
    *("hidden_dim", "probe_plants"),
)


@dataclass(frozen=True, eq=False)
class Stage:
    """A checkpoint: its name, the step it was taken at, recipe and objective (evaluation mode)."""

    name: str
    step: int
    recipe: Recipe
    objective: SwAV

    @property
    def ruler(self) -> Ruler:
        """The objective that the run's own log used at this step."""
        used = bool(self.objective.queue_used)
        return Ruler(queue=self.recipe.queue_length if used else 0, batch=self.recipe.batch)

    @property
    def queue(self) -> dict[int, Embeddings]:
        """The run's own past embeddings by sensor, once there are enough; else {}.

        They were made by earlier weights, so scoring with them is one more ruler.
        """
        sensors = (1, 2)
        kept = self.objective.queue
        return {s: kept.read(s) for s in sensors} if kept.full(sensors) else {}


def load_stage(path: Path) -> Stage:
    """Read a checkpoint; one of step 0 has its batch norms settled, as a control has.

    Raises:
        PlantEduError: if it cannot be read or is of another architecture than it says.
    """
    inside = Path(path).parent.name
    name = Path(path).stem if inside in ("", "checkpoints") else f"{inside}/{Path(path).stem}"
    one = read_encoder(path, name)
    return Stage(name, one.step, one.pretraining, one.objective)


def rulers_of(before: Stage, after: Stage, queue: int = 0) -> tuple[Ruler, Ruler]:
    """The rulers of either end; where they are the same, a second one with or without a queue.

    Args:
        before: One end.
        after: The other one.
        queue: Length of that queue; 0 for 512.
    """
    first, second = before.ruler, after.ruler
    if first == second:
        second = replace(first, queue=0 if first.queue else queue or CONTRAST)
    return first, second


def check_comparable(stages: Sequence[Stage], knobs: Sequence[str] = SAME) -> None:
    """Refuse stages that differ in the plants, the crops or the architecture.

    Args:
        stages: Some.
        knobs: In what they may not differ.

    Raises:
        PlantEduError: naming the first knob that differs.
    """
    first = stages[0]
    for other in stages[1:]:
        for knob in knobs:
            one, two = getattr(first.recipe, knob), getattr(other.recipe, knob)
            require(
                one == two,
                f"{first.name} and {other.name} differ in {knob} ({one} and {two}): only stages "
                "with the same plants, crops and architecture can be compared.",
            )


def distances(one: SwAV, other: SwAV) -> dict[str, float]:
    """How far the weights are apart, |w1 - w0| / |w0|, by part and "all" together."""
    found, sums = {}, [0.0, 0.0]
    for part in PARTS:
        pairs = zip(weights_of(one, part), weights_of(other, part), strict=True)
        squares = [
            (float((b - a).double().square().sum()), float(a.double().square().sum()))
            for a, b in pairs
        ]
        moved, size = (sum(column) for column in zip(*squares, strict=True))
        found[part] = (moved / size) ** 0.5
        sums = [sums[0] + moved, sums[1] + size]
    return found | {"all": (sums[0] / sums[1]) ** 0.5}


def weights_of(objective: SwAV, part: str) -> list[torch.Tensor]:
    """Weights of the encoder, the projector or the prototypes, without gradient."""
    found = getattr(objective, part)
    weights = [found] if part == "prototypes" else found.parameters()
    return [one.detach() for one in weights]
