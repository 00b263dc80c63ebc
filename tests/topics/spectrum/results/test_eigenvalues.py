"""Charts of eigenvalues: dots over a null, and spectra on log axes."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence
from plantedu.topics.spectrum.results.eigenvalues import (
    SMALLEST,
    plane_chart,
    rank_chart,
    size_chart,
)

SCORE = Evidence(
    question="?", value=0.8, null=0.1, control="random init", n=50, interval=(0.7, 0.9)
)
VALUES, CLOUD = [(0.9, 0.1), (0.9, -0.1)], [(0.1, 0.0), (-0.1, 0.0), (0.0, 0.1)]


@pytest.mark.parametrize("dark", [False, True])
def test_dots_stand_over_the_null_and_the_circle(dark):
    drawing = plane_chart("cross-0", VALUES, CLOUD, "shuffled pairs", SCORE, SCORE, dark=dark)
    counts = drawing.rows["kind"].value_counts()
    assert (counts["own"], counts["null"]) == (2, 3)
    circle = drawing.rows[drawing.rows["kind"] == "circle"]
    assert (circle["re"] ** 2 + circle["im"] ** 2).to_numpy() == pytest.approx(1)
    for words in ("S 0.80", "random init: 0.10", "R2 0.80", "Grey: shuffled pairs", "n = 50"):
        assert words in drawing.alt
    assert json.loads(drawing.vega_lite())["description"] == drawing.alt


def test_ranks_are_on_log_axes_with_nulls_dashed():
    drawing = rank_chart({"own": [2.0, 0.5, 0.0]}, {"null": [1.0, 1.0]}, "size", "said")
    axes = drawing.spec["encoding"]
    assert axes["x"]["scale"]["type"] == axes["y"]["scale"]["type"] == "log"
    assert drawing.rows["value"].min() == SMALLEST
    assert axes["strokeDash"]["scale"]["range"] == [[1, 0], [4, 3]]


def test_sizes_stand_beside_singular_values():
    drawing = size_chart([0.9, 0.2], [1.4, 0.1], 0.6, SCORE, dark=True)
    assert "departure from normality 0.60" in drawing.alt
    assert set(drawing.rows["name"]) == {"|eigenvalue|", "singular value"}


def test_nothing_to_draw_is_refused():
    with pytest.raises(PlantEduError, match="no eigenvalues"):
        plane_chart("x", [], CLOUD, "null", SCORE, None)
    with pytest.raises(PlantEduError, match="no spectrum"):
        rank_chart({}, {}, "size", "said")


@pytest.mark.parametrize(("name", "columns"), [("step 400", 2), ("first one, step 400", 1)])
def test_long_names_stand_below_each_other_so_that_a_phone_shows_them_whole(name, columns):
    drawing = rank_chart({name: [2.0, 1.0]}, {"random-init encoder": [1.0, 0.5]}, "share", "said")
    assert drawing.spec["encoding"]["color"]["legend"]["columns"] == columns
