"""A denoiser's recipe: every knob of one run, frozen, saved with the run, read back.

The command line of `python -m plantedu denoise` is made from these fields. `RECIPES` holds the
course's own: 48 px from scratch; 128 px, which ship and begin with it; the detail of 128 px; on a
GPU 256 px upon those.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.models.denoiser import OUTPUTS, PREDICTIONS, SENSORS
from plantedu.models.detail import STEP
from plantedu.serialization import renamed
from plantedu.training.weights_spec import parse_start

Arithmetic = Literal["float32", "bfloat16", "float16"]

TRAINED = ("all", "detail")

BOUNDS: dict[str, tuple[float, float]] = {
    "world_seed": (0, 2**31 - 1),
    "first": (0, 10_000_000),
    "pairs": (4, 10_000_000),
    "held_first": (0, 10_000_000),
    "held_out": (4, 100_000),
    "side": (16, 512),
    "low_side": (0, 256),
    "low_noise": (0.0, 1.0),
    "fold": (1, 16),
    "parts": (0, 4096),
    "scale": (0.01, 10.0),
    "slot_rate": (0.1, 100.0),
    "crop": (0, 512),
    "time_mean": (-3.0, 3.0),
    "time_std": (0.1, 5.0),
    "unconditional": (0.0, 1.0),
    "decay": (0.0, 0.99999),
    "batch": (2, 4096),
    "steps": (1, 10_000_000),
    "learning_rate": (1e-7, 1.0),
    "weight_decay": (0.0, 1.0),
    "warmup": (0.0, 0.9),
    "watch_every": (1, 1_000_000),
    "checkpoint_every": (1, 1_000_000),
    "seed": (0, 2**31 - 1),
}


# What was so of a whole recipe before these knobs were there.
BEFORE: dict[str, Any] = {
    "shares": (0.5, 0.15, 0.35), "parts": 0, "start": "scratch", "slot_rate": 1.0,
    "time_mean": 0.0, "time_std": 1.0, "output": "target", "joint": False, "scale": 1.0,
}  # fmt: skip
WHOLE = {"side", "steps", "seed", "batch"}  # a recipe that holds these holds all that it had


@dataclass(frozen=True)
class Denoise:
    """Knobs of one denoiser; defaults are of the first of two trainings that make what ships.

    Attributes:
        data: A planted world by name.
        world_seed: Its seed.
        first: First plant to train on: those before were for encoders, or are held out.
        pairs: How many plants from there.
        held_first: First plant that is held out.
        held_out: How many.
        side: Pixels a side of what is drawn.
        low_side: Side of the smaller picture that stands beside x_t: the upper stage of a
            cascade; 0 for none.
        low_noise: Standard deviation of noise on the smaller picture in training, in [0, 1]
            units, so that the upper stage forgives what the lower one gets wrong.
        sensors: Both pictures of a plant, or one.
        conditions: Each an encoder/layer, such as cross-0/h, or two layers of one encoder, such as
            cross-0/hz. Each plant of a batch has one of them, drawn evenly.
        unconditional: Share of the plants without a condition.
        shares: Of the others, how many have a condition of X1 alone, of X2 alone, of both.
        parts: Principal components of each representation that are given, each at variance 1; 0
            gives every number, each at variance 1.
        start: scratch, or whose network it begins with: the name of a denoiser that ships,
            file:PATH or run:ID@WHEN. That one may draw another side, with patches (`fold`) that
            give as many places.
        channels: Width of the U-Net at each resolution.
        fold: Pixels a side that become one inside.
        prediction: flow, or v.
        output: What the network puts out: the target itself, or the picture (flow alone).
        joint: Whether what is said of X1 and of X2 is read together, or summed.
        detail: Whether a small network adds what the patches leave out.
        trained: all, or detail: then all else stays as `start` has it, and times are up to .85.
        crop: Side of the part of a picture that detail is trained on, a multiple of 8; 0 for all.
        scale: Standard deviation of pictures as they enter the network; the noise has 1.
        decay: Of the moving average of the weights.
        batch: Plants per step.
        steps: Optimiser steps.
        learning_rate: Peak of the one-cycle schedule (AdamW).
        slot_rate: Learning rate of the slots, as a multiple of the network's.
        time_mean: Mean of logit(t); above 0 the noisier times are learned from more often.
        time_std: Its standard deviation.
        weight_decay: AdamW's decoupled weight decay.
        warmup: Share of the run at which the learning rate peaks.
        watch_every: Steps between looks at the loss on held-out plants.
        checkpoint_every: Steps between checkpoints.
        precision: Arithmetic of the forward pass.
        seed: Weights, order of the plants, which condition, noise.
    """

    data: str = "field"
    world_seed: int = 0
    first: int = 5120
    pairs: int = 16384
    held_first: int = FIRST_HELD_OUT
    held_out: int = 1024
    side: int = 48
    low_side: int = 0
    low_noise: float = 0.05
    sensors: str = "both"
    conditions: tuple[str, ...] = (
        *("cross-0/h", "cross-0/z", "random-cross-0/h"),
        *("supervised_rgb-0/h", "small-0/h", "cross-2/h", "cross-3/h"),
    )
    unconditional: float = 0.1
    shares: tuple[float, float, float] = (0.25, 0.25, 0.5)
    parts: int = 128
    start: str = "scratch"
    channels: tuple[int, ...] = (64, 96, 128)
    fold: int = 3
    prediction: str = "flow"
    output: str = "picture"
    joint: bool = True
    detail: bool = False
    trained: str = "all"
    crop: int = 0
    scale: float = 1.0
    decay: float = 0.999
    batch: int = 32
    steps: int = 10_000
    learning_rate: float = 1e-3
    slot_rate: float = 1.0
    time_mean: float = 1.0
    time_std: float = 1.5
    weight_decay: float = 1e-4
    warmup: float = 0.05
    watch_every: int = 250
    checkpoint_every: int = 250
    precision: Arithmetic = "bfloat16"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            _check_number(name, getattr(self, name), low, high)
        _check_choice("prediction", self.prediction, PREDICTIONS)
        _check_choice("output", self.output, OUTPUTS)
        _check_choice("sensors", self.sensors, tuple(SENSORS))
        _check_choice("trained", self.trained, TRAINED)
        _check_choice("precision", self.precision, get_args(Arithmetic))
        require(
            self.batch <= self.pairs,
            f"batch {self.batch} is larger than pairs {self.pairs}: lower batch or raise pairs.",
        )
        ends, held_ends = self.first + self.pairs, self.held_first + self.held_out
        require(
            ends <= self.held_first or held_ends <= self.first,
            f"Plants {self.first} to {ends - 1} are trained on and {self.held_first} to "
            f"{held_ends - 1} held out: they overlap.",
        )
        require(
            self.low_side < self.side and (not self.low_side or self.side % self.low_side == 0),
            f"low_side {self.low_side} must be 0, or smaller than side {self.side} and divide it.",
        )
        shares = len(self.shares) == 3 and all(0 <= one <= 1 for one in self.shares)
        require(
            shares and abs(sum(self.shares) - 1) < 1e-6,
            f"shares of X1 alone, X2 alone and both are three that sum to 1; got {self.shares}.",
        )
        require(
            not self.detail or (self.output == "picture" and self.side % STEP == 0),
            f"Detail wants a side that {STEP} divides, and a network that puts out the picture; "
            f"got side {self.side}, output {self.output}.",
        )
        require(
            self.trained == "all" or (self.detail and self.start != "scratch"),
            "Where detail alone is trained, there is detail, and a denoiser to start with.",
        )
        require(
            self.crop % STEP == 0
            and self.crop <= self.side
            and (not self.crop or self.trained != "all"),
            f"crop is 0 or a multiple of {STEP} up to the side, {self.side}, where detail alone is "
            f"trained; got {self.crop}.",
        )
        for one in self.conditions:
            _check_condition(one)
        if self.start != "scratch":
            kind = parse_start(self.start if ":" in self.start else f"shipped:{self.start}").kind
            require(
                kind in ("file", "run") or ":" not in self.start,
                "start is scratch, the name of a denoiser that ships, file:PATH or run:ID@WHEN; "
                f"got {self.start!r}.",
            )

    def as_json(self) -> dict[str, Any]:
        """Plain values; `Denoise.from_json` reads them back to an equal recipe."""
        lists = {name: list(getattr(self, name)) for name in ("conditions", "channels", "shares")}
        return asdict(self) | lists

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Denoise":
        """Read a recipe that a run or a file holds; of knobs that a whole one lacks, BEFORE tells.

        Raises:
            PlantEduError: for a knob that does not exist or has the wrong type or range.
        """
        values = renamed("denoise", values)
        values = BEFORE | values if set(values) >= WHOLE else values
        known = {field.name for field in fields(cls)}
        strange = sorted(set(values) - known)
        require(not strange, f"A denoiser has no knob {strange}; it has {sorted(known)}.")
        lists = {n: tuple(values[n]) for n in ("conditions", "channels", "shares") if n in values}
        return cls(**{**values, **lists})


def encoder_and_layers(words: str) -> tuple[str, str]:
    """Encoder and layers of a condition: cross-0/hz is ("cross-0", "hz")."""
    encoder, _, layers = words.rpartition("/")
    return encoder, layers


def _check_condition(words: str) -> None:
    encoder, layers = encoder_and_layers(words)
    require(
        bool(encoder) and layers in ("h", "z", "hz"),
        f"A condition is encoder/layer, such as cross-0/h, cross-0/z or cross-0/hz; got {words!r}.",
    )


_WHOLE = {field.name for field in fields(Denoise) if field.type in ("int", int)}


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PlantEduError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}.")
    if name in _WHOLE and not isinstance(value, int):
        raise PlantEduError(f"{name} must be a whole number, got {value!r}.")
    if not low <= value <= high:
        raise PlantEduError(f"{name} must be from {low:g} to {high:g}, got {value!r}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    require(value in choices, f"{name} must be one of {', '.join(choices)}; got {value!r}.")


# Twice 48 px, 128 px and detail ship from other seeds, begun with trunk-1, leaf-1 and so on. 256 px
# want a GPU.
RECIPES: dict[str, Denoise] = {
    "48": Denoise(),
    "128": Denoise(
        side=128, fold=8, scale=48 / 128, start="trunk-0", learning_rate=5e-4, steps=4500
    ),
    "detail": Denoise(
        side=128, fold=8, scale=48 / 128, start="leaf-0", detail=True, trained="detail", crop=64,
        pairs=16_384 // 4, batch=16, steps=6000, learning_rate=2e-3, decay=0.998, time_mean=0.3,
        time_std=1.2, precision="float32",
    ),
    "256": Denoise(
        side=256, low_side=128, channels=(96, 192, 256, 256), fold=4, batch=32, steps=60_000,
        pairs=65_536, first=8192, decay=0.9995,
    ),
}  # fmt: skip
