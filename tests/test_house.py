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

ROOMS = (  # left never imports right
    *("ground", "statistics", "data", "models", "training", "store", "zoo", "charts", "topics"),
    *("own", "publishing", "jobs", "sweeps", "course", "exercises", "serving", "commands", "app"),
    *("experiments", "benchmarks"),
)
OF_ALL = ("report_card", "method", "methods")  # the card grades all; the rest is shared
LENDS = {("neurons", "generation")}  # a feature of a dictionary is seen in a drawn picture
TORCH = ("torch", "torchvision", "timm", "captum", "diffusers", "lightly", "safetensors.torch")
STARTS_WITHOUT_TORCH = (
    *("app", "plantedu.course", "plantedu.topics.bump.clinic", "plantedu.topics.bump.changepoints"),
    *("plantedu.topics.methods", "plantedu.commands.pairs", "plantedu.store.store"),
    *("plantedu.jobs.replay", "plantedu.jobs.launch", "plantedu.serving", "plantedu.zoo.recipes"),
)
TOPS = ("plantedu", "app", "experiments", "benchmarks")
SAFE = {"allow_pickle": "False", "weights_only": "True"}
UNSAFE = ("pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal")


def modules(root: Path) -> dict[str, Path]:
    """Every module of the package, the app and the benchmarks, by its dotted name."""
    found = {}
    for top in TOPS:
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


@cache
def written_imports(path: Path, start_only: bool) -> tuple[tuple[int, str, str], ...]:
    """Imports as a file writes them: dots in front, start, and name; "" for a plain `import`."""
    tree = tree_of(path)
    found: list[tuple[int, str, str]] = []
    for node in at_start(tree) if start_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, "") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", alias.name) for alias in node.names]
    return tuple(dict.fromkeys(found))


def imports(name: str, known: dict[str, Path], *, start_only: bool = False) -> set[str]:
    """What a module imports: dotted names, down to the module where it is one of ours."""
    package = name.rpartition(".")[0]
    found = set()
    for level, start, one in written_imports(known[name], start_only):
        above = package.split(".")[: len(package.split(".")) + 1 - level] if level else []
        whole = ".".join([*above, start]).strip(".")
        found.add(file_of(f"{whole}.{one}" if one else whole, whole, known))
    return found


def file_of(name: str, start: str, known: dict[str, Path]) -> str:
    """The module that `from start import ...` of `name` loads: the name itself, or its start."""
    places = (name, f"{name}.__init__", start, f"{start}.__init__")
    return next((p for p in places if p in known or p in TORCH), start)


def is_within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def room(name: str) -> str:
    """The room of a module: its folder, `ground` for files of the package's own folder."""
    top, *inside = name.removesuffix(".__init__").split(".")
    if top != "plantedu":
        return top
    if inside in ([], ["__main__"]):
        return "ground" if not inside else "commands"
    return inside[0] if inside[0] in ROOMS else "ground"


