"""What belongs together is there: lessons and pages, methods and sources, modules and tests, cards.

Each rule is a function of a root folder that lists what breaks it. It is run on this repository,
and on small trees with the mistake planted in them, so that no rule passes for being blind.
"""

import ast
import inspect
import re
import subprocess
from pathlib import Path

import pytest

from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import disagreements
from plantedu.errors import PlantEduError
from plantedu.store.cards import card_path, verify_card, write_card
from tests.test_house import tree_of

ROOT = Path(__file__).parents[1]

OF_OTHERS = {  # modules whose public functions take or give what has no type of ours
    "a learner's answer": ("exercises.comparing",),
    "plain JSON": ("course.result_pointers", "serialization", "training.distributed"),
    "a class by its name": ("own.elp", "sweeps.grid", "sweeps.ray_engine", "own.grade"),
    "fastai, Lightning, autograd, diffusers, tqdm": (
        *("own.elp_fastai", "own.elp_lightning", "training.lightning", "models.sync_batchnorm"),
        *("topics.generation.sampling", "commands.terminal"),
    ),
    "a batch of whatever the objective takes": (
        *("topics.bump.interventions", "topics.bump.training_logger"),
    ),
}
VAGUE = ("utils", "util", "common", "misc", "base", "core", "manager", "handler", "helpers")
KEY = re.compile(r"\[([a-z]+\d{4}[a-z]?)\]")
HEADING = re.compile(r"^ +(Args|Attributes|Raises|Returns):$", re.MULTILINE)
FOREIGN = re.compile(
    r"(?<![\w.~-])/(root|work|Users/\w+|home/(?!user\b)\w+)/"
    r"|[A-Z]:\\Users\\|\.\./shared|pypi\.org|pythonhosted\.org|registry\.npmjs"
    r"|download\.pytorch\.org|--(extra-)?index[-]url|--find[-]links"
)


def modules(root: Path) -> list[Path]:
    """Every Python file of the package, the app and the benchmarks."""
    tops = ("plantedu", "app", "experiments", "benchmarks")
    return sorted(path for top in tops for path in (root / top).rglob("*.py"))


def unpaired_pages(root: Path) -> list[str]:
    """Lessons without their page and pages without their lesson; 00 is the home page."""
    lessons = {path.stem for path in (root / "lessons").glob("[0-9][0-9]_*.md")}
    pages = {p.stem for p in (root / "app" / "views").glob("*.py")} - {"__init__"}
    return sorted(lessons ^ {page for page in pages if not page.startswith("00_")})


def uncited_methods(root: Path) -> list[str]:
    """Methods whose docstring names no known source, or no lesson that is there."""
    keys = set(bibliography(root))
    wrong = []
    for path in sorted((root / "plantedu" / "topics").glob("*/*.py")):
        tree = tree_of(path)
        if any(named(node) in ("main", "METHOD") for node in tree.body):
            doc = ast.get_docstring(tree) or ""
            lesson = re.search(r"Lesson: (\d\d_\w+)", doc)
            if not keys & set(KEY.findall(doc)):
                wrong.append(f"{path.stem} names no source of references.bib")
            if not lesson or not (root / "lessons" / f"{lesson[1]}.md").is_file():
                wrong.append(f"{path.stem} names no lesson that is there")
    return wrong


def untyped(root: Path) -> list[str]:
    """Public functions of the package that take or give Any by itself, where a type is known."""
    allowed = {name.rpartition(".")[2] for names in OF_OTHERS.values() for name in names}
    wrong = []
    for path in sorted((root / "plantedu").rglob("*.py")):
        body = tree_of(path).body
        inside = [one for node in body if isinstance(node, ast.ClassDef) for one in node.body]
        for node in (*body, *inside):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                hints = [*(one.annotation for one in given), node.returns]
                bare = any(isinstance(one, ast.Name) and one.id == "Any" for one in hints)
                if bare and path.stem not in allowed:
                    wrong.append(f"{path.stem}.{node.name} has a bare Any")
    return wrong


def crooked(root: Path) -> list[str]:
    """Docstrings in which a heading such as Args does not stand where the text does.

    Whoever draws documentation from them would take the rest for a quotation.
    """
    wrong = []
    for path in modules(root):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                raw = ast.get_docstring(node, clean=False) or ""
                if HEADING.search(raw) and HEADING.search(inspect.cleandoc(raw)):
                    wrong.append(f"{path.stem}.{node.name} has a crooked docstring")
    return wrong


