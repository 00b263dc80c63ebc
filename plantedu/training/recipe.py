"""A recipe: every knob of one SwAV run on pairs, frozen, saved with the run and read back from it.

The command line of `python -m plantedu train` and the sliders of `02_training` are made from the
fields and their bounds here, so each knob is named once.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.training.weights_spec import parse_start

Pairing = Literal["cross", "within_both", "rgb_only", "nir_only"]
Precision = Literal["float32", "bfloat16", "float16"]

PROBE_FACTORS = (
    "disease",
    "lesion_count",
    "angle",
    "chlorophyll",
    "light",
    "bloom",
    "mesophyll",
    "mark",
)

# Lowest and highest value that a knob accepts; the app's sliders read them too.
BOUNDS: dict[str, tuple[float, float]] = {
    "pairs": (32, 1_000_000),
    "image_size": (16, 512),
    "crop_size": (16, 512),
    "small_crops": (0, 8),
    "small_size": (8, 512),
    "jitter": (0.0, 1.0),
    "prototypes": (2, 10_000),
    "temperature": (0.01, 1.0),
    "epsilon": (0.005, 1.0),
    "sinkhorn_iterations": (1, 100),
    "projection_dim": (2, 4096),
    "hidden_dim": (2, 8192),
    "queue_length": (0, 100_000),
    "queue_start": (0.0, 1.0),
    "freeze_prototypes": (0, 1_000_000),
    "batch": (4, 8192),
    "steps": (1, 1_000_000),
    "learning_rate": (1e-7, 10.0),
    "weight_decay": (0.0, 1.0),
    "warmup": (0.0, 0.9),
    "probe_every": (1, 1_000_000),
    "probe_plants": (16, 100_000),
    "probe_seeds": (1, 20),
    "checkpoint_every": (1, 1_000_000),
    "seed": (0, 2**31 - 1),
    "world_seed": (0, 2**31 - 1),
}


@dataclass(frozen=True)
class Recipe:
    """Knobs of one run; defaults are the course's live run.

    Attributes:
        data: A planted world by name, or "folder:PATH" for a challenge folder.
        world_seed: Seed of the planted world (which plants there are).
        pairs: Plants to train on; the probes' held-out plants come on top.
        image_size: Side in pixels at which pairs are rendered or read.
        encoder: Name in plantedu.models.encoders, or any timm name.
        start: Weights at the start: scratch, imagenet (timm's own), source (the shipped encoder of
            another planted world), shipped:NAME, file:PATH (safetensors), or run:ID@WHEN, which
            goes on from a checkpoint of a run: at a step, its last one, or its best plateau's.
        pairing: What is pulled together: X1 with X2 (cross), two crops of either, or of one.
        crop_size: Side of the two large crops, in pixels.
        small_crops: How many small crops predict the large ones' codes.
        small_size: Side of the small crops, in pixels.
        jitter: Change of colour per crop: every band is multiplied by exp(u), u uniform in
            +-jitter, and shifted by up to a quarter of it. What it hides cannot be learned.
        prototypes: K, how many prototypes.
        temperature: tau of the prediction softmax(scores / tau).
        epsilon: Entropy weight of Sinkhorn's assignment.
        sinkhorn_iterations: Row-and-column rounds in Sinkhorn.
        projection_dim: D, width of the projected embedding.
        hidden_dim: Width of the projector's hidden layer.
        queue_length: Past embeddings per sensor that take part in Sinkhorn; 0 is no queue.
        queue_start: Share of the run after which the queue is used. At 0 it is filled before the
            first step with embeddings of training plants, so that no switch lies inside the run.
        freeze_prototypes: First steps in which the prototypes do not move.
        batch: Plants per step.
        steps: Optimiser steps.
        learning_rate: Peak of the one-cycle schedule (AdamW).
        weight_decay: AdamW's decoupled weight decay.
        warmup: Share of the run at which the learning rate peaks.
        seed: Initial weights, order of the plants, crops.
        precision: Arithmetic of encoder and projector; Sinkhorn stays float32. float16 scales the
            loss and skips the update of a step whose gradients overflow. On a CPU with bfloat16
            instructions, bfloat16 made 1.3 times as many steps a second as float32; on one that
            has to emulate it, float32 stands in.
        compile: Let torch.compile rewrite the encoder: a minute or so once, then faster steps.
        probe_every: Steps between episodes of the linear probes.
        probe_plants: Plants each probe trains on, and as many that it is scored on.
        probe_seeds: Shuffles of the labels that each probe is read beside.
        probe_factors: What is probed; empty for none.
        checkpoint_every: Steps between checkpoints.
    """

    data: str = "field"
    world_seed: int = 0
    pairs: int = FIRST_HELD_OUT
    image_size: int = 64
    encoder: str = "res2next_tiny"
    start: str = "scratch"
    pairing: Pairing = "cross"
    crop_size: int = 40
    small_crops: int = 0
    small_size: int = 24
    jitter: float = 0.0
    prototypes: int = 64
    temperature: float = 0.1
    epsilon: float = 0.02
    sinkhorn_iterations: int = 3
    projection_dim: int = 64
    hidden_dim: int = 512
    queue_length: int = 0
    queue_start: float = 0.5
    freeze_prototypes: int = 0
    batch: int = 128
    steps: int = 1200
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-4
    warmup: float = 0.2
    seed: int = 0
    precision: Precision = "float32"
    compile: bool = False
    probe_every: int = 50
    probe_plants: int = 512
    probe_seeds: int = 3
    probe_factors: tuple[str, ...] = PROBE_FACTORS
    checkpoint_every: int = 200

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            _check_number(name, getattr(self, name), low, high)
        parse_start(self.start)
        _check_choice("pairing", self.pairing, get_args(Pairing))
        _check_choice("precision", self.precision, get_args(Precision))
        require(
            isinstance(self.compile, bool),
            f"compile must be true or false, got {self.compile!r}.",
        )
        require(
            self.batch <= self.pairs,
            f"batch {self.batch} is larger than pairs {self.pairs}: lower batch or raise pairs.",
        )
        require(
            self.epsilon < self.temperature,
            f"epsilon {self.epsilon} must be below temperature {self.temperature}: codes have to "
            "be sharper than predictions, or nothing pulls the prototypes apart.",
        )

    @property
    def queue_start_step(self) -> int:
        """First step in which the queue may be used."""
        return round(self.queue_start * self.steps)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in one pass over the plants."""
        return self.pairs // self.batch

    def as_json(self) -> dict[str, Any]:
        """Plain values; `Recipe.from_json` reads them back to an equal recipe."""
        return asdict(self) | {"probe_factors": list(self.probe_factors)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Recipe":
        """Read a recipe that a run, a URL or a file holds.

        Raises:
            PlantEduError: for a knob that does not exist or has the wrong type or range.
        """
        known = {field.name for field in fields(cls)}
        strange = sorted(set(values) - known)
        require(not strange, f"A recipe has no knob {strange}; it has {sorted(known)}.")
        chosen = dict(values)
        if "probe_factors" in chosen:
            chosen["probe_factors"] = tuple(chosen["probe_factors"])
        return cls(**chosen)


_WHOLE = {field.name for field in fields(Recipe) if field.type in ("int", int)}


def _check_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PlantEduError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}.")
    if name in _WHOLE and not isinstance(value, int):
        raise PlantEduError(f"{name} must be a whole number, got {value!r}.")
    if not low <= value <= high:
        raise PlantEduError(f"{name} must be from {low:g} to {high:g}, got {value!r}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    require(value in choices, f"{name} must be one of {', '.join(choices)}; got {value!r}.")
