"""A fine-tuning recipe: every knob of one classifier, frozen, saved with the run, read back.

The command line of `python -m plantedu finetune`, sweeps and the page are made from these fields.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.training.weights_spec import parse_start

Sensors = Literal["rgb", "rgn", "both", "either"]
Mode = Literal["mlp_only", "discriminative", "lp_ft", "full"]
Dealing = Literal["grouped", "leaked"]
Arithmetic = Literal["float32", "bfloat16", "float16"]
Regularising = Literal[
    "none",
    "elp_sr_target",
    "elp_sr_repo",
    "elp_sr_published",
    "elp_sr_shuffled",
    "elp_sr_no_reset",
    "elp_monitor",
    "smoothing_matched",
]

# Lowest and highest value that a knob accepts; sliders read them too.
BOUNDS: dict[str, tuple[float, float]] = {
    "world_seed": (0, 2**31 - 1),
    "pairs": (8, 1_000_000),
    "labels": (1e-4, 1.0),
    "validation": (0.05, 0.5),
    "held_out": (16, 100_000),
    "image_size": (16, 512),
    "crop_size": (16, 512),
    "crop_low": (0.1, 1.0),
    "jitter": (0.0, 1.0),
    "hidden": (0, 8192),
    "label_smoothing": (0.0, 0.9),
    "mixup": (0.0, 10.0),
    "tta": (1, 8),
    "batch": (2, 8192),
    "steps": (1, 1_000_000),
    "learning_rate": (1e-7, 10.0),
    "layer_decay": (0.01, 1.0),
    "weight_decay": (0.0, 1.0),
    "warmup": (0.0, 0.9),
    "probe_share": (0.05, 0.95),
    "watch_every": (1, 1_000_000),
    "checkpoint_every": (1, 1_000_000),
    "seed": (0, 2**31 - 1),
}
CHOICES: dict[str, Any] = {
    "sensors": Sensors,
    "mode": Mode,
    "split": Dealing,
    "regulariser": Regularising,
    "precision": Arithmetic,
}


@dataclass(frozen=True)
class FineTune:
    """Knobs of one classifier; defaults are the course's few-label run.

    Attributes:
        data: A planted world by name, or "folder:PATH" for a challenge folder.
        world_seed: Seed of the planted world.
        pairs: Plants in the pool that may be labelled; a folder's pool is four fifths of it.
        labels: Share of the pool that is labelled, alike in each class.
        validation: Share of the labelled plants that fits the temperature and is not trained on.
        held_out: Fresh plants to score on; a folder has a fifth of its plants.
        image_size: Side in pixels at which pairs are rendered or read.
        crop_size: Side at which the encoder sees them.
        crop_low: Smallest share of the picture that a training crop shows; 1 is the whole picture.
        jitter: Change of colour per training crop, as in pretraining.
        encoder: Name in plantedu.models.encoders, or any timm name.
        start: scratch, imagenet, source, shipped:NAME, file:PATH or run:ID@WHEN.
        sensors: A row is a plant by its RGB or RGN image or by both, or either of its images.
        mode: What is trained, and at which rates.
        split: Deal out plants (grouped), or images as published (leaked; sensors "either").
        hidden: Width of the head's hidden layer; 0 is a linear head.
        label_smoothing: Share of each target that is spread over all classes.
        mixup: a of Beta(a, a); 0 is off.
        tta: Turns and flips of each scored plant whose probabilities are averaged; 1 is as it is.
        regulariser: ELP-SR, one of its controls, or none.
        batch: Rows per step.
        steps: Optimiser steps.
        learning_rate: Peak of the one-cycle schedule at the head (AdamW).
        layer_decay: In discriminative mode, rate of a stage as a share of the next one's.
        weight_decay: AdamW's decoupled weight decay.
        warmup: Share of the run at which the learning rate peaks.
        probe_share: In lp_ft mode, share of the steps in which the head alone is trained.
        shuffle_labels: Deal the pool's labels out anew, by plant, before anything is split: fresh
            plants are then named at chance, and so are validation plants unless the split leaks.
        watch_every: Steps between looks at held-out accuracy.
        checkpoint_every: Steps between checkpoints.
        seed: Which plants are labelled, the head's start, their order, crops.
        precision: Arithmetic of the forward pass.
    """

    data: str = "field"
    world_seed: int = 0
    pairs: int = FIRST_HELD_OUT
    labels: float = 0.05
    validation: float = 0.2
    held_out: int = 1024
    image_size: int = 64
    crop_size: int = 64
    crop_low: float = 0.6
    jitter: float = 0.1
    encoder: str = "res2next_tiny"
    start: str = "shipped:cross-0"
    sensors: Sensors = "both"
    mode: Mode = "discriminative"
    split: Dealing = "grouped"
    hidden: int = 0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    tta: int = 1
    regulariser: Regularising = "none"
    batch: int = 32
    steps: int = 300
    learning_rate: float = 3e-3
    layer_decay: float = 0.4
    weight_decay: float = 1e-2
    warmup: float = 0.25
    probe_share: float = 0.3
    shuffle_labels: bool = False
    watch_every: int = 25
    checkpoint_every: int = 100
    seed: int = 0
    precision: Arithmetic = "float32"

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            _check_number(name, getattr(self, name), low, high)
        parse_start(self.start)
        for name, choices in CHOICES.items():
            value, known = getattr(self, name), get_args(choices)
            require(value in known, f"{name} must be one of {', '.join(known)}; got {value!r}.")
        require(
            self.split == "grouped" or self.sensors == "either",
            f"A leaked split deals out images, so it needs sensors 'either'; got {self.sensors!r}.",
        )
        if self.regulariser == "smoothing_matched":
            require(
                self.label_smoothing > 0,
                "smoothing_matched is label smoothing as strong as ELP-SR: give label_smoothing "
                "(training.elp.matched_smoothing says how much).",
            )
        require(
            self.mixup == 0 or not self.regulariser.startswith("elp"),
            f"{self.regulariser} asks how sure the head is of a plant's own label, and mixup "
            "blends two plants: set mixup 0.",
        )

    @property
    def frozen_steps(self) -> int:
        """First steps in which the encoder is frozen."""
        if self.mode == "mlp_only":
            return self.steps
        return round(self.probe_share * self.steps) if self.mode == "lp_ft" else 0

    def as_json(self) -> dict[str, Any]:
        """Plain values; `FineTune.from_json` reads them back to an equal recipe."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FineTune":
        """Read a recipe that a run, a sweep or a file holds.

        Raises:
            PlantEduError: for a knob that does not exist or has the wrong type or range.
        """
        known = {field.name for field in fields(cls)}
        strange = sorted(set(values) - known)
        require(not strange, f"A fine-tuning recipe has no knob {strange}; it has {sorted(known)}.")
        return cls(**values)


_WHOLE = {field.name for field in fields(FineTune) if field.type in ("int", int)}


def _check_number(name: str, value: object, low: float, high: float) -> None:
    kind = "a whole number" if name in _WHOLE else "a number"
    right = isinstance(value, int) or (isinstance(value, float) and name not in _WHOLE)
    if isinstance(value, bool) or not right or not math.isfinite(value):  # type: ignore[arg-type]
        raise PlantEduError(f"{name} must be {kind} from {low:g} to {high:g}, got {value!r}.")
    require(low <= value <= high, f"{name} must be from {low:g} to {high:g}, got {value!r}.")  # type: ignore[operator]
