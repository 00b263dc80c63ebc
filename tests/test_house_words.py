"""Identifiers say what the field says: private words that are gone do not come back.

A part of a name counts, `told_by` and `ToldBy` as well as `told`; names of tests are sentences and
are left alone. In `FORMER` stands where an old name is read, or written, because files have it.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.test_house import ROOT, tree_of

INSTEAD = {
    "told": "condition, response, printed, plain, summary: whichever it is",
    "untold": "unconditional, left out",
    "dealt": "assigned, shuffled, at random",
    "easel": "sampler",
    "studio": "session",
    "herd": "reference set",
    "strangeness": "kNN novelty",
    "teller": "condition, encoder",
    "lineup": "model zoo",
    "likeness": "similarity, rank correlation",
    "traps": "failure modes",
    "rivals": "encoder comparison, others",
    "crossing": "event report",
    "witness": "training logger",
    "portrait": "checkpoint summary, unit report",
    "grounding": "sensitivity",
    "correctly": "correctly",
    "cued": "cue network, shortcut",
    "decoyed": "with a shortcut",
}
FORMER = {  # names that weights, results and learners' own files hold
    "plantedu/models/denoiser.py": {"told", "untold"},
    "plantedu/models/denoiser_body.py": {"told", "untold"},
    "plantedu/exercises/lesson_09.py": {"randomised_likeness"},
    "tests/exercises/test_lesson_09.py": {"randomised_likeness"},
}
TOPS = ("plantedu", "app", "experiments", "benchmarks", "tests")
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
ONE_CLASS = ("Reading", "Asked", "Seen", "Told", "Member", "Row", "Verdict")


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Names, parameters, attributes, keywords, functions and classes of a file; no tests' names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield "" if node.name.startswith("test_") else node.name


def with_text(root: Path, words: Iterable[str]) -> Iterator[Path]:
    """Files in which one of some words stands, anywhere: only these are parsed."""
    some = re.compile("|".join(words), re.IGNORECASE | re.MULTILINE)
    for top in TOPS:
        for path in sorted((root / top).rglob("*.py")):
            if some.search(path.read_text(encoding="utf-8")):
                yield path


def private_words(root: Path) -> list[str]:
    """Identifiers with a word that is gone, and what to write instead."""
    found = []
    for path in with_text(root, INSTEAD):
        name = path.relative_to(root).as_posix()
        for word in sorted(set(identifiers(tree_of(path))) - FORMER.get(name, set())):
            gone = {part.lower() for part in PART.findall(word)} & set(INSTEAD)
            found += [f"{name}: {word}; write {INSTEAD[one]}" for one in sorted(gone)]
    return found


def shared_names(root: Path) -> list[str]:
    """Classes of a name that meant several things, where more than one has it."""
    places: dict[str, list[str]] = {}
    for path in with_text(root, [rf"^class {name}\b" for name in ONE_CLASS]):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name in ONE_CLASS:
                places.setdefault(node.name, []).append(path.relative_to(root).as_posix())
    return [f"{name}: {', '.join(where)}" for name, where in places.items() if len(where) > 1]


@pytest.mark.parametrize("rule", [private_words, shared_names], ids=lambda rule: rule.__name__)
def test_this_house(rule):
    assert rule(ROOT) == []


def test_a_word_that_is_gone_is_found_in_every_kind_of_name(tmp_path):
    (tmp_path / "plantedu").mkdir()
    lines = ["class ToldBy: ...", "def easel_of(herd): ...", "x.dealt = f(rivals=1)"]
    lines += ["def test_what_is_told(): ...", "from a import b as witness", "tolde = retold = 0"]
    (tmp_path / "plantedu" / "a.py").write_text("\n".join(lines))
    found = private_words(tmp_path)
    names = ["ToldBy", "dealt", "easel_of", "herd", "rivals", "witness"]
    assert [one.split(": ")[1].split(";")[0] for one in found] == names
    assert all("; write " in one for one in found)


def test_a_name_of_two_classes_is_found(tmp_path):
    (tmp_path / "plantedu").mkdir()
    for name in "ab":
        (tmp_path / "plantedu" / f"{name}.py").write_text("class Row: ...\nclass Other: ...")
    assert shared_names(tmp_path) == ["Row: plantedu/a.py, plantedu/b.py"]
