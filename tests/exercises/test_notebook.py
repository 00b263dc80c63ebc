"""The notebook of a lesson holds all that its file holds, the same each time, and runs headless."""

import re
from base64 import b64decode

import nbformat
import pytest

from plantedu.course.lessons import lessons_in
from plantedu.exercises.notebook import notebook, readable
from plantedu.exercises.outline import outlines
from plantedu.shipped_files import lessons, source

COURSE = {one.number: one for one in lessons_in(lessons())}
each = pytest.mark.parametrize("lesson", COURSE.values(), ids=lambda one: one.stem)


def words(made, kind: str) -> str:
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == kind)


@each
def test_all_of_a_lesson_is_there(lesson):
    made = notebook(lesson, lessons())
    text, code = words(made, "markdown"), words(made, "code")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        *lesson.sections,
        "Where the numbers come from",
    ]
    for prediction in lesson.predictions:
        assert readable(prediction.question) in text
    for task in lesson.exercises:
        assert readable(task.text) in text
        assert f'answer("{task.id}", "")' in code
    for one in outlines(lesson.number):
        assert one.stub.strip() in code
        assert f'check("{one.key}", {one.name})' in code
        assert one.solution not in code
    assert "<!--" not in text + code


@each
def test_figures_are_inside(lesson):
    made = notebook(lesson, lessons())
    inside = {k: v for c in made.cells for k, v in c.get("attachments", {}).items()}
    for figure in lesson.figures:
        path = lessons() / figure.path
        (data,) = inside[path.name].values()
        assert b64decode(data) == path.read_bytes()


def test_the_same_each_time_and_valid():
    first, again = (notebook(COURSE["06"], lessons()) for _ in range(2))
    assert nbformat.writes(first) == nbformat.writes(again)
    nbformat.validate(first)
    assert len({cell.id for cell in first.cells}) == len(first.cells)


def test_commands_stand_behind_a_mark_and_quoted_code_is_text():
    made = notebook(COURSE["02"], lessons())
    assert "\n# !python -m plantedu train\n" in words(made, "code")
    assert not re.search(r"^!", words(made, "code"), re.MULTILINE)
    assert "```python\ndef cross_entropies(" in words(made, "markdown")


def test_links_lead_to_notebooks():
    text = readable("[a](10_neurons.md) and [b](references.bib) <!-- value: x#/y -->")
    assert text == "[a](10_neurons.ipynb) and b"


@pytest.mark.slow
@pytest.mark.parametrize("number", ["01", "04", "06"])
@pytest.mark.filterwarnings("default")  # of Jupyter's own
def test_it_runs_headless_and_solutions_pass_in_it(number, tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(source()))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    made = notebook(COURSE[number], lessons())
    (solved, *_) = outlines(number)
    for cell in made.cells:
        if cell.source == solved.stub.strip():
            start = solved.stub.partition("\ndef ")[0]
            cell.source = f"{start}\n{solved.solution}"
    run = {"metadata": {"path": str(tmp_path)}}
    done = NotebookClient(made, timeout=240, kernel_name="python3", resources=run).execute()
    said = "\n".join(str(out) for cell in done.cells for out in cell.get("outputs", []))
    assert "'error'" not in said
    held = re.findall(r"(\d+) of (\d+) checks hold", said)
    assert len(held) == len(outlines(number))
    assert held[0][0] == held[0][1]  # the one that was solved
    assert all(right == "0" for right, _ in held[1:])
    assert said.count("is not written yet") == len(held) - 1
    assert "numbers agree" in said