def topic(name: str) -> str:
    """The topic that a module belongs to; "" for one of another room."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["plantedu", "topics"] and len(parts) > 2 else ""


def wrong_arrows(root: Path) -> list[str]:
    """Imports that point to a later room, or from one topic to another."""
    known = modules(root)
    wrong = []
    for name in known:
        for other in sorted(imports(name, known)):
            if other.split(".")[0] not in TOPS:
                continue
            here, there = topic(name), topic(other)
            apart = here != there and there and here not in ("", *OF_ALL) and there not in OF_ALL
            if ROOMS.index(room(other)) > ROOMS.index(room(name)) or (
                apart and (here, there) not in LENDS
            ):
                wrong.append(f"{name} imports {other}")
    return wrong


def circles(root: Path) -> list[str]:
    """Modules that load each other when they start."""
    known = modules(root)
    loads = {name: imports(name, known, start_only=True) & set(known) for name in known}
    left = dict(loads)
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    while ends := [n for n in left if not any(n in others for others in left.values())]:
        for name in ends:  # it only leads to a circle
            del left[name]
    return sorted(left)


def streamlit_below_app(root: Path) -> list[str]:
    known = modules(root)
    above = ("app", "benchmarks", "experiments")  # a benchmark of the server speaks its protocol
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
        bare = loads_without_word(tree_of(path))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and node.attr == "load":
                wrong += [f"{name}: torch.load"] * (node in bare)
            if isinstance(node, ast.keyword) and node.arg in SAFE:
                wrong += (
                    [f"{name}: {node.arg}"] if ast.unparse(node.value) != SAFE[node.arg] else []
                )
    return wrong


def loads_without_word(tree: ast.AST) -> set[ast.AST]:
    """`torch.load` wherever it is not called with weights_only, whose value is checked above."""
    allowed = {
        node.func
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(k.arg == "weights_only" for k in node.keywords)
    }
    loads = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "load"]
    return {n for n in loads if ast.unparse(n) == "torch.load" and n not in allowed}


RULES = (wrong_arrows, circles, streamlit_below_app, torch_in_views, slow_starts, unsafe_loading)


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
    assert "plantedu.data.challenge.folder" in known
    assert "plantedu.data.challenge.layout" in imports("plantedu.data.challenge.folder", known)


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("plantedu__data__crops", "from plantedu.models import swav", "plantedu.models.swav"),
        ("plantedu__data__crops", "from ..models.swav import SwAV", "plantedu.models.swav"),
        ("plantedu__data__crops", "def f():\n    import plantedu.training.fit", "training.fit"),
        ("plantedu__training__fit", "from plantedu.store.store import Store", "store.store"),
        ("plantedu__zoo__hooks", "from plantedu.topics.pairs.channels import x", "pairs.channels"),
        (
            "plantedu__topics__bump__fork",
            "from plantedu.topics.pairs.channels import x",
            "pairs.channels",
        ),
        ("plantedu__jobs__jobs", "from plantedu.commands.train import main", "commands.train"),
        ("plantedu__errors", "from plantedu.statistics.cka import cka", "statistics.cka"),
        ("plantedu__charts__chart", "import app.page", "app.page"),
        ("app__page", "import experiments.bump", "experiments.bump"),
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
        plantedu__jobs__worker="from plantedu.topics.pairs import channels",
        plantedu__topics__report_card__x="from plantedu.topics.pairs import channels",
        plantedu__topics__neurons__steer="from plantedu.topics.generation import session",
        app__views__01_pairs="from plantedu.topics.pairs import channels\nimport streamlit",
    )
    assert wrong_arrows(root) == streamlit_below_app(root) == torch_in_views(root) == []


def test_a_circle_is_found_and_not_who_leads_to_it(tmp_path):
    root = planted(
        tmp_path,
        plantedu__a="import plantedu.b",
        plantedu__b="import plantedu.c\nimport plantedu.d",
        plantedu__c="from plantedu.b import x",
        plantedu__d="def f():\n    import plantedu.a",
    )
    assert circles(root) == ["plantedu.b", "plantedu.c"]


def test_streamlit_below_the_app_and_torch_in_a_view_are_found(tmp_path):
    root = planted(
        tmp_path,
        plantedu__charts__chart="def f():\n    from streamlit.runtime import x",
        app__views__01_pairs="def f():\n    import torch.cuda",
        app__views__02_training="from timm import create_model",
    )
    assert streamlit_below_app(root) == ["plantedu.charts.chart"]
    assert torch_in_views(root) == ["app.views.01_pairs", "app.views.02_training"]


def test_a_slow_start_is_found_through_others(tmp_path):
    root = planted(
        tmp_path,
        plantedu__store__store="from plantedu.training import checkpoints",
        plantedu__training__checkpoints="from safetensors.torch import load_file",
        plantedu__course__lessons="def later():\n    import torch",
        plantedu__course__checks="if TYPE_CHECKING:\n    import torch",
    )
    chain = "plantedu.store.store -> plantedu.training.checkpoints -> safetensors.torch"
    assert slow_starts(root) == [chain]


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "def f():\n    from joblib import load",
        "import torch\ntorch.load('x')",
        "import torch\nread = torch.load",
        "import torch\ntorch.load('x', weights_only=False)",
        "load(x, weights_only=False)",
        "numpy.load(x, allow_pickle=True)",
    ],
)
def test_unsafe_loading_is_found(tmp_path, text):
    assert len(unsafe_loading(planted(tmp_path, plantedu__data__x=text))) == 1
    safe = planted(
        tmp_path,
        plantedu__data__x="x = json.load(f)\nnumpy.load(f, allow_pickle=False)\n"
        "torch.load(f, weights_only=True)",
    )
    tree_of.cache_clear()
    written_imports.cache_clear()
    assert unsafe_loading(safe) == []
