"""The house keeps its shape: imports point one way, light things start light, no file runs code.

Each rule is a function of a root folder that lists what breaks it. It is run on this repository,
and on small trees with the mistake planted in them, so that no rule passes for being blind. What
belongs together (lessons, pages, sources, tests) is in test_house_files.py.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

GROUND = (
    *(
        "plantedu.errors",
        "plantedu.shapes",
        "plantedu.intervals",
        "plantedu.evidence",
        "plantedu.palette",
    ),
    *("plantedu.plain", "plantedu.reliability", "plantedu.outputs"),
)
DRAWN = (*GROUND, "plantedu.drawing")
RECORDS = tuple(
    f"plantedu.runs.{name}"
    for name in (
        *("store", "checkpoints", "home", "database", "run", "series", "metrics", "curves"),
        *("recording", "uploads", "seen"),
    )
)
DOING = tuple(
    f"plantedu.runs.{name}"
    for name in (
        *(
            "worker",
            "jobs",
            "recorder",
            "data_hash",
            "train_cli",
            "branch_cli",
            "cli",
            "shipped_cli",
        ),
        *("lineage", "find_lr_cli", "finetune_cli", "denoise_cli", "challenge_cli", "sweep"),
        *("sweep_cli", "sweep_local", "sweep_ray", "sweep_cost", "shipped", "shipping"),
        *("rebuilding", "terminal"),
    )
)
BODY = (*DRAWN, "plantedu.data", "plantedu.models", "plantedu.training")
MAY_IMPORT = {  # the longest prefix of a module's name decides
    "plantedu": (),
    **dict.fromkeys(GROUND, GROUND),
    "plantedu.drawing": GROUND,
    "plantedu.tables": (*GROUND, *RECORDS),
    "plantedu.neighbours": GROUND,
    "plantedu.similarity": (*GROUND, "plantedu.similarity", "plantedu.data.evaluation_set"),
    "plantedu.spectrum": (*GROUND, "plantedu.spectrum"),
    "plantedu.neurons": (*GROUND, "plantedu.neurons"),
    "plantedu.clinic": (*DRAWN, "plantedu.clinic"),
    "plantedu.changepoints": (*GROUND, "plantedu.changepoints"),
    "plantedu.charts": (
        *(*DRAWN, *RECORDS, "plantedu.charts", "plantedu.tables", "plantedu.changepoints"),
        *("plantedu.attacks.names", "plantedu.attribution.names"),
    ),
    "plantedu.data": (*GROUND, "plantedu.data"),
    "plantedu.models": (*GROUND, "plantedu.data", "plantedu.models"),
    "plantedu.training": (
        *(*GROUND, "plantedu.data", "plantedu.models", "plantedu.training"),
        *("plantedu.similarity", "plantedu.neurons"),
        "plantedu.runs.checkpoints",
    ),
    "plantedu.attacks": (
        *(*GROUND, "plantedu.data", "plantedu.models", "plantedu.training", "plantedu.attacks"),
        "plantedu.runs.checkpoints",
    ),
    "plantedu.attribution": (
        *(*GROUND, "plantedu.data", "plantedu.models", "plantedu.training", "plantedu.attacks"),
        *("plantedu.attribution", "plantedu.runs.checkpoints"),
    ),
    "plantedu.trials": (
        *(*GROUND, "plantedu.data", "plantedu.models", "plantedu.training", "plantedu.trials"),
        *("plantedu.attacks", "plantedu.changepoints", "plantedu.similarity", "plantedu.spectrum"),
        *("plantedu.attribution", "plantedu.neurons"),
    ),
    "plantedu.report": (
        *(*DRAWN, "plantedu.charts", "plantedu.course", "plantedu.runs", "plantedu.report"),
    ),
    "plantedu.serving": ("plantedu.errors", "plantedu.runs.home", "plantedu.serving"),
    "plantedu.integrations": (
        *(*GROUND, "plantedu.models", "plantedu.training", "plantedu.integrations"),
    ),
    "plantedu.runs": ("plantedu.errors", "plantedu.outputs", "plantedu.runs"),
    **dict.fromkeys(DOING, (*BODY, "plantedu.runs", "plantedu.analysis")),
    "plantedu.analysis": (
        *(*BODY, "plantedu.charts", "plantedu.neighbours", "plantedu.similarity", *RECORDS),
        *("plantedu.clinic", "plantedu.changepoints", "plantedu.spectrum", "plantedu.attacks"),
        "plantedu.attribution",
        "plantedu.trials",
        "plantedu.neurons",
    ),
    "plantedu.analysis.own_curve": (  # `bump` for a page: the server parses no file of a learner
        *(*DRAWN, *RECORDS, "plantedu.charts", "plantedu.changepoints", "plantedu.analysis.bump"),
    ),
    "plantedu.course": (
        *(*DRAWN, *RECORDS, "plantedu.course", "plantedu.clinic", "plantedu.changepoints"),
    ),
    "plantedu.__main__": ("plantedu",),
    "app": ("plantedu", "app"),
    "benchmarks": ("plantedu", "app", "benchmarks"),
}
TORCH = ("torch", "torchvision", "timm", "captum", "diffusers", "lightly", "safetensors.torch")
STARTS_WITHOUT_TORCH = (
    *("app", "plantedu.course", "plantedu.clinic", "plantedu.changepoints", "plantedu.data.cli"),
    *("plantedu.runs.store", "plantedu.runs.replay", "plantedu.runs.launch", "plantedu.serving"),
)
SAFE = {"allow_pickle": "False", "weights_only": "True"}
UNSAFE = ("pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal")


def modules(root: Path) -> dict[str, Path]:
    """Every module of the package, the app and the benchmarks, by its dotted name."""
    found = {}
    for top in ("plantedu", "app", "benchmarks"):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts)] = path
    return found


def at_start(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when a module is imported: no function bodies, no TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        checking = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if not checking and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from at_start(node)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(name: str, known: dict[str, Path], *, start_only: bool = False) -> set[str]:
    """What a module imports: dotted names, down to the module where it is one of ours."""
    tree = tree_of(known[name])
    package = name.rpartition(".")[0]
    found = set()
    for node in at_start(tree) if start_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {file_of(alias.name, alias.name, known) for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            start = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            found |= {file_of(f"{start}.{alias.name}", str(start), known) for alias in node.names}
    return found


def file_of(name: str, start: str, known: dict[str, Path]) -> str:
    """The module that `from start import ...` of `name` loads: the name itself, or its start."""
    places = (name, f"{name}.__init__", start, f"{start}.__init__")
    return next((p for p in places if p in known or p in TORCH), start)


def is_within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def wrong_arrows(root: Path) -> list[str]:
    """Imports that point the wrong way."""
    known = modules(root)
    wrong = []
    for name in known:
        rule = max((p for p in MAY_IMPORT if is_within(name, p)), key=len, default="plantedu")
        for other in sorted(imports(name, known)):
            ours = other.split(".")[0] in {"plantedu", "app", "benchmarks"}
            allowed = ("plantedu.__init__", *MAY_IMPORT[rule])
            if ours and not any(is_within(other, prefix) for prefix in allowed):
                wrong.append(f"{name} imports {other}")
    return wrong


def streamlit_below_app(root: Path) -> list[str]:
    known = modules(root)
    above = ("app", "benchmarks")  # a benchmark of the server speaks its protocol
    below = [name for name in known if not any(is_within(name, top) for top in above)]
    return [name for name in below for o in imports(name, known) if is_within(o, "streamlit")]


def torch_in_views(root: Path) -> list[str]:
    """Views that name torch or what stands on it, even inside a function."""
    known = modules(root)
    views = [name for name in known if is_within(name, "app.views")]
    return [n for n in views for o in imports(n, known) if any(is_within(o, t) for t in TORCH)]


def slow_starts(root: Path) -> list[str]:
    """Modules that should start fast, and the chain by which they load torch."""
    known = modules(root)
    light = [n for n in known if any(is_within(n, prefix) for prefix in STARTS_WITHOUT_TORCH)]
    return [" -> ".join(chain) for name in light if (chain := way_to_torch([name], known))]


def way_to_torch(chain: list[str], known: dict[str, Path]) -> list[str]:
    """The first chain of imports from the last module of `chain` to torch; [] for none."""
    seen, open_ends = set(chain), [chain]
    while open_ends:
        here = open_ends.pop(0)
        above = here[-1].split(".")[:-1]
        packages = {".".join([*above[:k], "__init__"]) for k in range(1, len(above) + 1)}
        for other in sorted(imports(here[-1], known, start_only=True) | packages):
            if any(is_within(other, name) for name in TORCH):
                return [*here, other]
            if other in known and other not in seen:
                seen.add(other)
                open_ends.append([*here, other])
    return []


def unsafe_loading(root: Path) -> list[str]:
    """Places that could run code from a file: pickles, torch.load, numpy with pickles."""
    known = modules(root)
    wrong = []
    for name, path in known.items():
        wrong += [f"{name}: {o}" for o in imports(name, known) if o.split(".")[0] in UNSAFE]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and node.attr == "load":
                wrong += [f"{name}: torch.load"] if ast.unparse(node.value) == "torch" else []
            if isinstance(node, ast.keyword) and node.arg in SAFE:
                wrong += (
                    [f"{name}: {node.arg}"] if ast.unparse(node.value) != SAFE[node.arg] else []
                )
    return wrong


RULES = (wrong_arrows, streamlit_below_app, torch_in_views, slow_starts, unsafe_loading)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_this_house(rule):
    assert rule(ROOT) == []


def planted(root: Path, **files: str) -> Path:
    """A small tree; double underscores in a name are folders."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_this_house_is_not_empty():
    known = modules(ROOT)
    assert len(known) > 40
    assert "plantedu.data.folder" in known
    assert "plantedu.data.layout" in imports("plantedu.data.folder", known)


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("plantedu__data__crops", "from plantedu.models import swav", "plantedu.models.swav"),
        ("plantedu__data__crops", "from ..models.swav import SwAV", "plantedu.models.swav"),
        ("plantedu__data__crops", "def f():\n    import plantedu.training.fit", "training.fit"),
        ("plantedu__models__swav", "from plantedu.training.fit import fit", "training.fit"),
        ("plantedu__training__fit", "from plantedu.runs.store import Store", "runs.store"),
        ("plantedu__training__fit", "import plantedu.analysis.sight", "analysis.sight"),
        ("plantedu__analysis__pipe", "from plantedu.analysis.sight import x", "analysis.sight"),
        ("plantedu__runs__store", "from plantedu.training import fit", "plantedu.training"),
        ("plantedu__runs__launch", "from plantedu.analysis import sight", "plantedu.analysis"),
        ("plantedu__course__lessons", "from plantedu.data.pairs import render", "data.pairs"),
        ("plantedu__errors", "from plantedu.data.pairs import render", "data.pairs"),
        ("plantedu__new", "from plantedu.errors import require", "plantedu.errors"),
        ("plantedu__data__crops", "import app.frame", "app.frame"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path, module, text, said):
    root = planted(tmp_path, **{"plantedu__models__swav": "", module: text})
    (wrong,) = wrong_arrows(root)
    assert wrong.startswith(module.replace("__", "."))
    assert said in wrong