def named(node: ast.stmt) -> str:
    """What a statement of a module defines; "" for none."""
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return node.name if isinstance(node, ast.FunctionDef) else ""


def bibliography(root: Path) -> list[str]:
    text = (root / "lessons" / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{(\w+),", text, re.MULTILINE)


def unknown_sources(root: Path) -> list[str]:
    """Keys in square brackets, in code or lessons, that references.bib does not have."""
    keys = set(bibliography(root))
    files = [*modules(root), *sorted((root / "lessons").glob("*.md"))]
    return [
        f"{file.relative_to(root)}: {key}"
        for file in files
        for key in KEY.findall(file.read_text(encoding="utf-8"))
        if key not in keys
    ]


def untested_modules(root: Path) -> list[str]:
    """Modules of the package without the test file that mirrors them."""
    wrong = []
    for path in modules(root):
        inside = path.relative_to(root)
        if inside.parts[0] == "plantedu" and path.stem != "__init__":
            test = f"test_{path.stem.strip('_')}.py"
            if not root.joinpath("tests", *inside.parts[1:-1], test).is_file():
                wrong.append(str(inside))
    return wrong


def wrong_cards(root: Path) -> list[str]:
    """Shipped weights without a card, cards without a file, and cards about other bytes."""
    shipped = root / "checkpoints"
    files = set(shipped.rglob("*.safetensors"))
    files |= {c.with_name(c.name.removesuffix(".card.json")) for c in shipped.rglob("*.card.json")}
    wrong = []
    for file in sorted(files):
        try:
            verify_card(file)
        except PlantEduError as error:
            wrong.append(str(error))
    return wrong


def too_long(root: Path) -> list[str]:
    """Files past the size at which one looks for the second concept."""
    files = [*modules(root), *sorted((root / "tests").rglob("*.py"))]
    lengths = {p.relative_to(root): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    return [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > longest(path)]


def longest(path: Path) -> int:
    if path == Path("app/main.py"):
        return 50
    return 100 if path.parts[:2] == ("app", "views") else 350


def vague_names(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in modules(root) if path.stem in VAGUE]


def foreign_paths(root: Path) -> list[str]:
    """Committed text with a path of somebody's machine, or the host of a registry."""
    found = []
    for path in committed(root):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for k, line in enumerate(text.splitlines() if FOREIGN.search(text) else [], 1):
            if FOREIGN.search(line):
                found.append(f"{path.relative_to(root)}:{k}: {line.strip()[:80]}")
    return found


def committed(root: Path) -> list[Path]:
    """Files under version control, and those that would be added to it."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        listed = subprocess.run(words, cwd=root, capture_output=True, check=True).stdout
        return [root / name for name in listed.decode().split("\0") if name]
    hidden = re.compile(r"(^|/)\.(?!ci|streamlit)|__pycache__")
    files = (p for p in sorted(root.rglob("*")) if p.is_file())
    return [p for p in files if not hidden.search(p.relative_to(root).as_posix())]


RULES = (
    *(unpaired_pages, uncited_methods, unknown_sources, untested_modules, untyped),
    crooked,
    *(wrong_cards, too_long, vague_names, foreign_paths),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_this_house(rule):
    assert rule(ROOT) == []


@pytest.mark.parametrize("lesson", lessons_in(ROOT / "lessons"), ids=lambda lesson: lesson.stem)
def test_lessons_quote_what_is_there(lesson):
    assert disagreements(lesson, ROOT) == []


def planted(root: Path, files: dict[str, str]) -> Path:
    """A small tree with a bibliography of one entry."""
    for name, text in {"lessons/references.bib": "@misc{known2020,\n}\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_this_house_is_not_empty():
    assert len(modules(ROOT)) > 40
    assert len(bibliography(ROOT)) > 10
    assert len(committed(ROOT)) > 80


def test_lonely_lessons_and_pages_are_found(tmp_path):
    names = ["lessons/01_a.md", "lessons/02_b.md", "lessons/notation.md", "app/views/00_home.py"]
    names += ["app/views/02_b.py", "app/views/03_c.py", "app/views/extra.py"]
    root = planted(tmp_path, dict.fromkeys(names, ""))
    assert unpaired_pages(root) == ["01_a", "03_c", "extra"]


GOOD = '"""Does it?\n\nSource: A 2020 [known2020]. Lesson: 01_a.\n"""'
MAINS = ("\n\ndef main(argv): ...", "\n\nMETHOD = Method(Settings, _run, tell)")


@pytest.mark.parametrize("main", MAINS)
@pytest.mark.parametrize(
    ("doc", "said"),
    [
        (GOOD, []),
        (GOOD.replace("known", "other"), ["x names no source of references.bib"]),
        (GOOD.replace("01_a", "02_b"), ["x names no lesson that is there"]),
        (
            "import numpy",
            ["x names no source of references.bib", "x names no lesson that is there"],
        ),
    ],
)
def test_uncited_methods_are_found(tmp_path, doc, said, main):
    root = planted(tmp_path, {"plantedu/topics/a/x.py": doc + main, "lessons/01_a.md": ""})
    assert uncited_methods(root) == said


def test_a_bare_any_is_found(tmp_path):
    place = tmp_path / "plantedu" / "data" / "crops.py"
    place.parent.mkdir(parents=True)
    place.write_text("def cut(batch: Any) -> int: ...\ndef _cut(batch: Any): ...\n")
    assert untyped(tmp_path) == ["crops.cut has a bare Any"]


def test_a_crooked_docstring_is_found(tmp_path):
    text = '''def cut():\n    """Cut.\n\n        Args:\n    side: Pixels.\n    """\n'''
    root = planted(
        tmp_path, {"plantedu/a.py": text, "plantedu/b.py": text.replace("    Args", "Args")}
    )
    assert crooked(root) == ["a.cut has a crooked docstring"]


def test_unknown_sources_are_found_in_code_and_lessons(tmp_path):
    files = {"plantedu/x.py": "# [lost2019]", "lessons/01_a.md": "[known2020](references.bib)"}
    assert unknown_sources(planted(tmp_path, files)) == ["plantedu/x.py: lost2019"]


def test_untested_modules_are_found(tmp_path):
    names = ["plantedu/a.py", "plantedu/data/b.py", "plantedu/data/c.py", "plantedu/__main__.py"]
    names += ["tests/test_a.py", "tests/data/test_b.py", "tests/test_c.py", "plantedu/__init__.py"]
    found = untested_modules(planted(tmp_path, dict.fromkeys(names, "")))
    assert [Path(name).name for name in found] == ["__main__.py", "c.py"]


def test_wrong_cards_are_found(tmp_path):
    root = planted(tmp_path, {f"checkpoints/{name}.safetensors": name for name in "abcd"})
    paths = {name: root / "checkpoints" / f"{name}.safetensors" for name in "abcd"}
    for name in "abc":
        write_card(paths[name], command="python -m plantedu train", headlines={})
    assert card_path(paths["a"]).is_file()
    paths["b"].write_text("other bytes")
    paths["c"].unlink()
    said = wrong_cards(root)
    assert len(said) == 3
    assert "b.safetensors is not the file that its card describes" in said[0]
    assert "c.safetensors cannot be read" in said[1]
    assert "d.safetensors.card.json is missing" in said[2]


def test_long_files_and_vague_names_are_found(tmp_path):
    lengths = {"app/main.py": 51, "app/views/01_a.py": 101, "app/page.py": 350, "tests/x.py": 351}
    lengths["plantedu/utils.py"] = 5
    root = planted(tmp_path, {name: "#\n" * lines for name, lines in lengths.items()})
    assert [said.split(":")[0] for said in too_long(root)] == [
        str(Path(name)) for name in ("app/main.py", "app/views/01_a.py", "tests/x.py")
    ]
    assert vague_names(root) == [str(Path("plantedu/utils.py"))]


def test_foreign_paths_are_found(tmp_path):
    slash = "/"
    bad = [f"see {slash}root{slash}x", f"{slash}home{slash}anna{slash}x", "https://py" + "pi.org/x"]
    good = ["https://example.org/work/x", "/home/user/app", "a/work/b", "~/root/x"]
    root = planted(tmp_path, {"notes.md": "\n".join(bad + good), ".venv/x.md": bad[0]})
    assert [said.split(":")[1] for said in foreign_paths(root)] == ["1", "2", "3"]
