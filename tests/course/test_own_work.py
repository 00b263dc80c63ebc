"""Each lesson ends at the learner's own work: a file in, a sentence out, by commands that parse."""

import re

import pytest
import tyro

from plantedu.__main__ import main
from plantedu.commands import file, own, own_method
from plantedu.course.blocks import Text
from plantedu.course.lessons import lessons_in
from plantedu.shipped_files import lessons
from tests.app.printed_commands import commands_in, fault_of

HEAD = "### On your own work"
PARSERS = {"file": file.Chosen, "own": own.Chosen, "report-card": own_method.Options}
COURSE = [one for one in lessons_in(lessons()) if one.number <= "11"]  # 12 is own work throughout
each = pytest.mark.parametrize("lesson", COURSE, ids=lambda one: one.stem)


def commands_of(lesson):
    """Commands under the heading."""
    texts = [b.markdown for b in lesson.sections["Exercises"] if isinstance(b, Text)]
    said = "\n".join(texts).partition(HEAD)[2]
    return commands_in("\n".join(re.findall(r"```\n(.*?)```", said, re.DOTALL)))


@each
def test_a_lesson_has_a_command_for_ones_own_file(lesson):
    found = commands_of(lesson)
    assert found
    for command in found:
        first, *rest = command.split()[3:]
        if first in PARSERS:
            tyro.cli(PARSERS[first], args=rest)
        else:
            assert fault_of(command) == ""


def test_what_lesson_04_prints_runs(capsys):
    (command,) = commands_of(next(one for one in COURSE if one.number == "04"))
    assert main(command.split()[3:]) == 0
    assert "over 5 seeds" in capsys.readouterr().out
