"""One random-init control and one evaluation set: nobody makes another.

Each rule is a function of a root folder that lists what breaks it, as in test_house.py.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.test_house import ROOT, is_within, modules, planted, tree_of

MAKERS = ("make_encoder", "make_objective", "make_cue_network")
FRESH_WEIGHTS = (  # who trains networks, loads weights into them or counts them
    *("plantedu.models.encoders", "plantedu.zoo.random_init", "plantedu.training.pretrain"),
    *(
        "plantedu.training.classifier.setup",
        "plantedu.zoo.cue_networks",
        "plantedu.topics.attacks.shortcut_training",
    ),
    *(
        "plantedu.topics.similarity.multitask_encoder",
        "plantedu.topics.bump.fork_training",
        "plantedu.training.lr_finder.sweep",
    ),
    *("plantedu.publishing.publish", "plantedu.sweeps.cost"),
)
HOME = "plantedu.data.evaluation_set"
OF_PLANTS = re.compile(r"(?i)plant|first|pairs|plot|fresh|seen|arange|held")


def other_controls(root: Path) -> list[str]:
    """Modules that make networks with fresh weights and are not known to train them or to load into
    them: the random-init control comes from zoo/random_init.py alone."""
    known = modules(root)
    wrong = []
    for name, path in known.items():
        if name in FRESH_WEIGHTS or not is_within(name, "plantedu"):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func).rpartition(".")[2]
                if called in MAKERS:
                    wrong.append(f"{name}: {called}")
    return wrong


def other_evaluation_sets(root: Path) -> list[str]:
    """Lines about plants that write the first held-out one as a number."""
    wrong = []
    for name, path in modules(root).items():
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(tree_of(path)):
            number = isinstance(node, ast.Constant) and node.value == 4096
            if number and name != HOME and OF_PLANTS.search(lines[node.lineno - 1]):
                wrong.append(f"{name}: {lines[node.lineno - 1].strip()}")
    return wrong


@pytest.mark.parametrize("rule", [other_controls, other_evaluation_sets], ids=lambda r: r.__name__)
def test_this_house(rule):
    assert rule(ROOT) == []


def test_who_may_make_fresh_weights_is_there_and_makes_them():
    known = modules(ROOT)
    for name in FRESH_WEIGHTS:
        assert any(maker in known[name].read_text(encoding="utf-8") for maker in MAKERS), name


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("plantedu__analysis__x", "one = make_encoder('tiny', seed=0)", "make_encoder"),
        ("plantedu__training__x", "one = pretrain.make_objective(recipe)", "make_objective"),
    ],
)
def test_another_control_is_found(tmp_path, module, text, said):
    (wrong,) = other_controls(planted(tmp_path, **{module: text}))
    assert wrong.endswith(said)


def test_another_evaluation_set_is_found(tmp_path):
    root = planted(tmp_path, plantedu__analysis__x="first: int = 4096")
    assert other_evaluation_sets(root) == ["plantedu.analysis.x: first: int = 4096"]
