"""One colour for one thing, everywhere: charts, legends, lesson text.

Hues start from the Okabe-Ito set; each is darkened for paper or lightened for night until it
stands at least 3:1 against the page, and things that share a chart stay apart for readers with
any of the three colour-vision deficiencies (both are tests). Colour never works alone: lines
differ in dash as well, and every chart says in words what it shows.

Source: Okabe & Ito 2008, "Color Universal Design".
"""

import re

from plantedu.errors import require

PAGE = {"light": "#FBFAF6", "dark": "#141917"}
INK = {"light": "#101A15", "dark": "#E6EBE7"}

# thing: (on paper, at night)
COLOURS: dict[str, tuple[str, str]] = {
    "rgb": ("#0072B2", "#56B4E9"),
    "rgn": ("#C9480B", "#F2874B"),
    "both": ("#06402E", "#B8F5D8"),
    "null": ("#868B88", "#8C9691"),
    "chance": ("#5E6461", "#AAB3AE"),
    "healthy": ("#5F9E2E", "#B5E08A"),
    "blast": ("#5B2D91", "#A98AE0"),
    "brown": ("#6B3410", "#B9652C"),
    "loss": ("#1F2B25", "#E6EBE7"),
    "entropy": ("#A83279", "#E070B4"),
    "divergence": ("#B27500", "#F5C451"),
    "event": ("#4F5A55", "#B4BDB8"),
    "floor": ("#A3262A", "#F08080"),
    # Values of whatever knob a chart compares, in their order.
    "first": ("#2D98B9", "#91F6E9"),
    "second": ("#781114", "#EE2E50"),
    "third": ("#B48930", "#EABA32"),
    "fourth": ("#2A2FD6", "#6D96CE"),
    "fifth": ("#21093A", "#EDFBB1"),
}

# Things drawn on one chart: these must stay apart for every reader.
SHARED_CHARTS = (
    ("rgb", "rgn", "both", "null"),
    ("loss", "entropy", "divergence"),
    ("healthy", "blast", "brown"),
    ("first", "second", "third", "fourth", "fifth", "null"),
)

NAMES = {
    "rgb": "RGB",
    "rgn": "RGN",
    "both": "both",
    "null": "null",
    "chance": "chance",
    "healthy": "healthy",
    "blast": "blast",
    "brown": "brown spot",
    "loss": "loss",
    "entropy": "H(q)",
    "divergence": "KL(q||p)",
    "event": "event",
    "floor": "ln K",
    "first": "first value",
    "second": "second value",
    "third": "third value",
    "fourth": "fourth value",
    "fifth": "fifth value",
}
# What a chart has beside its things: background, frame, axes, grid.
BESIDE = {
    **dict.fromkeys(("white", "#fff", "#ffffff", PAGE["light"].lower()), PAGE["dark"]),
    **dict.fromkeys(("black", "#000", "#000000", INK["light"].lower()), INK["dark"]),
    "#888": "#8C9691",
    "#ddd": "#36413C",
}
VALUES = ("first", "second", "third", "fourth", "fifth")


def colour(thing: str, *, dark: bool = False) -> str:
    """Hex colour of a thing on the light or the dark page.

    Raises:
        PlantEduError: for a thing without a colour.
    """
    require(thing in COLOURS, f"No colour for {thing!r}; there is one for {', '.join(COLOURS)}.")
    return COLOURS[thing][dark]


def colours(*things: str, dark: bool = False) -> list[str]:
    """Colours of several things, in their order."""
    return [colour(thing, dark=dark) for thing in things]


def words_ink(*, dark: bool = False) -> str:
    """Colour of words in a chart that are no thing of the course; 4.5:1 against the page."""
    return colour("chance", dark=dark)


def by_day(svg: str) -> str:
    """A figure that was drawn on white paper, on the paper of the light page."""
    return svg.replace('fill="white"', f'fill="{PAGE["light"]}"', 1)


def at_night(svg: str) -> str:
    """A figure that was drawn on paper, in the colours of the dark page.

    A heat map mixes its colours between paper and ink, so a figure that holds one stays on paper.
    """
    if 'fill="rgb(' in svg:
        return by_day(svg)
    dark = {paper.lower(): night for paper, night in COLOURS.values()} | BESIDE

    def swapped(found: re.Match[str]) -> str:
        return found[1] + dark.get(found[2].lower(), found[2])

    return re.sub(r'((?:fill|stroke)=")([^"]+)', swapped, svg)
