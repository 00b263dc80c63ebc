"""The words of the attacks, without torch, so that pages and commands can offer them.

Lesson: 08_attacks.
"""

from plantedu.data.renderer.factors import SENSORS

WHERE = (*SENSORS, "both", "shared")  # which sensors are attacked; shared: one change for both
NORMS = ("linf", "l2", "l2_pair")
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
NAMING = ("margin", "ce", "dlr")
EMBEDDING = ("away", "assignment", "breakaway", "parting", "pairing")
GOALS = (*NAMING, *EMBEDDING)
ATTACKS = (
    *("noise", "fgsm", "pgd", "apgd", "square", "minimum"),
    *("eot", "physical", "semantic"),
)
RADII_255 = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
SAYS_WHERE = {
    "rgb": "RGB attacked",
    "rgn": "RGN attacked",
    "both": "both, each by itself",
    "shared": "both, one change of red and green",
}
DEFENCES = ("none", "rounded", "noisy")
