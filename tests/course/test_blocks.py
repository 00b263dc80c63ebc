"""Blocks: what stands between the headings of a lesson, read one by one."""

import pytest

from plantedu.course.blocks import Figure, Folded, InCode, Lines, Prediction, Text, read_blocks
from plantedu.errors import PlantEduError

PREDICTION = """<!-- predict id=first settles="first.json#/end" bins="down 0 up" says="Its end" -->
**Up or down?**

- `up`: It rises.
- `down`: It falls.

<details><summary>After you have committed</summary>

- `up`: Because.
- `down`: Because not.

</details>
<!-- /predict -->"""


def blocks(text: str):
    return read_blocks(Lines("lesson.md", 10, tuple(text.splitlines())))


def test_text_before_between_and_after_keeps_its_place():
    found = blocks(f"Before.\n\n{PREDICTION}\n\nAfter.")
    assert [type(block) for block in found] == [Text, Prediction, Text]
    assert found[0].markdown == "Before."
    assert found[1].keys == ("up", "down")
    assert found[1].explanations["down"] == "Because not."
    assert found[2].markdown == "After."


def test_nothing_is_read_inside_a_code_fence():
    fenced = f"```\n{PREDICTION}\n```"
    assert blocks(fenced) == (Text(fenced),)


def test_folds_and_figures():
    folded, figure = blocks(
        "<details><summary>Hint</summary>\n\nLook left.\n\n</details>\n"
        "![a line that falls](figures/x.svg)\n*n = 3, 2 seeds; null: shuffled*"
    )
    assert folded == Folded("Hint", "Look left.")
    assert figure == Figure("figures/x.svg", "a line that falls", "n = 3, 2 seeds; null: shuffled")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<!-- /predict -->", "", r"lesson\.md, line 10.*never closed"),
        (' settles="first.json#/end"', "", "settles"),
        ('bins="down 0 up"', 'bins="down 0 left"', "bins of others"),
        ("- `down`: Because not.", "", "down"),
        ("**Up or down?**", "", "asks nothing"),
    ],
)
def test_a_broken_prediction_names_file_line_and_fault(old, new, sentence):
    with pytest.raises(PlantEduError, match=sentence):
        blocks(PREDICTION.replace(old, new))


def test_exercises_in_code():
    (listed,) = blocks(
        "<!-- write -->\n\n- `02.5` Sinkhorn's codes.\n- `02.6` It.\n<!-- /write -->"
    )
    assert listed == InCode({"02.5": "Sinkhorn's codes", "02.6": "It"})


@pytest.mark.parametrize("row", ["", "- 02.5 It.", "- `02.5` It", "- `02.5` A.\n- `02.5` B."])
def test_a_broken_list_of_exercises_in_code_names_file_and_line(row):
    with pytest.raises(PlantEduError, match=r"lesson\.md, line 10"):
        blocks(f"<!-- write -->\n{row}\n<!-- /write -->")
