"""The arms of the switch experiment: one recipe, the queue switched on at other steps or never.

Every arm of a seed starts from the same weights and draws the same plants and crops; what differs
is stated in `ARMS`.

    matched         K/N as low as the queue would make it, without one: the floor is 0 all along
    matched_switch  the same, and then a queue: the floor is 0 before and after
    published       the sizes of the published run, 500 steps

Lesson: 03_bump.
"""

from typing import Any

from plantedu.errors import require
from plantedu.training.recipe import Recipe

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
