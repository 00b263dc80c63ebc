"""What a row of a sweep costs, before it was ever done: an estimate in seconds on one CPU core.

    seconds = images * (a * FLOP + b * outputs) + probes + start

FLOP and outputs of one forward pass are counted on a network without numbers (torch's meta
device), so any timm name can be asked for in a tenth of a second. `a` and `b` were fitted to
res2next_tiny, res2next_small and resnet18 at 24 to 40 px (forward and backward of 128 images on
one EPYC core); they were 20 % off at worst. Only ratios matter much: finished rows correct it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import timm
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import FAMILY, make_encoder
from plantedu.sweeps.grid import GridRow
from plantedu.training.initial_weights import load_start
from plantedu.training.weights_spec import parse_start

PER_FLOP, PER_OUTPUT = 2.7e-11, 3.5e-9  # seconds, forward and backward
FORWARD = 1 / 3  # share of them that the forward pass takes
PER_EPISODE = 0.4  # seconds of linear probes at one step
START = 3.0  # seconds until the first step


@cache
def image_seconds(encoder: str, side: int) -> float:
    """Seconds of forward and backward of one image of `side` pixels."""
    with torch.device("meta"):
        name, kept = ("res2next50", FAMILY[encoder]) if encoder in FAMILY else (encoder, {})
        body = timm.create_model(name, pretrained=False, num_classes=0, **kept).eval()
        outputs = 0

        def count(module: nn.Module, given: object, output: object) -> None:
            nonlocal outputs
            outputs += output.numel() if isinstance(output, torch.Tensor) else 0

        for part in body.modules():
            if not list(part.children()):
                part.register_forward_hook(count)
        with FlopCounterMode(display=False) as flops:
            body(torch.zeros(1, 3, side, side))
    return PER_FLOP * flops.get_total_flops() + PER_OUTPUT * outputs


def seconds_of(row: GridRow) -> float:
    """About how long a row takes on one core."""
    asked = row.request
    large = image_seconds(asked["encoder"], asked["crop_size"])
    per_plant = 2 * large
    if asked.get("small_crops"):
        per_plant += asked["small_crops"] * image_seconds(asked["encoder"], asked["small_size"])
    training = asked["steps"] * asked["batch"] * per_plant
    return START + training + _probing(asked, FORWARD * large)


def _probing(asked: Mapping[str, Any], forward: float) -> float:
    """Seconds of a pretraining's probes; 0 for requests without them."""
    if not asked.get("probe_factors"):
        return 0.0
    episodes = 1 + -(-asked["steps"] // asked["probe_every"])
    return episodes * (4 * asked["probe_plants"] * forward + PER_EPISODE)


def check_encoders(rows: list[GridRow]) -> None:
    """Refuse encoders that there are not, that cannot take a row's images, or its start.

    Raises:
        PlantEduError: naming encoder, side and start, before anything starts.
    """
    tried = set()
    for row in rows:
        asked = row.request
        sides = [("crop_size", asked["crop_size"])]
        sides += [("small_size", asked["small_size"])] if asked.get("small_crops") else []
        for knob, side in sides:
            if (case := (asked["encoder"], knob, side, asked["start"])) not in tried:
                tried.add(case)
                _try(*case)


def _try(encoder: str, knob: str, side: int, start: str) -> None:
    """Build the network and load its start; a run's start is found by who does the row."""
    try:
        made = make_encoder(encoder, seed=0, side=side)
        if parse_start(start).kind != "run":
            load_start(made, start)
    except PlantEduError as error:
        raise PlantEduError(
            f"encoder={encoder}, {knob}={side}, start={start}: {error} Nothing was started."
        ) from error


def longest_first(rows: list[GridRow]) -> list[tuple[GridRow, float]]:
    """Rows with their estimates, the longest first, so that no long one is left for the end."""
    priced = [(row, seconds_of(row)) for row in rows]
    require(all(seconds > 0 for _, seconds in priced), "Every row must take some time.")
    return sorted(priced, key=lambda pair: -pair[1])


class Pace:
    """How long is left, learned from the rows that have ended."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.spent, self.estimated = at_once, 0.0, 0.0

    def learn(self, estimate: float, seconds: float) -> None:
        """Take in a row, or a part of one, that took `seconds`."""
        self.estimated += estimate
        self.spent += seconds

    def left(self, estimate: float) -> float:
        """Seconds for what is still to do, by its estimate."""
        scale = self.spent / self.estimated if self.estimated else 1.0
        return estimate * scale / self.at_once
