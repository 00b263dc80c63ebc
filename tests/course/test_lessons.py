"""Lesson files: what is read, and the sentences for what cannot be."""

import math
from pathlib import Path

import pytest

from plantedu.course.answer_bins import AnswerBins
from plantedu.course.blocks import Exercise, Figure, Folded, Prediction, Text
from plantedu.course.lessons import DEEPER, HEADINGS, lessons_in, parse_lesson
from plantedu.errors import PlantEduError

LESSONS = Path(__file__).parents[2] / "lessons"

GOOD = """---
title: A lesson
question: What is it?
minutes: 20
habits: [Null first]
objectives: [Say what it is.]
prerequisites: []
controls: [seed]
planted: [one thing]
sources: [brier1950]
gpu: no
---

# A lesson

## Question

A situation.

## Predict

<!-- predict id=first settles="known.json#/all" bins="no 0.5 yes" says="Share" -->
**Will it, or
will it not?**

- `yes`: It will,
  surely.
- `no`: It will not.

<details><summary>After you have committed</summary>

- `yes`: As one may think.
- `no`: Why not.

</details>
<!-- /predict -->

## Run

Press it.

## Look at the null first

![Two lines that stay apart](figures/99_two.svg)

*n = 4 plants, 1 seed;
null: shuffled labels*

## Explain

```markdown
## Not a heading
<!-- predict id=none settles=none -->
```

<details><summary>The long way</summary>

Folded text.

</details>

After it.

## Exercises

<!-- exercise id=99.1 difficulty=easy minutes=5 check=level -->
**Find it.** Where is it?

<details><summary>Hint</summary>

Look.

</details>
<details><summary>Solution</summary>

There.

</details>
<!-- /exercise -->

## What would change my mind

More seeds.

## Key points

- One.

## Further reading

- Somebody 1950.
"""


def written(folder: Path, text: str, name: str = "99_lesson.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_lesson_is_read_whole(tmp_path):
    lesson = parse_lesson(written(tmp_path, GOOD))
    assert (lesson.stem, lesson.number, lesson.url) == ("99_lesson", "99", "lesson")
    assert (lesson.title, lesson.minutes, lesson.gpu) == ("A lesson", 20, "no")
    assert lesson.habits == ("Null first",)
    assert lesson.prerequisites == ()
    assert tuple(lesson.sections) == HEADINGS
    assert lesson.sections["Question"] == (Text("A situation."),)


def test_what_can_wait_has_a_section_and_bets_of_its_own(tmp_path):
    start, end = GOOD.index("<!-- predict id=first"), GOOD.index("## Run")
    later = GOOD[start:end].replace("id=first", 'id=later at="A tab"')
    text = GOOD.replace("## Exercises", f"## Go deeper\n\n{later}\n\n## Exercises")
    lesson = parse_lesson(written(tmp_path, text.replace("gpu: no", "gpu: no\nwaits: 3")))
    assert list(lesson.sections).index(DEEPER) == HEADINGS.index("Explain") + 1
    assert [one.id for one in lesson.bets("Predict")] == ["first"]
    assert [(one.id, one.at) for one in lesson.bets(DEEPER)] == [("later", "A tab")]
    assert lesson.waits == 3
    moved = text.replace("## Go deeper\n", "").replace("## Run", "## Go deeper\n\n## Run")
    with pytest.raises(PlantEduError, match="in this order"):
        parse_lesson(written(tmp_path, moved))


def test_a_prediction_is_read_whole(tmp_path):
    (prediction,) = parse_lesson(written(tmp_path, GOOD)).predictions
    assert prediction == Prediction(
        id="first",
        question="Will it, or\nwill it not?",
        options=(("yes", "It will, surely."), ("no", "It will not.")),
        explanations={"yes": "As one may think.", "no": "Why not."},
        settles=AnswerBins("known.json", ("all",), ((0.5, "no"), (math.inf, "yes")), "Share"),
    )


def test_an_exercise_is_read_whole(tmp_path):
    assert parse_lesson(written(tmp_path, GOOD)).exercises == (
        Exercise("99.1", "Find it", "easy", 5, "Where is it?", "Look.", "There.", "level"),
    )


def test_figures_folds_and_fences(tmp_path):
    lesson = parse_lesson(written(tmp_path, GOOD))
    assert lesson.figures == (
        Figure(
            "figures/99_two.svg",
            "Two lines that stay apart",
            "n = 4 plants, 1 seed;\nnull: shuffled labels",
        ),
    )
    fenced, folded, after = lesson.sections["Explain"]
    assert isinstance(fenced, Text)
    assert "## Not a heading" in fenced.markdown
    assert folded == Folded("The long way", "Folded text.")
    assert after == Text("After it.")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("---\ntitle", "title", "must begin with front matter"),
        ("minutes: 20", "minutes: soon", "minutes must be a whole number, got 'soon'"),
        ("minutes: 20", "minutes: 20\nwaits: -1", "waits must be a whole number, got '-1'"),
        ("## Exercises", "## Further\n\n## Exercises", "in this order"),
        ("minutes: 20\n", "", r"lacks \['minutes'\]"),
        ("gpu: no", "gpu: yes", "gpu is no or helps"),
        ("gpu: no", "gpu: no\ncolour: red", r"has \['colour'\], which no lesson has"),
        ("[Null first]", "[Work hard]", r"no habit is called \['Work hard'\]"),
        ("[seed]", "seed", "controls must be a list of texts, got 'seed'"),
        ("title: A lesson", "title: [", "front matter is not YAML"),
        ("## Key points", "## Keys", "a lesson has"),
        ("# A lesson\n", "# Another\n", "stands only '# A lesson'"),
        ("<!-- /predict -->", "", "line 22: this block is never closed; add <!-- /predict -->"),
        ("```\n\n<details>", "\n<details>", "line 51: this code fence is never closed"),
        (' settles="known.json#/all"', "", "this block needs settles="),
        ("- `no`: It will not.\n", "", "two or more different options, got .'yes'"),
        ("- `no`: Why not.\n", "", "explain each option"),
        (" check=level", "", "needs check="),
        ("difficulty=easy", "difficulty=trivial", "difficulty is one of easy, medium, hard"),
        ("**Find it.** ", "", "begins with"),
        ("<summary>Hint</summary>", "<summary>Help</summary>", "expected .'Hint', 'Solution'"),
        ("![Two lines that stay apart]", "![]", "has no alt text"),
        ("*n = 4 plants, 1 seed;\nnull: shuffled labels*", "", "needs a line"),
        ("id=99.1", "id=first", "uses the id .'first'. twice"),
    ],
)
def test_malformed_lessons_say_what_is_wrong(tmp_path, old, new, sentence):
    assert old in GOOD
    with pytest.raises(PlantEduError, match=sentence) as caught:
        parse_lesson(written(tmp_path, GOOD.replace(old, new, 1)))
    assert "99_lesson" in str(caught.value)


