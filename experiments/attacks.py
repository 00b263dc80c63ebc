"""Results and figures of lesson 08.

    uv run python -m experiments.attacks network NAME    # curves of one network, kept apart
    uv run python -m experiments.attacks report          # all of them -> 08_robustness.json
    uv run python -m experiments.attacks transfer        # -> 08_transfer.json
    uv run python -m experiments.attacks agreement       # -> 08_agreement.json
    uv run python -m experiments.attacks shortcut        # -> 08_shortcut.json
    uv run python -m experiments.attacks active          # -> 08_active.json
    uv run python -m experiments.attacks single          # -> 08_attack.json
    uv run python -m experiments.attacks lesson          # the text -> 08_attacks.json
    uv run python -m experiments.attacks figures         # -> lessons/figures/08_*.svg

NAME is a network of the line-up, or cross-K/late. One thread; each call takes about a minute. What
is kept apart lies under PLANTEDU_HOME.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures import save as save_figure
from experiments.parts import read_as, write
from plantedu.charts.chart import Drawing
from plantedu.store.paths import bank_folder, home
from plantedu.topics.attacks import active_tests, attack_pairs, robustness, shortcut, transfer
from plantedu.topics.attacks.agreement import agreement
from plantedu.topics.attacks.results import agreement as agreeing
from plantedu.topics.attacks.results.active_tests import Settings as Active
from plantedu.topics.attacks.results.attack_pairs import Settings as Pairs
from plantedu.topics.attacks.results.robustness import RobustnessResult, Rung
from plantedu.topics.attacks.results.robustness import Settings as Robustness
from plantedu.topics.attacks.results.shortcut import Settings as Shortcut
from plantedu.topics.attacks.results.shortcut import ShortcutResult
from plantedu.topics.attacks.results.transfer import Settings as Transfer
from plantedu.topics.attacks.results.transfer import TransferResult
from plantedu.topics.attacks.robustness_curve import Curve

MATRIX = Robustness(plants=48, steps=10, ring=16)
SHORTCUT = Shortcut(seeds=5)
SEEDS = range(5)
MANY = Transfer(
    networks=(
        *(f"cross-{seed}" for seed in SEEDS),
        *(f"supervised_both-{seed}" for seed in SEEDS),
        *(f"rgb_only-{seed}" for seed in SEEDS),
        "random-0",
    )
)
DETECTOR = agreeing.Settings(plants=32, calm=128, steps=8)
ACTIVE = Active(plants=24)
SINGLE = Pairs(curve=True, alarms=False, steps=10)


def kept(name: str) -> Path:
    """Where parts lie until they are put together."""
    folder = home() / "lesson08"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name.replace('/', '-')}.npz"


def network(name: str) -> None:
    """Curves of one network, and the alarms of its arm's first."""
    bare, _, late = name.partition("/")
    arm = next(
        one
        for one in robustness.arms(MATRIX)
        if one[1] == bare and (one[2] == "late") == bool(late)
    )
    found: dict[str, Any] = {}
    keep = robustness._curve

    def caught(model: Any, views: Any, labels: Any, where: str, settings: Any, check: Any) -> Any:
        one = keep(model, views, labels, where, settings, check)
        found[f"{where} first"], found[f"{where} noise"] = one.first, one.noise
        found["labels"] = labels.numpy()
        return one

    robustness._curve = caught
    first = arm[1].endswith("-0")
    settings = replace(MATRIX, networks=(bare,), late=bool(late), ring=MATRIX.ring if first else 0)
    wanted, robustness.arms = [arm], lambda _: wanted
    result = robustness.robustness(settings, bank_folder=bank_folder(), progress=print)
    signs = [(one.arm, one.name, one.rings, one.says) for one in result.alarms]
    np.savez(kept(name), alarms=json.dumps(signs), arm=arm[0], **found)


def parts() -> list[str]:
    """Everything that is attacked."""
    return [
        name + ("/late" if reads == "late" else "") for _, name, reads in robustness.arms(MATRIX)
    ]


