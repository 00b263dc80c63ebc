"""Networks of the model zoo by name, in words; no torch here, so that pages can offer them.

A network is named RECIPE-SEED: how it was trained, and with which seed.
"""

from plantedu.data.renderer.factors import SENSORS

READS = ("both", "late", *SENSORS)
RECIPES = {
    "cross": "SwAV cross",
    "rgb_only": "SwAV RGB-only",
    "supervised_both": "supervised",
    "random": "random init",
}


def recipe_of(network: str) -> str | None:
    """How a network named RECIPE-SEED was trained, in words; None for a name of no recipe."""
    recipe, _, seed = network.rpartition("-")
    return RECIPES.get(recipe) if seed.isdecimal() else None


ARMS = {
    name: str(recipe_of(name))
    for name in ("cross-0", "cross-1", "cross-2", "rgb_only-0", "supervised_both-0", "random-0")
}
ENCODERS = tuple(name for name in ARMS if not name.startswith("supervised"))
