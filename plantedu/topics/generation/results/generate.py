"""What `generation conditions` is asked, what it gives, and its chart.

Lesson: 05_generation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import require

KINDS = (
    *("matching", "one", "same_class", "other_class", "pairs", "mean", "interpolation"),
    *("edited", "walk"),
    *("attacked", "noise", "nothing"),
)


MOST_ON_CPU = 128  # pixels a side that a CPU draws while one waits
ALONG = ("interpolation", "walk", "pairs")  # kinds with several places, the same noise in each
BETWEEN = (0.0, 0.25, 0.5, 0.75, 1.0)  # places of an interpolation
WALK = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)  # places of a walk, standard deviations of the factor
PAIRS = ("matching", "same disease", "other disease")  # places of pairs: whose X2 it is
USUAL = 0.95  # share of held-out plants that lie nearer, from which a representation is unusual


def begun_from(recipes: Iterable[Mapping[str, Any]]) -> set[str]:
    """Names of the denoisers that others began with; of a start by its file, the file's name."""
    starts = (str(recipe.get("start", "")).removeprefix("file:") for recipe in recipes)
    return {PurePath(start).name.removesuffix(".safetensors") for start in starts}


def places_of(kind: str) -> tuple[str, ...]:
    """How the places of a condition are called; one without a name where there is one alone."""
    if kind == "walk":
        return tuple(f"{a:+g} sd" for a in WALK)
    if kind == "pairs":
        return PAIRS
    return tuple(f"{a:.0%} of the way" for a in BETWEEN) if kind == "interpolation" else ("",)


def strange_words(strange: Mapping[str, float], *, places: int = 1) -> str:
    """How far a representation lies from training plants, and what follows where that is far.

    Args:
        strange: `distance` and `usual`, the median of held-out plants, in standard deviations of
            one number; `beyond`, the share of held-out plants that lie nearer, 0 to 1.
        places: How many representations there are; the farthest is spoken of.
    """
    which = "this representation" if places == 1 else f"the farthest of {places} representations"
    beyond = strange["beyond"]
    said = (
        f"Distance of {which} to the nearest training plants: "
        f"**{strange['distance']:z.2f}** (held-out plants: median {strange['usual']:z.2f}); "
        f"**{beyond:.1%}** of held-out plants lie nearer."
    )
    if beyond < USUAL:
        return said
    all_nearer = beyond == 1
    rare = "Unlike every plant here" if all_nearer else "At most one plant in 20 is so far out"
    return said + (
        f" **{rare}:** the denoiser then draws what it knows. What is rare about this source, its "
        "lesions for example, may be missing or made up: conclude nothing about it from these "
        "pictures."
    )


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Which condition.

    Attributes:
        kind: One of KINDS.
        encoder, layers: Who tells: h, z, or hz for both.
        factor: Which factor is edited: a column, such as severity or light_rgb.
        amount: By how many standard deviations of that factor.
        epsilon_255: Largest change of any pixel by an attack, in 1/255.
    """

    kind: str = "one"
    encoder: str = "cross-0"
    layers: str = "h"
    factor: str = "severity"
    amount: float = 2.0
    epsilon_255: float = 8.0

    def __post_init__(self) -> None:
        require(self.kind in KINDS, f"A condition is one of {', '.join(KINDS)}; got {self.kind!r}.")
        require(
            self.layers in ("h", "z", "hz"),
            f"The condition is h, z or hz (both); got {self.layers!r}.",
        )
        known = ", ".join(COLUMNS)
        require(self.factor in COLUMNS, f"factor is one of {known}; got {self.factor!r}.")
        require(abs(self.amount) <= 6, f"amount is from -6 to 6 deviations; got {self.amount}.")
        require(
            0 <= self.epsilon_255 <= 64,
            f"epsilon_255 is from 0 to 64; got {self.epsilon_255}.",
        )


@dataclass(frozen=True, kw_only=True)
class Settings(Ask):
    """What is drawn, conditioned on what.

    Attributes:
        plant: A held-out plant, counted from 0; not used where pictures are given.
        denoiser: Name of a denoiser that ships; the largest that this device can carry by default.
        detail: Whether a small network adds edges and rims to what it draws; a page asks for it,
            the lesson's tables are drawn without.
        samples: Pictures for each representation.
        steps: Steps of the sampler.
        sampler: euler, shifted, heun, dpm or unipc; for a v-denoiser ddim, dpm or unipc.
        guidance: w; 1 draws what was learned, and is the only one to interpret.
        judge: An encoder that had no part in it.
        seed: Of noise and partners.
    """

    plant: int = 0
    denoiser: str = ""
    detail: bool = False
    samples: int = 16
    steps: int = 8
    sampler: str = ""
    guidance: float = 1.0
    judge: str = "cross-1"
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(1 <= self.samples <= 64, f"samples is from 1 to 64; got {self.samples}.")
        require(0 <= self.guidance <= 10, f"guidance is from 0 to 10; got {self.guidance}.")
        require(0 <= self.seed < 2**31, f"seed is from 0 to 2147483647; got {self.seed}.")
