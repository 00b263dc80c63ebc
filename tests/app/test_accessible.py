"""What a reader needs who does not see a picture, its colours, or does not want it to move."""

import ast
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from app import frame, shelf
from plantedu.palette import COLOURS
from tests.test_palette import VISION, lab

ROOT = Path(__file__).parents[2]
NEED_WORDS = {
    *("vega_lite_chart", "altair_chart", "line_chart", "bar_chart", "area_chart"),
    *("scatter_chart", "plotly_chart", "image", "dataframe", "map", "graphviz_chart"),
}
APART = 18  # distance in CIELAB, as in test_palette
SECOND = ("strokeDash", "shape", "x", "y", "row", "column", "facet", "xOffset", "yOffset", "text")


def without_words(source: str) -> list[int]:
    """Lines that show a picture, chart or table, and do not say what it shows."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    shows = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in NEED_WORDS
    ]
    return [call.lineno for call in shows if not any(_says(word) for word in call.keywords)]


def _says(word: ast.keyword) -> bool:
    empty = isinstance(word.value, ast.Constant) and not word.value.value
    return word.arg == "alt" and not empty


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("st.image(x)", [1]),
        ("a = 1\nst.vega_lite_chart(rows, spec, key='a')", [2]),
        ("with tab:\n    left.dataframe(rows, alt='')", [2]),
        ("st.image(x, alt=words)", []),
        ("st.title('image')", []),
    ],
)
def test_the_rule_sees_what_it_looks_for(source, found):
    assert without_words(source) == found


def test_everything_that_is_shown_says_what_it_shows():
    pages = sorted((ROOT / "app").rglob("*.py"))
    assert len(pages) > 40
    silent = {path.name: without_words(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: lines for name, lines in silent.items() if lines} == {}


def test_nothing_of_ours_moves_by_itself():
    ours = [*(ROOT / "app").rglob("*.py"), *(ROOT / "plantedu" / "charts").glob("*.py")]
    words = ("animation", "@keyframes", "transition:", "st.balloons", "st.snow")
    moving = [path.name for path in ours if any(w in path.read_text("utf-8") for w in words)]
    assert moving == []
    assert ".katex-mathml" in frame.STYLE


def nearest(colours: list[str]) -> float:
    """Smallest distance of two colours, for the reader who tells them apart worst."""
    return min(
        float(np.linalg.norm(lab(one, vision) - lab(other, vision)))
        for one, other in itertools.combinations(colours, 2)
        for vision in VISION.values()
    )


def by_colour_alone(part: object) -> list[str]:
    """Fields of a spec told by colours that some reader cannot tell apart, and by nothing else."""
    if isinstance(part, list):
        return [name for one in part for name in by_colour_alone(one)]
    if not isinstance(part, dict):
        return []
    encoding, found = part.get("encoding", {}), []
    for channel in ("color", "fill", "stroke"):
        painted = encoding.get(channel, {}).get("scale") or {}
        hues = [hue for hue in painted.get("range", ()) if isinstance(hue, str)]
        field = encoding.get(channel, {}).get("field")
        seconds = [encoding[c].get("field") for c in SECOND if isinstance(encoding.get(c), dict)]
        drawn = list(dict.fromkeys(hues))
        if len(drawn) > 1 and "domain" in painted and field not in seconds:
            found += [f"{field}: {drawn}"] if nearest(drawn) < APART else []
    return found + [name for value in part.values() for name in by_colour_alone(value)]


def test_two_likenesses_are_found_unless_something_else_tells_them_apart():
    scale = {"domain": ["a", "b"], "range": [COLOURS["brown"][0], COLOURS["second"][0]]}
    alone = {"layer": [{"encoding": {"color": {"field": "name", "scale": scale}}}]}
    assert len(by_colour_alone(alone)) == 1
    alone["layer"][0]["encoding"]["shape"] = {"field": "name"}
    assert by_colour_alone(alone) == []
    scale["range"] = [COLOURS["rgb"][0], COLOURS["rgn"][0]]
    assert by_colour_alone({"encoding": {"color": {"field": "name", "scale": scale}}}) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("lesson", shelf.lessons(), ids=lambda lesson: lesson.stem)
def test_no_chart_tells_by_colour_alone(open_page, half_done, recording, lesson, dark, monkeypatch):
    monkeypatch.setattr(shelf, "dark", lambda: dark)
    app = open_page(lesson.stem)
    found = set()
    for name in [tab.label for tab in app.tabs] or [""]:
        if name:
            app.session_state["lab"] = name
            app.run()
        for chart in app.get("vega_lite_chart"):
            assert chart.proto.alt.strip()
            found |= {f"{name}: {one}" for one in by_colour_alone(json.loads(chart.proto.spec))}
    assert found == set()
