"""Rulers that watch a training: a frozen pack is scored under named objectives while it goes on.

The logged loss changes its ruler when the queue is switched on; these do not. They read weights
and draw nothing, so a watched run ends in the same bits as one that nobody watches.

Lesson: 03_bump.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from plantedu.topics.bump.drops import COLUMNS
from plantedu.topics.bump.results.switch_arms import BUMP
from plantedu.training.fit import Measure, Observer, Record, State
from plantedu.training.pair_source import PairSource, open_source
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Pack, Ruler, make_pack


def both_rulers(recipe: Recipe, queue: int | None = None) -> dict[str, Ruler]:
    """The run's objective without and with its queue."""
    length = (recipe.queue_length or BUMP["queue_length"]) if queue is None else queue
    return {"none": Ruler(batch=recipe.batch), "queue": Ruler(batch=recipe.batch, queue=length)}


class Rulers(Observer):
    """Scores a frozen pack under named rulers while a run goes on: "ruler/NAME", and its H(q)."""

    def __init__(
        self, pack: Pack, rulers: Mapping[str, Ruler], *, every: Mapping[str, int], close: set[int]
    ) -> None:
        """Watch a run.

        Args:
            pack: What is scored.
            rulers: Objectives by name.
            every: Steps between measurements, by ruler.
            close: Steps at which every ruler without a queue is read as well.
        """
        self.pack, self.rulers, self.every, self.close = pack, dict(rulers), every, close
        self._short = Pack(pack.crops)

    def measure(self, state: State) -> Mapping[str, Measure]:
        """The rulers that are due; two numbers each, in nats."""
        due = {name for name in self.rulers if self._due(name, state.step)}
        if not due:
            return {}
        long = any(self.rulers[name].queue for name in due)
        seen = (self.pack if long else self._short).seen_by(state.objective)  # type: ignore[arg-type]
        found: dict[str, Measure] = {}
        for name in sorted(due):
            score = seen.score(self.rulers[name])
            found[f"ruler/{name}"] = float(score.loss.mean())
            found[f"ruler/{name}/entropy"] = float(score.entropy.mean())
        return found

    def _due(self, name: str, step: int) -> bool:
        near = step in self.close and not self.rulers[name].queue
        return near or step % self.every[name] == 0


def close_steps(recipe: Recipe, *, around: int = 10) -> set[int]:
    """Steps near a quarter, a half and three quarters of the run: the same ones in every arm."""
    centres = [round(share * recipe.steps) for share in (0.25, 0.5, 0.75)]
    return {centre + k for centre in centres for k in range(-around, around + 1)}


def watching(recipe: Recipe, source: PairSource, *, plants: int = 128) -> Rulers:
    """The rulers of an arm on a frozen pack of held-out plants; the queue is of 512 pictures.

    A queue as long as the run's own would cost as much as the training itself; with batch 16 and
    K = 512 the floor is 0 with either.
    """
    length = min(512, recipe.pairs)
    pack = make_pack(recipe, source, plants=plants, queue=length)
    every = {"none": 10, "queue": 20 if recipe.prototypes <= 512 else 50}
    return Rulers(pack, both_rulers(recipe, length), every=every, close=close_steps(recipe))


Tell = Callable[[int, int, Mapping[str, float]], object]


def watched(recipe: Recipe, *, bank_folder: Path, tell: Tell | None = None) -> pd.DataFrame:
    """Train a recipe under both rulers; its curve by step, with the columns of `drops.COLUMNS`.

    Args:
        recipe: What is trained.
        bank_folder: Where rendered pairs are kept.
        tell: Hears of every step: tell(step, steps, values).
    """
    rows: dict[int, dict[str, float]] = {}

    class Keep(Observer):
        def on_step(self, state: State, record: Record) -> None:
            row = {n: v[0] if isinstance(v, tuple) else v for n, v in record.values.items()}
            rows.setdefault(record.step, {}).update(row)
            if tell is not None:
                tell(record.step, state.steps, row)

    source = open_source(recipe, bank_folder)
    train(recipe, bank_folder=bank_folder, observers=[watching(recipe, source), Keep()])
    curve = pd.DataFrame.from_dict(rows, orient="index").sort_index().rename_axis("step")
    return curve.rename(columns=COLUMNS).reindex(columns=list(COLUMNS.values()))
