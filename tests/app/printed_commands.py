"""Whether a command that a page prints can be run as it stands, by its own parser and no run."""

import contextlib
import importlib
import importlib.util
import io
import shlex

import tyro

from plantedu.__main__ import main, resolve
from plantedu.errors import PlantEduError

PLACES = {"GRID.json", "YOUR-REPORT.zip"}  # for the learner's own words


def commands_in(text: str) -> list[str]:
    """The commands of a block of code, one each."""
    lines = text.replace("\\\n", " ").splitlines()
    parts = [part.strip() for line in lines for part in line.split("&&")]
    return [part for part in parts if "python -m " in part]


def fault_of(command: str) -> str:
    """Why a command would not run; "" where its words are understood."""
    words = shlex.split(command)
    module, left = words[words.index("-m") + 1], words[words.index("-m") + 2 :]
    if module != "plantedu":
        there = importlib.util.find_spec(module)
        return "" if there else f"no module {module}: {command}"
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            name, rest = resolve(left)
            found = importlib.import_module(name)
            if hasattr(found, "METHOD"):
                tyro.cli(found.METHOD._options(), args=rest, prog="plantedu")
            elif main([*left, "--help"]):
                raise PlantEduError("its help fails")
    except PlantEduError as error:
        return f"{error}: {command}"
    except SystemExit as left_with:
        if left_with.code:
            return f"{said.getvalue()[-400:]}: {command}"
        return _unknown(left, said.getvalue(), command)  # help was asked for, and says all there is
    return f"an old name: {command}" if "is called" in said.getvalue() else ""


def _unknown(words: list[str], help_: str, command: str) -> str:
    """An option of a command that its help does not know."""
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    strange = [one for one in options if one not in help_]
    return f"no option {', '.join(strange)}: {command}" if strange else ""