def assembled() -> None:
    """All networks' curves in one report."""
    curves: dict[tuple[str, str], list[Curve]] = {}
    rung, labels = [], np.empty(0, int)
    for name in parts():
        with np.load(kept(name), allow_pickle=False) as one:
            labels, arm = one["labels"], str(one["arm"])
            rung += [Rung(*sign) for sign in json.loads(str(one["alarms"]))]
            for where in MATRIX.where:
                first, noise = one[f"{where} first"], one[f"{where} noise"]
                made = Curve(MATRIX.radii_255, first, noise)
                curves.setdefault((arm, where), []).append(made)
    result = robustness.summarised(MATRIX, labels, curves, rung)
    robustness.tell(result)
    write("08_robustness", result.as_json(), "experiments.attacks report")


SHORT = {
    "SwAV cross": "cross",
    "SwAV RGB-only": "rgb_only",
    "supervised": "supervised",
    "random init": "random",
    robustness.LATE: "late",
}


def lesson() -> None:
    """What the text says, where tests find it."""
    robust = read_as(RobustnessResult, "08_robustness")
    passes = read_as(TransferResult, "08_transfer")
    noticed = read_as(agreeing.AgreementResult, "08_agreement")
    cells: dict[str, Any] = {}
    for cell in robust.cells:
        place = cells.setdefault(SHORT[cell.arm], {}).setdefault(cell.where, {})
        place[f"{cell.radius_255:g}"] = cell.evidence.as_json()
    recipes = {(one.made_on, one.seen_by): one.evidence for one in passes.recipes}
    found = {
        "robust": cells,
        "chance": robust.chance,
        "alarms": {"counted": len(robust.alarms), "ringing": sum(a.rings for a in robust.alarms)},
        "both_at_4": robust.of("SwAV cross", "both", 4.0).evidence.as_json(),
        "to_another_seed": recipes["SwAV cross", "SwAV cross"].as_json(),
        "to_supervised": recipes["SwAV cross", "supervised"].as_json(),
        "from_supervised": recipes["supervised", "SwAV cross"].as_json(),
        "between_supervised": recipes["supervised", "supervised"].as_json(),
        "between_rgb_only": recipes["SwAV RGB-only", "SwAV RGB-only"].as_json(),
        "from_rgb_only": recipes["SwAV RGB-only", "SwAV cross"].as_json(),
        "sensors": {p.made_on: p.evidence.as_json() for p in passes.sensors},
        "notices": {one.where: _plain(one) for one in noticed.notices},
        "adaptive": noticed.of("both").adaptive.as_json(),
    }
    write("08_attacks", found, "experiments.attacks lesson")


def _plain(one: agreeing.Notice) -> dict[str, Any]:
    return {name: getattr(one, name).as_json() for name in ("auc", "caught", "blind", "adaptive")}


def save(name: str, drawing: Drawing) -> None:
    """A chart as a figure of lesson 08."""
    save_figure(f"08_{name}", drawing)


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    save("robustness", read_as(RobustnessResult, "08_robustness").chart())
    save("transfer", read_as(TransferResult, "08_transfer").chart())
    save("agreement", read_as(agreeing.AgreementResult, "08_agreement").chart())
    save("shortcut", read_as(ShortcutResult, "08_shortcut").chart())


def analysed(word: str) -> None:
    """One analysis with its defaults."""
    folder = bank_folder()
    made = {
        "transfer": lambda: transfer.transfer(MANY, bank_folder=folder, progress=print),
        "agreement": lambda: agreement(DETECTOR, bank_folder=folder),
        "shortcut": lambda: shortcut.shortcut(SHORTCUT, progress=print),
        "active": lambda: active_tests.active(ACTIVE, bank_folder=folder),
        "single": lambda: attack_pairs.attack(SINGLE, bank_folder=folder),
    }[word]()
    name = "attack" if word == "single" else word
    write(f"08_{name}", made.as_json(), f"experiments.attacks {word}")


def main(words: list[str]) -> None:
    word, name = words[0], words[1] if len(words) > 1 else ""
    plain = {"report": assembled, "figures": figures, "lesson": lesson}
    if word == "network":
        network(name)
    elif word in plain:
        plain[word]()
    else:
        analysed(word)


if __name__ == "__main__":
    main(sys.argv[1:])
