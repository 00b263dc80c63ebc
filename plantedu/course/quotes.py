"""What a lesson quotes: live code and committed numbers, and whether they still agree.

```python plantedu/models/sinkhorn.py:sinkhorn     a fence that names file and function
.96 <!-- value: results/02_training.json#/disease/value -->     a number and where it is from
"""

import ast
import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from plantedu.course.lessons import Lesson
from plantedu.errors import PlantEduError, require

FENCE = re.compile(r"^```python (\S+\.py):([\w.]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
VALUE = re.compile(
    r"(?P<shown>[-−]?[\d,]*\.?\d+)\s*(?P<percent>%)?\s*<!--\s*value:\s*(?P<file>[^#\s]+)#(?P<at>\S+)\s*-->"
)
COMMENT = re.compile(r"[ \t]*<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Quote:
    """Code in a lesson, and the name in the package that it quotes."""

    file: str
    name: str
    code: str


@dataclass(frozen=True)
class Number:
    """A number in a lesson, and the place in a results file that it repeats."""

    shown: str
    percent: bool
    file: str
    at: str


def quotes(markdown: str) -> list[Quote]:
    """All quoted code."""
    return [Quote(*found) for found in FENCE.findall(markdown)]


def numbers(markdown: str) -> list[Number]:
    """All numbers that name their source."""
    return [
        Number(m["shown"], m["percent"] is not None, m["file"], m["at"])
        for m in VALUE.finditer(markdown)
    ]


def without_comments(markdown: str) -> str:
    """The text as a reader sees it: marks that only tests read are left out."""
    return COMMENT.sub("", markdown)


def live_source(root: Path, file: str, name: str) -> tuple[str, str]:
    """Source of a function or class, as it is and without its docstring.

    Raises:
        PlantEduError: if the file or the name is not there.
    """
    try:
        text = (Path(root) / file).read_text(encoding="utf-8")
    except OSError as error:
        raise PlantEduError(f"A lesson quotes {file}, which is not there.") from error
    node = _find(ast.parse(text), name.split("."), f"{file}:{name}")
    lines = text.splitlines()
    first = min([node.lineno, *(item.lineno for item in node.decorator_list)]) - 1
    whole = "\n".join(lines[first : node.end_lineno])
    doc = node.body[0]
    if ast.get_docstring(node) is None:
        return textwrap.dedent(whole), textwrap.dedent(whole)
    bare = [*lines[first : doc.lineno - 1], *lines[doc.end_lineno : node.end_lineno]]
    return textwrap.dedent(whole), textwrap.dedent("\n".join(bare))


def _find(
    tree: ast.Module, words: Sequence[str], quoted: str
) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef:
    node: ast.AST = tree
    for word in words:
        inside = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and child.name == word
        ]
        require(bool(inside), f"A lesson quotes {quoted}, but there is no {word} in it.")
        node = inside[0]
    return node  # type: ignore[return-value]


def committed_value(folder: Path, file: str, at: str) -> float:
    """The number at a JSON pointer, /a/b/0 (a space is %20), of a results file.

    Raises:
        PlantEduError: if there is no such file, place or number.
    """
    try:
        found = json.loads((Path(folder) / file).read_text(encoding="utf-8"))
        for word in map(unquote, at.strip("/").split("/")):
            found = found[int(word)] if isinstance(found, list) else found[word]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise PlantEduError(f"No number at {file}#{at} ({error}).") from error
    require(
        isinstance(found, int | float) and not isinstance(found, bool),
        f"{file}#{at} holds {found!r}, which is no number.",
    )
    return float(found)


def rounds_to(shown: str, value: float, *, percent: bool = False) -> bool:
    """Whether `value`, rounded to the digits shown, reads as `shown`."""
    digits = len(shown.partition(".")[2])
    number = float(shown.replace("−", "-").replace(",", ""))
    return abs(number - value * (100 if percent else 1)) <= 0.5000001 * 10.0**-digits


def disagreements(lesson: Lesson, root: Path) -> list[str]:
    """What a lesson quotes that is no longer so, one sentence each; empty when all agrees.

    Args:
        lesson: The lesson.
        root: The folder that holds `lessons/` and the package.
    """
    folder = Path(root) / "lessons"
    found = [
        f"{lesson.stem}: the figure {figure.path} is not there."
        for figure in lesson.figures
        if not (folder / figure.path).is_file()
    ]
    for markdown in all_text(lesson):
        found += [_code_differs(quote, root) for quote in quotes(markdown)]
        found += [_number_differs(number, folder) for number in numbers(markdown)]
    return [f"{lesson.stem}: {sentence}" for sentence in found if sentence]


def all_text(lesson: Lesson) -> list[str]:
    """Every piece of markdown, the folded ones too."""
    exercises = [part for e in lesson.exercises for part in (e.text, e.hint, e.solution)]
    explained = [text for p in lesson.predictions for text in p.explanations.values()]
    captions = [figure.caption for figure in lesson.figures]
    return [*lesson.texts, *lesson.folded, *exercises, *explained, *captions]


def _code_differs(quote: Quote, root: Path) -> str:
    code = quote.code.rstrip()
    if code in (source.rstrip() for source in live_source(root, quote.file, quote.name)):
        return ""
    return f"the code of {quote.file}:{quote.name} differs from the lesson; paste it again."


def _number_differs(number: Number, folder: Path) -> str:
    value = committed_value(folder, number.file, number.at)
    if rounds_to(number.shown, value, percent=number.percent):
        return ""
    return f"the text says {number.shown}, but {number.file}#{number.at} is {value:g}."
