"""An exercise in code: what a learner writes, what is checked, and the usual wrong versions.

Keys continue the numbers of the lesson's exercises with answers: lesson 06 asks for four answers,
06.1 to 06.4, so its first exercise in code is 06.5 (lesson 03 and 07 ask for five answers, and
begin at .6). A test keeps them without a gap and without a collision.

A check is a function of the learner's function, in a file of its lesson:

    def masses_are_even(f: Callable) -> None:
        \"\"\"every prototype holds the same mass\"\"\"
        ...
        same(f(scores, 0.05), known, of="8 samples, 2 prototypes", mistakes={"rows": only_rows})

Its docstring is its name in the report. It says what is wrong with `same` or `expect` (module
`comparing`), in a sentence that holds what was got and what was expected, and names the mistake
where it can tell. A *mistake* is a wrong version that people do write. Its name and the sentence
that teaches stand in `Exercise.mistakes`; the wrong version itself stands in the tests
(`tests/exercises/test_lesson_NN.py`), where each must be caught, and called by its own name and by
no other.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plantedu.errors import require

Check = Callable[[Callable[..., Any]], None]
KINDS = ("wrong", "form", "exception", "time", "memory", "inputs", "seeds", "ended")


class Failed(AssertionError):  # noqa: N818
    """A check does not hold. Raised by checks, shown to learners.

    Attributes:
        sentence: What was got and what was expected.
        mistake: Name of the mistake that it looks like, "" where nobody can tell.
        kind: What failed: the value ("wrong"), its "form" (type, shape, dtype), an "exception" of
            the learner's code, "time", "memory", changed "inputs", changed "seeds", or a process
            that "ended".
    """

    def __init__(self, sentence: str, *, mistake: str = "", kind: str = "wrong") -> None:
        super().__init__(sentence)
        self.sentence, self.mistake, self.kind = sentence, mistake, kind


@dataclass(frozen=True)
class Exercise:
    """One function to write.

    Attributes:
        key: "02.5": lesson and number, see above.
        title: A few words, without a full stop.
        lesson: Stem of the lesson, "02_training".
        reference: A right version; its signature, annotations and docstring are the stub's. It
            uses numpy, torch and the standard library alone.
        checks: In the order in which they are run: the simplest world first.
        mistakes: Names of the wrong versions that the checks know, each with the sentence that
            teaches: what that version does, and what goes wrong by it. Three or more.
        seconds: Processor time that one check may take before it is stopped.
    """

    key: str
    title: str
    lesson: str
    reference: Callable[..., Any]
    checks: tuple[Check, ...]
    mistakes: Mapping[str, str]
    seconds: float = 10.0

    @property
    def name(self) -> str:
        """What the learner's function is called."""
        return self.reference.__name__

    @property
    def stub(self) -> str:
        """The file that a learner begins with: imports, signature, docstring, no body."""
        module = inspect.getmodule(self.reference)
        require(module is not None, f"The reference of {self.key} has no module.")
        return stub_of(inspect.getsource(module), self.name)  # type: ignore[arg-type]

    @property
    def solution(self) -> str:
        """The reference as it stands."""
        return textwrap.dedent(inspect.getsource(self.reference))


def check_name(check: Check) -> str:
    """How a check is called in a report: the first line of its docstring."""
    return (inspect.getdoc(check) or check.__name__).splitlines()[0]


def stub_of(source: str, name: str) -> str:
    """The stub of a function, read from the source of its module; nothing is imported.

    Args:
        source: The module.
        name: The function, at its top level.

    Raises:
        PlantEduError: if there is no such function, or it has no docstring.
    """
    tree = ast.parse(source)
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    require(bool(found), f"no function {name} in this module.")
    require(ast.get_docstring(found[0]) is not None, f"{name} has no docstring.")
    lines = source.splitlines()
    head = lines[found[0].lineno - 1 : found[0].body[0].end_lineno]
    body = [*head, f'    raise NotImplementedError("write {name}")', ""]
    return "\n".join([*_imports(tree, found[0]), "", "", *body])


def _imports(tree: ast.Module, function: ast.FunctionDef) -> list[str]:
    """The imports of a module that a function uses, without those of this package."""
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    found = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a for a in node.names if (a.asname or a.name.split(".")[0]) in used]
            ours = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plantedu")
            if names and not ours:
                node.names = names
                found.append(ast.unparse(node))
    return found


def lines_of(function: Callable[..., Any]) -> int:
    """Lines of a function's body, without docstring, comments and empty lines."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    statements = body[1:] if ast.get_docstring(tree.body[0]) is not None else body  # type: ignore[arg-type]
    source = textwrap.dedent(inspect.getsource(function)).splitlines()
    written = source[statements[0].lineno - 1 : statements[-1].end_lineno]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in written)
