"""Does what fools one network fool another, and what fools one sensor the other?

    value = share of plants that network B classifies correctly when clean, and wrongly in pictures
    made
            against network A

The pairs are attacked through A until the last step, also where A is fooled sooner, since a larger
loss travels further. On the diagonal A is attacked itself. Null: noise of the same size on B.

Between recipes: the mean over networks A of one recipe and other networks B of another, or of the
same. The unit is the network. Both its sides are samples: the interval is Student's over networks A
(each a mean over B) or over networks B, whichever is wider. Robustness differs between recipes, so
read it beside how far each falls to its own attack (`robustness`).

Between sensors: a change is found through a head that reads one sensor; its red and green are then
added to the other sensor's picture, whose own head is asked. Blue and near infrared stay behind:
the two files have no band in common there.

Source: Papernot et al. 2016, arXiv:1605.07277 [papernot2016]. Lesson: 08_attacks.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attacks.attack import Check
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.results.transfer import (
    Pass,
    Settings,
    TransferResult,
)
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for
from plantedu.zoo import model_zoo


def transfer(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
) -> TransferResult:
    """Attack each network, and show the pictures to all.

    Args:
        settings: What, and how hard.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        progress: Called with what is being attacked.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    plot = model_zoo.Plot(bank_folder)
    zoo, plants = model_zoo.ModelZoo(plot), plot.fresh(settings.plants)
    views, labels = plot.views(plants), plot.labels(plants)
    models = {name: zoo.namer(name) for name in settings.networks}
    noise = _attacked(
        "noise", models[settings.networks[0]], views, labels, settings.where, settings, check
    )
    found = []
    for made_on, model in models.items():
        progress(made_on)
        new = _attacked("apgd", model, views, labels, settings.where, settings, check)
        for seen_by, other in models.items():
            arms = f"{made_on}, seen by {seen_by}"
            right = [_right(other, x, labels) for x in (views, new, noise)]
            found.append(Pass(made_on, seen_by, _evidence(arms, *right)))
    heads = {sensor: zoo.namer(settings.sensors, sensor) for sensor in SENSORS}
    between = _between(heads, views, labels, settings, check)
    return TransferResult(settings, tuple(found), tuple(between))


def _attacked(
    name: str,
    model: nn.Module,
    views: Tensor,
    labels: Tensor,
    where: str,
    settings: Settings,
    check: Check,
) -> Tensor:
    """Attacked pictures, uint8."""
    attack = make(name, steps=settings.steps if name == "apgd" else 1, thorough=True)
    found = attack(
        model,
        views,
        Margin(labels),
        Budget.on(where, settings.radius_255 / LEVELS, norm=settings.norm),
        generator=generator_for(settings.seed, f"{name} {where}"),
        check=check,
    )
    return torch.from_numpy(found.views)


def _right(model: nn.Module, views: Tensor, labels: Tensor) -> np.ndarray:
    """Which plants a network classifies correctly."""
    with torch.no_grad():
        parts = [model(part.float() / 255).argmax(1) for part in views.split(64, dim=1)]
    return (torch.cat(parts) == labels).numpy()


def _between(
    heads: Mapping[str, nn.Module], views: Tensor, labels: Tensor, settings: Settings, check: Check
) -> list[Pass]:
    """Red and green of a change found through one sensor, added to the other's picture."""
    found = []
    for made_on in SENSORS:
        own, other = SENSORS.index(made_on), 1 - SENSORS.index(made_on)
        seen = [views]
        for name in ("apgd", "noise"):
            new = _attacked(name, heads[made_on], views, labels, made_on, settings, check)
            moved = new[own].int() - views[own].int()
            moved[:, 2] = 0
            carried = views.clone()
            carried[other] = (views[other].int() + moved).clamp(0, 255).byte()
            seen.append(carried)
        seen_by = SENSORS[other]
        right = [_right(heads[seen_by], x, labels) for x in seen]
        words = f"{made_on}, red and green added to {seen_by}"
        found.append(Pass(made_on, seen_by, _evidence(words, *right)))
    return found


def _evidence(words: str, clean: np.ndarray, attacked: np.ndarray, noisy: np.ndarray) -> Evidence:
    """Share of the plants classified correctly when clean that are not any more."""
    kept = clean.nonzero()[0]
    require(len(kept) >= 2, f"{words}: fewer than two plants are classified correctly when clean.")
    fooled = (~attacked[kept]).astype(np.float64)
    question = f"Which share of plants is misnamed in pictures made on {words}?"
    null = float((~noisy[kept]).mean())
    return mean_over_plants(question, fooled, null, "random noise of the same size")


def _run(asked: Settings, context: Context) -> TransferResult:
    return transfer(asked, bank_folder=context.bank, check=context.check, progress=context.progress)


def tell(result: TransferResult) -> None:
    """Print a result."""
    for one in (*result.networks, *result.recipes, *result.sensors):
        e = one.evidence
        print(
            f"made on {one.made_on:<18} seen by {one.seen_by:<18}{e.value:6.2f}"
            f"   noise {e.null:5.2f}   n = {e.n}"
        )


METHOD = Method(Settings, _run, tell)
