"""Colours stand out from the page and stay apart for colour-blind readers."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from plantedu.charts.palette import (
    COLOURS,
    INK,
    NAMES,
    PAGE,
    SHARED_CHARTS,
    at_night,
    by_day,
    colour,
    words_ink,
)
from plantedu.errors import PlantEduError

# Machado, Oliveira & Fernandes 2009, severity 1.0, linear RGB.
VISION = {
    "usual": np.eye(3),
    "protan": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deutan": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritan": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
THEMES = ("light", "dark")
LESSONS = Path(__file__).parents[2] / "lessons"


def linear(hex_colour: str) -> np.ndarray:
    values = np.array([int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def lab(hex_colour: str, vision: np.ndarray) -> np.ndarray:
    seen = np.clip(vision @ linear(hex_colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(xyz @ seen / [0.9505, 1.0, 1.089], 0.0089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read(theme):
    assert contrast(words_ink(dark=theme == "dark"), PAGE[theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("thing", COLOURS)
def test_every_colour_stands_out_from_its_page(thing, theme):
    assert contrast(colour(thing, dark=theme == "dark"), PAGE[theme]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("things", SHARED_CHARTS)
def test_things_on_one_chart_stay_apart(things, vision, theme):
    for one, other in itertools.combinations(things, 2):
        pair = [lab(colour(t, dark=theme == "dark"), VISION[vision]) for t in (one, other)]
        assert np.linalg.norm(pair[0] - pair[1]) >= 18, (one, other)


def test_every_thing_has_a_name_and_two_distinct_colours():
    assert set(NAMES) == set(COLOURS)
    for theme in (0, 1):
        assert len({pair[theme] for pair in COLOURS.values()}) >= len(COLOURS) - 1


def test_the_theme_names_things_in_their_colours():
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text())
    for theme in THEMES:
        shown = config["theme"][theme]
        assert shown["backgroundColor"] == PAGE[theme]
        for key, thing in (("blue", "rgb"), ("orange", "rgn"), ("green", "both"), ("gray", "null")):
            assert shown[f"{key}Color"] == colour(thing, dark=theme == "dark")
        assert shown["textColor"] == INK[theme]
        assert contrast(shown["primaryColor"], shown["backgroundColor"]) >= 4.5
        for key in ("textColor", "linkColor", "blueTextColor", "orangeTextColor", "greenTextColor"):
            assert contrast(shown[key], shown["backgroundColor"]) >= 4.5, key


def test_unknown_thing_is_a_sentence():
    with pytest.raises(PlantEduError, match="No colour for 'gold'"):
        colour("gold")


def test_a_figure_at_night_has_the_colours_of_the_night_and_keeps_its_shape():
    paper = (
        '<svg><rect fill="white"/><path stroke="#0072B2" d="M0,0"/><text fill="#000">#000</text>'
        '<path fill="#123456"/><path fill="none" stroke="#868B88"/></svg>'
    )
    assert at_night(paper) == (
        f'<svg><rect fill="{PAGE["dark"]}"/><path stroke="#56B4E9" d="M0,0"/>'
        f'<text fill="{INK["dark"]}">#000</text>'
        '<path fill="#123456"/><path fill="none" stroke="#8C9691"/></svg>'
    )
    heat = '<svg><rect fill="white"/><path fill="rgb(251, 250, 246)"/></svg>'
    assert at_night(heat) == by_day(heat) == heat.replace("white", PAGE["light"])
    assert by_day('<rect fill="white"/><path fill="white"/>').count("white") == 1


@pytest.mark.parametrize("path", sorted((LESSONS / "figures").glob("*.svg")), ids=lambda p: p.stem)
def test_no_colour_of_a_figure_is_lost_in_the_night(path):
    drawn = at_night(path.read_text(encoding="utf-8"))
    if 'fill="rgb(' not in drawn:
        hues = set(re.findall(r'fill="(#[0-9A-Fa-f]{6})"', drawn)) - set(PAGE.values())
        assert min(contrast(hue, PAGE["dark"]) for hue in hues) >= 3
