"""Our attacks beside torchattacks and foolbox: robust accuracy and time, in one run.

    uv run --extra bench python -m benchmarks.attacks [--plants 32] [--repeats 3] [--json]

The model is the shipped encoder with its linear head, as f6(x) = f(x[:, :3], x[:, 3:]).
Equal radius, slopes and restarts; linf 2 and 4 levels, l2 as one ball over both pictures. Theirs
are scored as they come (floats) and on the 8-bit grid; ours are 8-bit pictures already. Arms take
turns. torchattacks 3.5.1 asks for requests~=2.25.1, which nothing else here can live with, and a
plain install falls back to 3.3.0; pyproject.toml tells uv what it really needs.

On a busy machine `--clock processor` counts what the process used, not what it waited for.

`--own` times what the page promises: one attack of 32 pairs and 20 slopes without early stopping,
and a curve over 8 radii with noise and bands.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from plantedu.store.paths import bank_folder
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.attack import Attack
from plantedu.topics.attacks.attack_pairs import attack
from plantedu.topics.attacks.criteria import CrossEntropy, Margin
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.results.attack_pairs import Settings
from plantedu.topics.attacks.threat_model import Budget
from plantedu.zoo.model_zoo import ModelZoo, Plot

CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class Six(nn.Module):
    """A pair as one picture of six channels."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        return self.model(torch.stack([x[:, :3], x[:, 3:]]))


def ours(kind: Attack, model: nn.Module, views: Tensor, labels: Tensor, budget: Budget) -> Tensor:
    """Attacked pairs in [0, 1]."""
    goal = Margin(labels)
    found = kind(model, views, goal, budget, generator=torch.Generator().manual_seed(0))
    return torch.from_numpy(found.views).float() / 255


def arms(model: nn.Module, views: Tensor, labels: Tensor, steps: int) -> dict[str, Any]:
    """Name -> (radius, ours, theirs), each a function that gives attacked pairs in [0, 1]."""
    import foolbox
    import torchattacks

    six, x = Six(model).eval(), views.float() / 255
    joined = torch.cat(list(x), 1)
    bounded = foolbox.PyTorchModel(six, bounds=(0, 1), device="cpu")
    apart = 2 * views[0, 0].numel()

    def pair(found: Tensor) -> Tensor:
        return torch.stack([found[:, :3], found[:, 3:]]).detach()

    def boxed(kind: Any, epsilon: float) -> Callable[[], Tensor]:
        return lambda: pair(kind(bounded, joined, labels, epsilons=epsilon)[1])

    knobs, found = (model, views, labels), {}
    for levels in (2, 4):
        radius = levels / 255
        linf, l2 = Budget.on("both", radius), Budget.on("both", radius / 2, norm="l2_pair")
        apgd = torchattacks.APGD(six, eps=radius, steps=steps - 1, n_restarts=1, norm="Linf")
        pgd = torchattacks.PGD(six, eps=radius, alpha=radius * 2.5 / steps, steps=steps)
        ball = foolbox.attacks.L2ProjectedGradientDescentAttack(
            rel_stepsize=2.5 / steps, steps=steps, random_start=True
        )
        found[f"APGD linf {levels}, torchattacks"] = (
            lambda b=linf: ours(APGD(steps=steps), *knobs, b),
            lambda a=apgd: pair(a(joined, labels)),
        )
        found[f"PGD linf {levels}, torchattacks"] = (
            lambda b=linf: ours(PGD(steps=steps), *knobs, b),
            lambda a=pgd: pair(a(joined, labels)),
        )
        found[f"PGD l2 {levels / 2:g} rms, foolbox"] = (
            lambda b=l2: ours(PGD(steps=steps), *knobs, b),
            boxed(ball, radius / 2 * apart**0.5),
        )
    return found


@torch.no_grad()
def robust(model: nn.Module, pictures: Tensor, labels: Tensor) -> float:
    """Share classified correctly."""
    return float((model(pictures).argmax(1) == labels).double().mean())


def compared(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Both sides of every arm, in turns."""
    plot = Plot(bank_folder())
    plants = plot.fresh(options.plants)
    views, labels = plot.views(plants), plot.labels(plants)
    model = ModelZoo(plot).namer(options.network)
    now, rows = CLOCKS[options.clock], []
    for name, (own, other) in arms(model, views, labels, options.steps).items():
        seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
        pictures = {}
        for _ in range(options.repeats):
            for side, make in (("ours", own), ("theirs", other)):
                began = now()
                pictures[side] = make()
                seconds[side].append(now() - began)
        grid = (pictures["theirs"] * 255).round() / 255
        row = {
            "arm": name,
            "ours": robust(model, pictures["ours"], labels),
            "theirs": robust(model, pictures["theirs"], labels),
            "theirs, 8 bits": robust(model, grid, labels),
            "clean": robust(model, views.float() / 255, labels),
            "seconds": {side: statistics.median(times) for side, times in seconds.items()},
        }
        row["no weaker"] = row["ours"] <= row["theirs"] + 1 / options.plants
        row["no slower"] = row["seconds"]["ours"] <= row["seconds"]["theirs"]
        rows.append(row)
        print(
            f"{name:<34} ours {row['ours']:.3f}  theirs {row['theirs']:.3f} (8 bits "
            f"{row['theirs, 8 bits']:.3f})  seconds {row['seconds']['ours']:.2f} / "
            f"{row['seconds']['theirs']:.2f}",
            flush=True,
        )
    return rows


def own(options: argparse.Namespace) -> list[dict[str, Any]]:
    """What the page promises."""
    plot = Plot(bank_folder())
    plants = plot.fresh(32)
    views, labels = plot.views(plants), plot.labels(plants)
    model = ModelZoo(plot).namer(options.network)
    generator = torch.Generator().manual_seed(0)
    kind, now = PGD(steps=20, thorough=True), CLOCKS[options.clock]
    seconds = []
    for _ in range(options.repeats):
        began = now()
        kind(model, views, CrossEntropy(labels), Budget.on("both", 4 / 255), generator=generator)
        seconds.append(now() - began)
    settings = Settings(network=options.network, curve=True, steps=20)
    began = now()
    attack(settings, bank_folder=bank_folder())
    whole = now() - began
    return [
        {"what": "32 pairs, 20 slopes, nobody left out", "seconds": statistics.median(seconds)},
        {"what": "curve over 8 radii, 32 pairs, loading, bands", "seconds": whole},
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", default="cross-0")
    parser.add_argument("--plants", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clock", default="wall", choices=["wall", "processor"])
    parser.add_argument("--threads", type=int, default=0, help="0 leaves torch's choice")
    parser.add_argument("--own", action="store_true", help="time our own promises alone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    rows = own(options) if options.own else compared(options)
    if options.own:
        for row in rows:
            print(f"{row['what']:<44}{row['seconds']:.2f} s, {torch.get_num_threads()} threads")
    if options.json:
        print(json.dumps({"rows": rows, "settings": vars(options)}))


if __name__ == "__main__":
    main()
