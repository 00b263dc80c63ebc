"""A fork: two trainings go on from one checkpoint, side by side, and differ in the queue alone.

    off   goes on without the queue, as the run did
    on    uses the queue from its first step

Weights, optimiser, learning rate, plants and crops are the same. A frozen pack is scored in both
arms under the objective without the queue and the one with it, so each arm is seen under the ruler
that it trains on and under the other's. The first step of both arms is measured on the same
weights and the same batch: what its losses differ by is the ruler alone. A third reading, `kept`,
is the pack with the queue that the arm's own training keeps: as old as that queue is long, while
the pack's own queue is embedded anew by the weights of the moment.

With the run's own seed the arm `off` is that run, and `on` the run that switched at this step, to
the bit; another seed draws other plants and crops.

Lesson: 03_bump.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from plantedu.errors import require
from plantedu.models.swav import SwAV
from plantedu.topics.bump.loss_observer import both_rulers
from plantedu.training.fit import Observer, Record, State, fit, one_cycle
from plantedu.training.pair_source import PairSource, open_source, rendering_ahead
from plantedu.training.precision import Arithmetic
from plantedu.training.pretrain import Snapshot, crops_of_step, make_objective, make_optimizer
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Pack, Ruler, make_pack

ARMS = ("off", "on")
LOGGED = ("loss", "entropy")
RULERS = ("none", "queue", "kept")
CLOSE = 100  # steps in which the pack is read often


@dataclass(frozen=True)
class Moment:
    """What both arms measured at one step.

    Attributes:
        step: Of the run; the checkpoint's own step is the first one.
        values: "off/loss", "on/loss", "off/entropy", ...: the logged loss, which each arm trains
            on; "off/ruler/none", "on/ruler/queue", ... and ".../entropy", where the pack was read.
    """

    step: int
    values: Mapping[str, float]


def forked(
    snapshot: Snapshot,
    *,
    bank_folder: Path,
    steps: int = 300,
    seed: int | None = None,
    every: int = 5,
    plants: int = 128,
    queue: int = 512,
) -> Iterator[Moment]:
    """Train both arms in turns, a step each.

    Args:
        snapshot: A checkpoint with its optimiser, of a run whose queue is full and not yet used.
        bank_folder: Where rendered pairs are kept.
        steps: How far to go on.
        seed: Draws plants and crops; the run's own by default.
        every: Steps between readings of the pack, in the first hundred; then four times as many.
        plants: Held-out plants in the pack.
        queue: Pictures in the pack's queue.

    Yields:
        The checkpoint's own moment, then one a step.

    Raises:
        PlantEduError: for a checkpoint that no such fork can start from.
    """
    recipe = check_forkable(snapshot, steps)
    with rendering_ahead(recipe, bank_folder):
        source = open_source(recipe, bank_folder)
        queue = min(queue, len(source.train))
        pack = make_pack(recipe, source, plants=plants, queue=queue)
        kept = {"kept": Ruler(batch=recipe.batch, queue=recipe.queue_length)}
        rulers = both_rulers(recipe, queue) | kept
        states = {arm: _state(snapshot, recipe, arm) for arm in ARMS}
        drawn = recipe if seed is None else replace(recipe, seed=seed)
        first = states["off"].step
        yield Moment(first, _read(states, pack, rulers))
        for step in range(first + 1, first + steps + 1):
            values = {}
            for arm, state in states.items():
                values |= {f"{arm}/{n}": v for n, v in _one(state, drawn, source).items()}
            if _due(step - first, every):
                values |= _read(states, pack, rulers)
            yield Moment(step, values)


def check_forkable(snapshot: Snapshot, steps: int) -> Recipe:
    """The recipe of a checkpoint that can be forked.

    Raises:
        PlantEduError: if it holds no optimiser, has no queue, one that is not full or is used
            already, or ends before the fork does.
    """
    tensors, meta = snapshot
    recipe = Recipe.from_json(meta["recipe"])
    require(steps >= 1, f"A fork goes on for 1 step or more, got {steps}.")
    require(
        any(name.startswith("optimizer/") for name in tensors),
        "This checkpoint holds weights alone, so a training cannot go on from it as if never "
        "stopped: take one of a recorded run, or one that ships whole, such as bump-0.",
    )
    require(
        recipe.queue_length > 0,
        "This run has no queue to switch on: train one with --queue-length above 0.",
    )
    require(
        not bool(tensors["objective/queue_used"]),
        "This run's queue is switched on already: take a checkpoint of an earlier step.",
    )
    objective = make_objective(recipe)
    objective.load_state_dict(_weights(snapshot))
    sensors = tuple(s for s in (1, 2) if int(objective.queue.inserted[s - 1]) > 0)
    require(
        bool(sensors) and objective.queue.full(sensors),
        f"The queue of {recipe.queue_length} is not full at step {meta['step']}: take a later one.",
    )
    left = recipe.steps - int(meta["step"])
    require(
        steps <= left, f"This run has {left} steps left, and the fork asks for {steps}: take fewer."
    )
    return recipe


def _weights(snapshot: Snapshot) -> dict:
    tensors = snapshot[0]
    return {k.removeprefix("objective/"): v for k, v in tensors.items() if k[:10] == "objective/"}


def _state(snapshot: Snapshot, recipe: Recipe, arm: str) -> State:
    """An arm's training at the checkpoint, on the CPU."""
    objective = make_objective(recipe)
    state = State(
        objective,
        make_optimizer(objective, recipe),
        recipe.steps,
        arithmetic=Arithmetic(recipe.precision, "cpu"),
    )
    state.restore(deepcopy(snapshot[0]), snapshot[1])
    objective.queue_start_step = state.step if arm == "on" else recipe.steps
    return state


def _due(done: int, every: int) -> bool:
    """Whether the pack is read after so many steps: often while things change fast."""
    return done % (every if done <= CLOSE else 4 * every) == 0


class _Log(Observer):
    """Keeps the last record."""

    def on_step(self, state: State, record: Record) -> None:
        self.values = record.values


def _one(state: State, recipe: Recipe, source: PairSource) -> dict[str, float]:
    """One step of one arm; what it logged."""
    log, state.steps = _Log(), state.step + 1
    rate = partial(one_cycle, steps=recipe.steps, peak=recipe.learning_rate, warmup=recipe.warmup)
    fit(state, partial(crops_of_step, recipe, source, "cpu"), learning_rate=rate, observers=[log])
    return {name: float(log.values[name]) for name in LOGGED}  # type: ignore[arg-type]


def _read(states: Mapping[str, State], pack: Pack, rulers: Mapping[str, Ruler]) -> dict[str, float]:
    """The pack under both rulers in both arms."""
    found = {}
    for arm, state in states.items():
        objective: SwAV = state.objective  # type: ignore[assignment]
        seen = pack.seen_by(objective)
        own = replace(seen, past={sensor: objective.queue.read(sensor) for sensor in seen.past})
        for name, ruler in rulers.items():
            score = (own if name == "kept" else seen).score(ruler)
            found[f"{arm}/ruler/{name}"] = float(score.loss.mean())
            found[f"{arm}/ruler/{name}/entropy"] = float(score.entropy.mean())
    return found
