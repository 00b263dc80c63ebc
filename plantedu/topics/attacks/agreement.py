"""Does the other sensor notice? A detector that asks whether the two embeddings still agree.

    c = cos(z1, z2);     a pair is turned away where c falls below the `refused` quantile of clean
                         pairs, which are other plants than those attacked

AUC is the chance that an attacked pair has a lower c than a clean one; its null is the AUC of noise
of the same size, and .5 is chance. The attacks are made on the classifier alone: blind ones. Then
an *adaptive* attacker, who knows the detector, wants a wrong name *and* c above the threshold:

    min(margin / scale, c - threshold)

What counts in the end is the share of plants that are misnamed and let pass, beside the same share
of the blind attack. A detector that is never attacked itself has not been tested.

Source: adaptive attacks on detectors: Carlini & Wagner 2017, arXiv:1705.07263 [carlini2017b];
Tramer et al. 2020, arXiv:2002.08347 [tramer2020]. Lesson: 08_attacks.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.statistics.auroc import placements
from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.embedding_criteria import Blind, Unseen
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.results.agreement import AgreementResult, Notice, Settings
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for
from plantedu.zoo import model_zoo

POINTS = 41  # of a ROC curve
Outcomes = dict[str, list[dict[str, np.ndarray]]]


def agreement(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
) -> AgreementResult:
    """Attack with and without knowledge of the detector.

    Args:
        settings: What, and how hard.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        progress: Called with what is being attacked.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    plot = model_zoo.Plot(bank_folder)
    zoo, fresh = model_zoo.ModelZoo(plot), plot.fresh(settings.plants + settings.calm)
    plants, calm = fresh[: settings.plants], fresh[settings.plants :]
    views, labels, quiet = plot.views(plants), plot.labels(plants), plot.views(calm)
    seen: Outcomes = {where: [] for where in settings.where}
    cosines = []
    for name in settings.networks:
        model = zoo.watched(name)
        cosines.append(_answers(model, quiet)[:, -1].numpy())
        threshold = float(np.quantile(cosines[-1], settings.refused))
        for where in settings.where:
            progress(f"{name}, {where}")
            seen[where].append(_tried(model, views, labels, where, threshold, settings, check))
    return summarised(settings, seen, cosines)


def summarised(settings: Settings, seen: Outcomes, cosines: list[np.ndarray]) -> AgreementResult:
    """What was seen, put together.

    Args:
        settings: How it was made.
        seen: By attacked sensors and network: cosines and wrong names of each plant.
        cosines: Of clean pairs, by network.
    """
    thresholds = [float(np.quantile(c, settings.refused)) for c in cosines]
    pairs = list(zip(cosines, thresholds, strict=True))
    noise = [
        _roc(c, one["noise"])
        for many in seen.values()
        for c, one in zip(cosines, many, strict=True)
    ]
    notices = tuple(_notice(where, many, pairs) for where, many in seen.items())
    mean = tuple(float(one) for one in np.mean(noise, axis=0))
    return AgreementResult(settings, tuple(thresholds), mean, notices)


def _answers(model: nn.Module, views: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat([model(part.float() / 255) for part in views.split(64, dim=1)])


def _tried(
    model: nn.Module,
    views: Tensor,
    labels: Tensor,
    where: str,
    threshold: float,
    settings: Settings,
    check: Callable[[], None],
) -> dict[str, np.ndarray]:
    """Cosines and wrong names under noise, blind attack and adaptive attack, by plant."""
    budget = Budget.on(where, settings.radius_255 / LEVELS, norm=settings.norm)
    wrong, found = Margin(labels), {}
    for name, attack, goal in (
        ("noise", RandomNoise(thorough=True), Blind(wrong)),
        ("blind", APGD(steps=settings.steps), Blind(wrong)),
        ("adaptive", APGD(steps=2 * settings.steps), Unseen(wrong, threshold)),
    ):
        generator = generator_for(settings.seed, f"{name} {where}")
        answer = attack(model, views, goal, budget, generator=generator, check=check).answer
        found[name] = answer[:, -1].numpy()
        found[f"{name} misnamed"] = (answer[:, :-1].argmax(1) != labels).numpy()
    return found


def _roc(clean: np.ndarray, attacked: np.ndarray) -> np.ndarray:
    """Share of attacked pairs below each quantile of the clean ones."""
    levels = np.quantile(clean, np.linspace(0, 1, POINTS))
    return (attacked[None] < levels[:, None]).mean(1)


def _notice(
    where: str,
    seen: list[dict[str, np.ndarray]],
    pairs: list[tuple[np.ndarray, float]],
) -> Notice:
    many = list(zip(seen, pairs, strict=True))

    def mean(name: str) -> np.ndarray:
        return np.mean([placements(one[name], c) for one, (c, _) in many], axis=0)

    def passed(name: str) -> np.ndarray:
        share = [one[f"{name} misnamed"] & (one[name] >= t) for one, (_, t) in many]
        return np.mean(share, axis=0)

    def refused(name: str) -> np.ndarray:
        return np.mean([one[name] < t for one, (_, t) in many], axis=0)

    same, blind = "random noise of the same size", passed("blind")
    wrong = np.mean([one["blind misnamed"] for one, _ in many], axis=0) > 0
    caught = refused("blind")[wrong] if wrong.sum() >= 2 else refused("blind")
    said = f"attacked: {where}"
    return Notice(
        where,
        mean_over_plants(
            f"How often is an attacked pair less alike than a clean one, {said}?",
            mean("blind"),
            float(mean("noise").mean()),
            same,
            seeds=len(seen),
            kind="share",
        ),
        mean_over_plants(
            f"Which share of misnamed pairs is turned away, {said}?",
            caught,
            float(refused("noise").mean()),
            same,
            seeds=len(seen),
        ),
        mean_over_plants(
            f"Which share is misnamed and let pass by a blind attack, {said}?",
            blind,
            float(passed("noise").mean()),
            same,
            seeds=len(seen),
        ),
        mean_over_plants(
            f"Which share is misnamed and let pass by an adaptive attack, {said}?",
            passed("adaptive"),
            float(blind.mean()),
            "the blind attack",
            seeds=len(seen),
        ),
        tuple(np.mean([_roc(c, one["blind"]) for one, (c, _) in many], axis=0).tolist()),
    )


def _run(asked: Settings, context: Context) -> AgreementResult:
    return agreement(
        asked, bank_folder=context.bank, check=context.check, progress=context.progress
    )


def tell(result: AgreementResult) -> None:
    """Print a result: each number, its null in brackets."""
    print(f"{'attacked':<10}{'AUC':>14}{'caught':>14}{'blind passes':>16}{'adaptive passes':>18}")
    for one in result.notices:
        columns = (one.auc, one.caught, one.blind, one.adaptive)
        print(f"{one.where:<10}" + "".join(f"{e.value:8.2f} ({e.null:4.2f})" for e in columns))
    print(result.notices[0].auc.caption())


METHOD = Method(Settings, _run, tell)
