"""What a reader needs who does not see a picture, its colours, or does not want it to move."""

import ast
import base64
import io
import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.elements.lib.image_utils import MAXIMUM_CONTENT_WIDTH

from app import figures, page, session
from plantedu.charts.palette import COLOURS, PAGE
from plantedu.course.blocks import Figure
from tests.charts.test_palette import VISION, lab

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


def test_every_chart_is_drawn_as_pages_draw_it():
    """With marks that no screen reader meets one by one; `alt` says what they show."""
    calls = [
        (path.name, ast.unparse(call))
        for path in (ROOT / "app").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("vega_lite_chart")
    ]
    assert len(calls) >= 4
    assert [name for name, words in calls if ".on_page" not in words] == []


def test_nothing_of_ours_moves_by_itself():
    ours = [*(ROOT / "app").rglob("*.py"), *(ROOT / "plantedu" / "charts").glob("*.py")]
    words = ("animation", "@keyframes", "transition:", "st.balloons", "st.snow")
    moving = [path.name for path in ours if any(w in path.read_text("utf-8") for w in words)]
    assert moving == []
    assert ".katex-mathml" in page.STYLE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_lesson_figure_wears_the_colours_of_its_page(dark, monkeypatch):
    shown = []
    monkeypatch.setattr(session, "dark", lambda: dark)
    monkeypatch.setattr(figures.st, "image", lambda picture, **how: shown.append((picture, how)))
    figures.figure(Figure("figures/01_sight.svg", "Changes by factor", ""), "n = 24")
    ((picture, how),) = shown
    assert how["alt"] == "Changes by factor"
    kind, _, text = picture.partition(",")
    assert kind == "data:image/svg+xml;base64"
    svg = base64.b64decode(text).decode()
    assert [paper in svg for paper in (PAGE["light"], PAGE["dark"])] == [not dark, dark]
    assert svg.endswith("</svg>")


def test_small_figures_have_text_of_the_size_that_large_ones_have(monkeypatch):
    widths = []
    whole = st.container
    monkeypatch.setattr(figures.st, "container", lambda **how: widths.append(how) or whole())
    for name in ("06_columns", "01_sight"):
        figures.figure(Figure(f"figures/{name}.svg", "Biased and debiased", ""), "n = 100")
    wide = {"width": figures.READING, "key": f"{figures.WIDE} 01_sight"}
    assert widths == [{"width": round(figures.ENLARGED * 384), "key": None}, wide]


def test_no_figure_is_squeezed_below_legible_text_on_a_phone(monkeypatch):
    """Drawn with text of 10 pixels: 8 where 350 pixels hold it, else as it was drawn, to swipe."""
    keys = []
    whole = st.container
    monkeypatch.setattr(figures.st, "container", lambda **how: keys.append(how["key"]) or whole())
    drawn = sorted((ROOT / "lessons" / "figures").glob("*.svg"))
    assert len(drawn) > 40
    for path in drawn:
        figures.figure(Figure(f"figures/{path.name}", "Words", ""), "")
        (wide,) = re.findall(r'<svg[^>]* width="([\d.]+)"', path.read_text(encoding="utf-8"))
        assert bool(keys[-1]) == (10 * 350 / float(wide) < 8), path.name
    style = figures.WIDE.replace(" ", "-")
    assert f'[class*="st-key-{style}"] img {{{{ min-width: max-content }}}}' in page.STYLE


def test_a_picture_is_made_ready_once():
    path = ROOT / "lessons" / "figures" / "05_grid.png"
    with Image.open(path) as whole, Image.open(io.BytesIO(figures.picture(path))) as shown:
        assert whole.width > shown.width == figures.WIDEST == MAXIMUM_CONTENT_WIDTH
        assert shown.format == "JPEG", "what Streamlit would make of it at every run"
    assert figures.picture(path) is figures.picture(path)


def test_the_style_comes_with_the_first_words_of_a_page(open_page):
    """`st.html` is drawn late, and until then a wide table moves a phone's page sideways."""
    app = open_page("02_training")
    assert page.STYLE.splitlines()[1].replace("{{", "{").replace("}}", "}") in app.caption[0].value


def nearest(colours: list[str]) -> float:
    """Smallest distance of two colours, for the reader who tells them apart worst."""
    return min(
        float(np.linalg.norm(lab(one, vision) - lab(other, vision)))
        for one, other in itertools.combinations(colours, 2)
        for vision in VISION.values()
    )


def encodings(part: object) -> list[dict[str, Any]]:
    """Every encoding of a spec, those of its layers and its concatenated charts too."""
    if isinstance(part, list):
        return [found for one in part for found in encodings(one)]
    if not isinstance(part, dict):
        return []
    own = [part["encoding"]] if "encoding" in part else []
    return own + [found for value in part.values() for found in encodings(value)]


def by_colour_alone(spec: dict[str, Any]) -> list[str]:
    """Fields of a chart shown only by colours that some reader cannot tell apart."""
    channels = [(n, c) for one in encodings(spec) for n, c in one.items() if isinstance(c, dict)]
    second = {channel.get("field") for name, channel in channels if name in SECOND}
    found = []
    for name, channel in channels:
        scale = channel.get("scale") or {}
        hues = list(dict.fromkeys(h for h in scale.get("range", ()) if str(h).startswith("#")))
        paints = name in ("color", "fill", "stroke") and "domain" in scale and len(hues) > 1
        if paints and channel["field"] not in second and nearest(hues) < APART:
            found.append(f"{channel['field']}: {hues}")
    return found


def test_two_likenesses_are_found_unless_something_else_tells_them_apart():
    scale = {"domain": ["a", "b"], "range": [COLOURS["brown"][0], COLOURS["second"][0]]}
    alone = {"layer": [{"encoding": {"color": {"field": "name", "scale": scale}}}]}
    assert len(by_colour_alone(alone)) == 1
    alone["layer"][0]["encoding"]["shape"] = {"field": "name"}
    assert by_colour_alone(alone) == []
    scale["range"] = [COLOURS["rgb"][0], COLOURS["rgn"][0]]
    assert by_colour_alone({"encoding": {"color": {"field": "name", "scale": scale}}}) == []


NIGHT = pytest.param(True, marks=pytest.mark.slow, id="dark")  # all tabs of all pages once more


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), NIGHT])
@pytest.mark.parametrize("lesson", session.lessons(), ids=lambda lesson: lesson.stem)
def test_no_chart_tells_by_colour_alone(open_page, half_done, recording, lesson, dark, monkeypatch):
    monkeypatch.setattr(session, "dark", lambda: dark)
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
