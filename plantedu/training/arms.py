"""The arms of the switch experiment: one recipe, the queue switched on at other steps or never.

Every arm of a seed starts from the same weights and draws the same plants and crops; what differs
is stated in `ARMS`. While an arm trains, a frozen pack is scored under the two objectives of the
run, so that the logged loss (whose ruler changes at the switch) stands beside rulers that do not.

    matched         K/N as low as the queue would make it, without one: the floor is 0 all along
    matched_switch  the same, and then a queue: the floor is 0 before and after
    published       the sizes of the published run, 500 steps

Lesson: 03_bump.
"""

from collections.abc import Mapping
from typing import Any

from plantedu.errors import require
from plantedu.training.fit import Measure, Observer, State
from plantedu.training.pack import Pack, Ruler, make_pack
from plantedu.training.recipe import Recipe
from plantedu.training.source import PairSource

BUMP: dict[str, Any] = {
    "prototypes": 512,
    "batch": 16,
    "queue_length": 1024,
    "queue_start": 0.5,
    "steps": 800,
    "learning_rate": 3e-4,
    "epsilon": 0.02,
    "pairs": 2048,
    "probe_plants": 512,
    "probe_every": 800,
    "probe_factors": ("disease",),
}
NO_QUEUE = {"queue_length": 0}
ARMS: dict[str, dict[str, Any]] = {
    "0.25": {"queue_start": 0.25},
    "0.5": {},
    "0.75": {"queue_start": 0.75},
    "never": NO_QUEUE,
    "always": {"queue_start": 0.0},
    "matched": {"prototypes": 8} | NO_QUEUE,
    "matched_switch": {"prototypes": 8},
    "queue_512": {"queue_length": 512},
    "queue_2048": {"queue_length": 2048},
    "published": {
        "prototypes": 3000, "batch": 32, "queue_length": 2048, "epsilon": 0.05, "steps": 500,
        "probe_every": 500,
    },
}  # fmt: skip
STARTS = ("shipped:cross-0", "shipped:cross-1", "shipped:cross-2")
NAMES = {"none": "no queue", "queue": "queue"}


def arm_recipe(arm: str, seed: int, **knobs: Any) -> Recipe:
    """The recipe of an arm; the seed draws everything and chooses among the shipped starts.

    Raises:
        PlantEduError: for an arm that there is not.
    """
    require(arm in ARMS, f"No arm is called {arm!r}; there are {', '.join(ARMS)}.")
    start = {"start": STARTS[seed % len(STARTS)], "seed": seed}
    return Recipe(**{**BUMP, **start, **ARMS[arm], **knobs})


def switch_step(recipe: Recipe) -> int | None:
    """The first update that uses the queue; None where no switch lies inside the run."""
    fills = -(-recipe.queue_length // recipe.batch)
    if not recipe.queue_length or recipe.queue_start_step >= recipe.steps:
        return None
    return max(recipe.queue_start_step, fills) + 1 if recipe.queue_start_step else None


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