def test_a_prediction_stands_under_predict(tmp_path):
    start = GOOD.index("<!-- predict id=first")
    end = GOOD.index("<!-- /predict -->") + len("<!-- /predict -->")
    block = GOOD[start:end]
    moved = GOOD.replace(block, "").replace("Press it.", block)
    with pytest.raises(PlantEduError, match=r"asks .'first'. elsewhere than under Predict"):
        parse_lesson(written(tmp_path, moved))


@pytest.mark.parametrize("name", ["lesson.md", "9_lesson.md", "99_Lesson.md"])
def test_file_names(tmp_path, name):
    with pytest.raises(PlantEduError, match=r"called NN_name\.md"):
        parse_lesson(written(tmp_path, GOOD, name))


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(PlantEduError, match="cannot be read"):
        parse_lesson(tmp_path / "98_none.md")
    (tmp_path / "97_bytes.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlantEduError, match="cannot be read"):
        parse_lesson(tmp_path / "97_bytes.md")


def test_windows_line_ends(tmp_path):
    path = tmp_path / "99_lesson.md"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert len(parse_lesson(path).predictions) == 1


def test_lessons_in_order_and_read_again_when_changed(tmp_path):
    written(tmp_path, GOOD, "02_later.md")
    path = written(tmp_path, GOOD, "01_first.md")
    written(tmp_path, "no lesson", "notation.md")
    assert [lesson.stem for lesson in lessons_in(tmp_path)] == ["01_first", "02_later"]
    path.write_text(GOOD.replace("A lesson", "Another"), encoding="utf-8")
    assert lessons_in(tmp_path)[0].title == "Another"


@pytest.mark.parametrize("path", sorted(LESSONS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_every_committed_lesson_is_well_formed(path):
    lesson = parse_lesson(path)
    assert lesson.predictions
    assert all(exercise.id.startswith(f"{lesson.number}.") for exercise in lesson.exercises)


@pytest.mark.parametrize("lesson", lessons_in(LESSONS), ids=lambda one: one.stem)
def test_no_figure_stands_twice_in_a_lesson(lesson):
    blocks = [block for section in lesson.sections.values() for block in section]
    shown = [block.path for block in blocks if isinstance(block, Figure)]
    assert len(shown) == len(set(shown))
