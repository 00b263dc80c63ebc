"""`results/` is the boundary: pages read settings, results and charts, and compute nothing.

Each rule is a function of a root folder that lists what breaks it, as in test_house.py. What still
breaks a rule stands in a STILL here: it only gets shorter, since a line that no longer holds fails
too.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from plantedu.jobs.jobs import JOBS
from plantedu.topics.methods import METHODS, PAGE_JOBS
from tests.test_house import ROOT, TORCH, imports, is_within, modules, planted, tree_of

METHODS_PLACE = "plantedu.topics.methods"
PLAYED_WITH = (  # no torch (test_house.py): a page reads curves and plays the clinic's cases
    "plantedu.topics.bump.changepoints",
    "plantedu.topics.bump.clinic",
)
ASKS = (
    "Experiment",
    "Recorded",
    "submit",
    "experiment_of",
    "measured_here",
    "again",
)  # who names the kind of a run in a page

STILL_PAST_THE_BOUNDARY: set[str] = set()
STILL_IN_FUNCTIONS = {  # imports inside functions, of what is no optional extra, by room
    "app": 1,
    "benchmarks": 6,
    "plantedu.commands": 9,
    "plantedu.course": 1,
    "plantedu.jobs": 19,
    "plantedu.sweeps": 2,
    "plantedu.topics.generation": 1,  # altair is .6 s of a first look, which needs no chart
}
STILL_WITHOUT_METHOD: set[str] = set()
STILL_WITHOUT_BUTTON: set[str] = set()
OPTIONAL = (  # extras, and what one command alone needs
    *("fastai", "lightning", "ray", "lightly", "foolbox", "ckatorch", "rsatoolbox", "kornia"),
    *("self_supervised", "torchattacks", "vl_convert", "huggingface_hub", "resource", "diffusers"),
)
INDENTED = re.compile(r"^[ \t]+(import|from) |: *(import|from) ", re.MULTILINE)


def past_the_boundary(root: Path) -> set[str]:
    """Modules of the app that import a topic's inside: neither results nor the list of methods."""
    known = modules(root)

    def inside(other: str) -> bool:
        parts = other.split(".")
        shown = other == METHODS_PLACE or parts[3:4] == ["results"]
        shown = shown or any(is_within(other, place) for place in PLAYED_WITH)
        return is_within(other, "plantedu.topics") and not shown

    app = [name for name in known if is_within(name, "app")]
    return {name for name in app if any(inside(o) for o in imports(name, known))}


def in_functions(root: Path) -> Counter[str]:
    """Imports inside functions of each room; a topic and its labs are rooms of their own."""
    known, found = modules(root), Counter[str]()
    for name, path in known.items():
        if not INDENTED.search(path.read_text(encoding="utf-8")):
            continue
        nodes = {
            id(node): node
            for function in ast.walk(tree_of(path))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        for node in nodes.values():
            first = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            if (first or "").split(".")[0] not in OPTIONAL:
                found[room_of(name)] += 1
    return found


def room_of(name: str) -> str:
    """The first words of a module's name that make a room, such as plantedu.topics.bump."""
    parts = name.split(".")
    deep = parts[:2] in (["plantedu", "topics"], ["app", "labs"])
    return ".".join(parts[: 3 if deep else 2 if parts[0] == "plantedu" else 1])


def asked_kinds(root: Path) -> set[str]:
    """Kinds of runs that a page asks a worker for."""
    calls = [
        node
        for name, path in modules(root).items()
        if is_within(name, "app")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ASKS
    ]
    firsts = [call.args[0] for call in calls if call.args]
    kinds = [one for first in firsts for one in ast.walk(first) if isinstance(one, ast.Constant)]
    return {one.value for one in kinds if isinstance(one.value, str)}


def without_method(root: Path) -> set[str]:
    """Kinds whose module has plumbing of its own in place of one `METHOD`."""
    return {
        entry.kind
        for entry in METHODS
        if not any(
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "METHOD"
            for node in tree_of(modules(root)[entry.module]).body
        )
    }


def test_pages_import_results_and_methods_alone():
    assert past_the_boundary(ROOT) == STILL_PAST_THE_BOUNDARY


def test_imports_inside_functions_only_fall():
    assert dict(in_functions(ROOT)) == STILL_IN_FUNCTIONS


def test_every_method_is_a_method():
    assert without_method(ROOT) == STILL_WITHOUT_METHOD


def test_every_method_has_a_button_and_every_button_a_job():
    asked = asked_kinds(ROOT)
    assert {entry.kind for entry in METHODS} - asked == STILL_WITHOUT_BUTTON
    assert asked <= {entry.kind for entry in METHODS} | {*JOBS, *PAGE_JOBS, "replay"}


PAGES = (  # what a page starts with, and labs that show results
    *("app.session", "app.page", "app.live_run", "app.labs.pairs.plant", "app.labs.family.lineage"),
    *("app.labs.attacks.recorded", "app.labs.neurons.units", "app.labs.bump.detector"),
)


def test_no_result_and_no_page_loads_torch():
    """One process is asked for both: pandas and Streamlit are half of what each of two would do."""
    names = [
        name for name in modules(ROOT) if name.startswith("plantedu.topics.") and ".results" in name
    ]
    assert len(names) > 20
    names += PAGES
    code = f"import importlib, sys\nfor name in {names!r}:\n    importlib.import_module(name)\n"
    code += f"print(*[t for t in {TORCH!r} if t in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("from plantedu.topics.bump.fork import ForkResult", True),
        ("def f():\n    from plantedu.topics.bump import fork", True),
        ("from plantedu.topics.method import Method", True),
        ("from plantedu.topics.bump.results.fork import ForkResult", False),
        ("from plantedu.topics.methods import METHODS", False),
    ],
)
def test_a_page_past_the_boundary_is_found(tmp_path, text, past):
    root = planted(tmp_path, app__labs__x=text, plantedu__topics__methods="")
    assert past_the_boundary(root) == ({"app.labs.x"} if past else set())


def test_imports_in_functions_are_counted_but_for_extras(tmp_path):
    text = "import a\ndef f():\n    import torch\n    def g():\n        from x import y\n"
    root = planted(tmp_path, plantedu__topics__bump__x=text + "    import ray")
    assert in_functions(root) == {"plantedu.topics.bump": 2}


def test_kinds_that_a_page_asks_for_are_found(tmp_path):
    text = "Experiment('fork', 'Fork', says)\nsession.submit('train', {})\nst.button('Fork')"
    assert asked_kinds(planted(tmp_path, app__x=text)) == {"fork", "train"}
