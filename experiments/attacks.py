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
from plantedu.charts.chart import Drawing
from plantedu.jobs.work import bank_folder
from plantedu.store.paths import home
from plantedu.topics.attacks import active_tests, attack_pairs, robustness, shortcut, transfer
from plantedu.topics.attacks.agreement import agreement
from plantedu.topics.attacks.results import agreement as agreeing
from plantedu.topics.attacks.robustness_curve import Curve

LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS = LESSONS / "results"
MATRIX = robustness.Settings(plants=48, steps=10, ring=16)
SHORTCUT = shortcut.Settings(seeds=5)
SEEDS = range(5)
MANY = transfer.Settings(
    networks=(
        *(f"cross-{seed}" for seed in SEEDS),
        *(f"supervised_both-{seed}" for seed in SEEDS),
        *(f"rgb_only-{seed}" for seed in SEEDS),
        "random-0",
    )
)
DETECTOR = agreeing.Settings(plants=32, calm=128, steps=8)


def write(name: str, found: dict[str, Any], command: str) -> None:
    """A result with the command that makes it."""
    text = json.dumps({"command": f"uv run python -m {command}", **found}, indent=1) + "\n"
    (RESULTS / f"08_{name}.json").write_text(text, encoding="utf-8")


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
            rung += [robustness.Rung(*sign) for sign in json.loads(str(one["alarms"]))]
            for where in MATRIX.where:
                first, noise = one[f"{where} first"], one[f"{where} noise"]
                made = Curve(MATRIX.radii_255, first, noise, (), 0, 0, np.empty(0))
                curves.setdefault((arm, where), []).append(made)
    result = robustness.summarised(MATRIX, labels, curves, rung)
    robustness.tell(result)
    write("robustness", result.as_json(), "experiments.attacks report")


SHORT = {
    "SwAV cross": "cross",
    "SwAV RGB-only": "rgb_only",
    "supervised": "supervised",
    "random init": "random",
    robustness.LATE: "late",
}


def lesson() -> None:
    """What the text says, where tests find it."""
    robust = read(robustness.RobustnessResult, "robustness")
    passes = read(transfer.TransferResult, "transfer")
    noticed = read(agreeing.AgreementResult, "agreement")
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
        "notices": {one.where: _told(one) for one in noticed.notices},
        "adaptive": noticed.of("both").adaptive.as_json(),
    }
    write("attacks", found, "experiments.attacks lesson")


def _told(one: agreeing.Notice) -> dict[str, Any]:
    return {name: getattr(one, name).as_json() for name in ("auc", "caught", "blind", "adaptive")}


def save(name: str, drawing: Drawing) -> None:
    """A chart as a figure of lesson 08."""
    save_figure(f"08_{name}", drawing)


def read(kind: Any, name: str) -> Any:
    """A committed result."""
    found = json.loads((RESULTS / f"08_{name}.json").read_text(encoding="utf-8"))
    found.pop("command")
    return kind.from_json(found)


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    save("robustness", read(robustness.RobustnessResult, "robustness").chart())
    save("transfer", read(transfer.TransferResult, "transfer").chart())
    save("agreement", read(agreeing.AgreementResult, "agreement").chart())
    save("shortcut", read(shortcut.ShortcutResult, "shortcut").chart())


def analysed(word: str) -> None:
    """One analysis with its defaults."""
    folder = bank_folder()
    made = {
        "transfer": lambda: transfer.transfer(MANY, bank_folder=folder, progress=print),
        "agreement": lambda: agreement(DETECTOR, bank_folder=folder),
        "shortcut": lambda: shortcut.shortcut(SHORTCUT, progress=print),
        "active": lambda: active_tests.active(active_tests.Settings(plants=24), bank_folder=folder),
        "single": lambda: attack_pairs.attack(
            attack_pairs.Settings(curve=True, alarms=False, steps=10), bank_folder=folder
        ),
    }[word]()
    name = "attack" if word == "single" else word
    write(name, made.as_json(), f"experiments.attacks {word}")


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
