"""Our attacks on pairs beside torchattacks, foolbox and captum.robust: who breaks more, how soon.

The model is the shipped encoder with its linear head. Radius, slopes and restarts are equal. A
peer's pictures are scored as it returns them, in floats; ours are 8-bit pictures already, which is
the harder task. captum gets the loss that it needs (its default goes the wrong way on logits).
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.attacks import arms, ours, robust
from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.store.paths import bank_folder
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.threat_model import Budget
from plantedu.zoo.model_zoo import ModelZoo, Plot

PLANTS, STEPS, NETWORK = 32, 20, "cross-0"


def captum_arm(
    model: nn.Module, views: Tensor, labels: Tensor, levels: int
) -> Callable[[], Tensor]:
    """PGD of captum.robust, which takes both sensors as a tuple."""
    from captum import robust as captum

    radius, pair = levels / 255, tuple(views.float() / 255)
    loss = nn.CrossEntropyLoss(reduction="none")
    kind = captum.PGD(lambda a, b: model(torch.stack([a, b])), loss, 0, 1)
    length = radius * 2.5 / STEPS
    return lambda: torch.stack(
        kind.perturb(pair, radius, length, STEPS, labels, random_start=True)
    ).detach()


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more |= {"threads": use_threads(options.threads), "plants": PLANTS, "slopes": STEPS}
    torch.manual_seed(0)
    plot = Plot(bank_folder(), labelled=64) if options.quick else Plot(bank_folder())
    plants = plot.fresh(8 if options.quick else PLANTS)
    views, labels = plot.views(plants), plot.labels(plants)
    model = ModelZoo(plot).namer(NETWORK)
    both = arms(model, views, labels, STEPS)
    for levels in (2, 4):
        budget = Budget.on("both", levels / 255)
        both[f"PGD linf {levels}, captum.robust"] = (
            lambda b=budget: ours(PGD(steps=STEPS), model, views, labels, b),
            captum_arm(model, views, labels, levels),
        )
    shares: dict[str, dict[str, float]] = {}
    for name, (mine, other) in list(both.items())[: 2 if options.quick else None]:
        share = {
            side: robust(model, make(), labels)
            for side, make in (("ours", mine), ("theirs", other))
        }
        shares[name] = share
        found.check(
            f"{name}: robust share, ours less theirs", share["ours"] - share["theirs"], 1 / PLANTS
        )
        seconds = in_turns({"ours": mine, "theirs": other}, options.repeats)
        for side, taken in seconds.items():
            found.figure(f"{name}: {side}", spread(taken), "s")
        ratio = ratio_of(seconds["ours"], seconds["theirs"])
        found.ratio(f"{name}: ours / theirs, time", ratio, at_most=1.0)
    found.more["robust share"] = shares
    found.more["clean share"] = robust(model, views.float() / 255, labels)
    return found


ROW = Row(
    name="attacks",
    title="PGD and APGD on 32 pairs, 20 slopes, seconds and robust share",
    against="torchattacks; foolbox; captum.robust",
    measure=measure,
    measures=("plantedu/topics/attacks", "benchmarks/attacks.py"),
    packages=("torchattacks", "foolbox", "captum"),
)

if __name__ == "__main__":
    ROW.run()
