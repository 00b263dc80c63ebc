"""Episodic linear probes: what a linear reader finds in the encoder while it trains.

Every episode starts fresh readers (`linear.py`) on detached features of labelled training plants
and scores them on held-out plants, next to the same readers on shuffled labels; step 0 is the
random-init encoder. Several seeds (start, and which four fifths of the plants are seen) give the
band. The probes are an observer: they read weights and draw from generators of their own, so a
run with probes ends in the same bits as one without.

Source: Liang et al. 2022, CVPR, pp. 9559-9569 [liang2022]. Lesson: 02_training.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.training.fit import Measure, Observer, State
from plantedu.training.linear import Target, read_off

VIEWS = ("rgb", "rgn", "both")


@contextmanager
def evaluating(module: nn.Module):
    """Evaluation mode and no gradients inside, the module's own modes back outside."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def shrunk(images: np.ndarray, side: int) -> Tensor:
    """Whole uint8 images "n 3 height width" in [0, 1] at the side that the encoder trains at."""
    parts = [
        torch.from_numpy(images[k : k + 256]).float() / 255 for k in range(0, len(images), 256)
    ]
    size = (side, side)
    return torch.cat([F.interpolate(p, size=size, mode="bilinear", antialias=True) for p in parts])


def features_of(encoder: nn.Module, images: Tensor, *, batch: int = 128) -> Tensor:
    """Detached features, float32 on the CPU.

    Args:
        encoder: Images in [0, 1] to "batch dim".
        images: One sensor, "n 3 side side", in [0, 1].
        batch: Images per forward pass.

    Returns:
        Features, "n dim".
    """
    device = next(encoder.parameters()).device
    with evaluating(encoder):
        parts = [encoder(part.to(device)).float().cpu() for part in images.split(batch)]
    return torch.cat(parts)


class EpisodicProbes(Observer):
    """Reads every target from each sensor's features, and from both, every `every` steps."""

    def __init__(
        self,
        images: Mapping[str, tuple[np.ndarray, np.ndarray]],
        targets: Sequence[Target],
        *,
        every: int,
        seeds: int,
        seed: int,
        side: int,
    ) -> None:
        """Watch a run.

        Args:
            images: Training and held-out images by sensor ("rgb", "rgn"), uint8.
            targets: What to read, each with its view.
            every: Steps between episodes.
            seeds: Probes per target.
            seed: Seed of the run.
            side: Side in pixels at which images are fed.

        Raises:
            PlantEduError: without targets.
        """
        require(bool(targets), "Probes need at least one factor; leave them out otherwise.")
        self.images = {sensor: shrunk(np.concatenate(two), side) for sensor, two in images.items()}
        self.train = len(targets[0].train)
        self.targets, self.every, self.seeds, self.seed = tuple(targets), every, seeds, seed

    def measure(self, state: State) -> Mapping[str, Measure]:
        if state.step % self.every and state.step != state.steps:
            return {}
        encoder: nn.Module = state.objective.encoder  # type: ignore[assignment]
        features = {name: features_of(encoder, images) for name, images in self.images.items()}
        features["both"] = torch.cat(list(features.values()), 1)
        found: dict[str, Measure] = {}
        for view in VIEWS:
            targets = [target for target in self.targets if target.view == view]
            if targets:
                train, held_out = features[view].split(
                    [self.train, len(features[view]) - self.train]
                )
                found |= read_off(
                    train, held_out, targets, seeds=self.seeds, seed=self.seed, step=state.step
                )
        if state.step == 0:
            found |= {f"chance/{t.name}/{t.view}": t.chance for t in self.targets}
        return found