def test_right_arrows_are_not_found(tmp_path):
    root = planted(
        tmp_path,
        plantedu__data__crops="import torch\nfrom plantedu.errors import require",
        plantedu__runs__worker="from plantedu.analysis import sight",
        plantedu__training__fit="from plantedu.models.swav import SwAV",
        app__views__01_pairs="from plantedu.analysis.sight import sight\nimport streamlit",
    )
    assert wrong_arrows(root) == streamlit_below_app(root) == torch_in_views(root) == []


def test_streamlit_below_the_app_and_torch_in_a_view_are_found(tmp_path):
    root = planted(
        tmp_path,
        plantedu__charts__run="def f():\n    from streamlit.runtime import x",
        app__views__01_pairs="def f():\n    import torch.cuda",
        app__views__02_training="from timm import create_model",
    )
    assert streamlit_below_app(root) == ["plantedu.charts.run"]
    assert torch_in_views(root) == ["app.views.01_pairs", "app.views.02_training"]


def test_a_slow_start_is_found_through_others(tmp_path):
    root = planted(
        tmp_path,
        plantedu__runs__store="from plantedu.runs import checkpoints",
        plantedu__runs__checkpoints="from safetensors.torch import load_file",
        plantedu__course__lessons="def later():\n    import torch",
        plantedu__course__checks="if TYPE_CHECKING:\n    import torch",
    )
    chain = "plantedu.runs.store -> plantedu.runs.checkpoints -> safetensors.torch"
    assert slow_starts(root) == [chain]


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "def f():\n    from joblib import load",
        "import torch\ntorch.load('x')",
        "load(x, weights_only=False)",
        "numpy.load(x, allow_pickle=True)",
    ],
)
def test_unsafe_loading_is_found(tmp_path, text):
    assert len(unsafe_loading(planted(tmp_path, plantedu__data__x=text))) == 1
    safe = planted(
        tmp_path, plantedu__data__x="x = json.load(f)\nnumpy.load(f, allow_pickle=False)"
    )
    tree_of.cache_clear()
    assert unsafe_loading(safe) == []
