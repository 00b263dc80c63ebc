"""The random-init control beside live probes: what the same readers find in a network untrained.

Step 0 of a run is no such control: its batch norms have seen nothing yet, and a run that starts
from another encoder begins with that one's. `random_init.py` makes the control; here the recipe's
own probes read it, on the plants that they read the run on.

Lesson: 02_training.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.training.fit import Measure, Observer, Record, State
from plantedu.training.online_probes import EpisodicProbes
from plantedu.training.pair_source import PairSource, open_source
from plantedu.training.pretrain import Snapshot, make_probes, train
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init

CONTROL = "random"  # metrics: random/<factor>/<view>
WAITS = 2  # steps that a run shows before its control is read


def control_scores(
    recipe: Recipe, source: PairSource, seeds: Sequence[int] = CONTROL_SEEDS[:1]
) -> dict[str, Measure]:
    """What a recipe's probes read from random-init controls of its architecture.

    Args:
        recipe: Says which architecture, factors and plants.
        source: Where its plants are.
        seeds: Of the controls' weights.

    Returns:
        "random/<factor>/<view>": the score of one control, or mean, lowest and highest of several.
        Nothing where the recipe probes nothing, or nothing can be read.
    """
    found: dict[str, list[float]] = {}
    for probes in make_probes(recipe, source):
        assert isinstance(probes, EpisodicProbes)
        probes.seeds = 1  # shuffled labels stand beside the run already
        for seed in seeds:
            encoder = random_init(recipe, source, seed).encoder
            for name, probed in probes.episode(encoder, 0).items():
                if name.startswith("probe/"):
                    score = probed[0] if isinstance(probed, tuple) else probed
                    found.setdefault(name.replace("probe", CONTROL, 1), []).append(score)
    return {name: _together(scores) for name, scores in found.items()}


def _together(scores: Sequence[float]) -> Measure:
    if len(scores) == 1:
        return scores[0]
    return float(np.mean(scores)), min(scores), max(scores)


class ProbedControl(Observer):
    """Reads the control of a run once, after its first steps, and records it at step 0."""

    def __init__(self, recipe: Recipe, bank_folder: Path) -> None:
        """Watch a run.

        Args:
            recipe: The run's.
            bank_folder: Where its rendered pairs are kept.
        """
        self.recipe, self.bank_folder = recipe, bank_folder
        self._waits = 0

    def measure(self, state: State) -> Mapping[str, Measure]:
        """Nothing; a run that begins is noticed."""
        if state.step == 0 and self.recipe.probe_factors:
            self._waits = WAITS
        return {}

    def late(self, state: State) -> Record | None:
        """The control's scores, when the run has shown its first steps."""
        if not self._waits:
            return None
        self._waits -= 1
        if self._waits:
            return None
        found = control_scores(self.recipe, open_source(self.recipe, self.bank_folder))
        return Record(0, found) if found else None


def train_beside_control(
    recipe: Recipe,
    *,
    bank_folder: Path,
    observers: Sequence[Observer] = (),
    resume: Snapshot | None = None,
    run_file: Path | None = None,
) -> dict[str, Any]:
    """`pretrain.train`, with its control recorded at step 0; it ends in the same bits."""
    watching = [ProbedControl(recipe, bank_folder), *observers]
    return train(
        recipe, bank_folder=bank_folder, observers=watching, resume=resume, run_file=run_file
    )
