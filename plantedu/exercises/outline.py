"""Titles, stubs and solutions, read from the source of a lesson's file without running it.

Pages, `exercise start` and notebooks need words only; importing a lesson's file would load torch.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.exercises.exercise import stub_of
from plantedu.exercises.table import HERE, lesson_numbers


@dataclass(frozen=True)
class Outline:
    """The words of an exercise. `about` is the first line of its docstring."""

    key: str
    title: str
    name: str
    about: str
    stub: str
    solution: str

    @property
    def file_name(self) -> str:
        """What a learner's file is called: 02_5_sinkhorn.py."""
        return f"{self.key.replace('.', '_')}_{self.name}.py"


def outlines(number: str) -> tuple[Outline, ...]:
    """The exercises of a lesson ("02"), in their order; none for a lesson without."""
    path = HERE / f"lesson_{number}.py"
    return _read(path, path.stat().st_mtime_ns) if number in lesson_numbers() else ()


def outline(key: str) -> Outline:
    """The words of one exercise.

    Raises:
        PlantEduError: if there is none of this key; names those that there are.
    """
    number = key.partition(".")[0]
    if re.fullmatch(r"\d\d\.\d{1,2}", key):
        found = next((one for one in outlines(number) if one.key == key), None)
        if found is not None:
            return found
    keys = [one.key for n in lesson_numbers() for one in outlines(n) if n == number]
    there = f"lesson {number} has {', '.join(keys)}" if keys else "a key looks like 02.5"
    raise PlantEduError(
        f"No exercise in code is called {key!r}; {there}. `python -m plantedu exercise list` lists "
        "all, `python -m plantedu check list` those with an answer."
    )


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> tuple[Outline, ...]:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Exercise":
            given = {str(one.arg): one.value for one in node.keywords}
            name = ast.unparse(given["reference"])
            require(name in functions, f"{path.name} has no function {name} at its top level.")
            function = functions[name]
            found.append(
                Outline(
                    key=ast.literal_eval(given["key"]),
                    title=ast.literal_eval(given["title"]),
                    name=name,
                    about=(ast.get_docstring(function) or "").partition("\n")[0],
                    stub=stub_of(source, name),
                    solution=ast.get_source_segment(source, function) or "",
                )
            )
    return tuple(found)
