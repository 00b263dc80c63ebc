"""Charts of a probe's settings show every control, and say the numbers."""

import json

import pytest

from plantedu.charts.edges import beyond
from plantedu.statistics.evidence import Evidence
from plantedu.topics.probing.results.controls import (
    path_chart,
    reader_chart,
    size_chart,
)

READ = Evidence(
    question="?", value=0.3, null=-2.0, control="shuffled labels", n=9, interval=(0.1, 0.5)
)


def test_readers_stand_beside_their_controls_and_far_values_at_the_edge():
    drawing = reader_chart([("linear", READ, 0.1, (0.2, 0.4))], "R2", dark=False)
    assert "linear 0.30 (shuffled -2.00, control task 0.10, random init 0.30)" in drawing.alt
    (row,) = drawing.rows[drawing.rows.kind == "reader"].to_dict("records")
    assert (row["shuffled"], row["low"], row["high"]) == (-2.0, 0.1, 0.5)
    assert "linear, shuffled -2" in beyond(drawing)
    assert list(drawing.rows[drawing.rows.kind == "init"].score) == [0.2, 0.4]
    assert all(name in json.dumps(drawing.spec) for name in ("shuffled", "control", "diamond"))


@pytest.mark.parametrize("dark", [False, True])
def test_the_path_marks_what_was_chosen_and_what_stood_there_first(dark):
    scores = {"train": (0.9, 0.5), "score": (0.2, 0.1), "shuffled": (-1.0, 0.0)}
    path = {"penalties": (0.01, 0.3), "chosen": 0.01, "first": 0.3, "control": (0.8, 0.1), **scores}
    drawing = path_chart(path, "R2", dark=dark)
    assert (
        "0.20 in held-out plants where left-out plants choose it (0.01), 0.10 near" in drawing.alt
    )
    marks = drawing.rows[drawing.rows.kind == "mark"]
    assert list(marks.x) == [0.01, 0.3]
    assert set(drawing.rows.line.dropna()) == {
        "own plants", "held-out plants", "shuffled labels", "control task",
    }  # fmt: skip


def test_sizes_are_told_with_their_nulls():
    sizes = [
        {"plants": n, "score": n / 100, "shuffled": 0.0, "random_inits": (0.1, 0.3)}
        for n in (32, 64)
    ]
    drawing = size_chart(sizes, "R2", dark=False)
    assert "0.32 with 32, 0.64 with 64" in drawing.alt
    assert set(drawing.rows.line) == {"held-out plants", "shuffled labels", "random init"}
    random = drawing.rows[drawing.rows.line == "random init"]
    assert list(random.score) == pytest.approx([0.2, 0.2])
