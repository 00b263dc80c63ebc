"""A drawing as an SVG text, on white paper, by Vega's own renderer.

What makes SVGs aborts on control characters, and takes its process along: they become "?".

Lesson: 01_pairs.
"""

import json
import unicodedata

from plantedu.charts.chart import Drawing

UNDRAWN = ("Cc", "Cs", "Cn")  # control characters, halves of characters, none at all


def svg_of(drawing: Drawing, *, width: int = 0) -> str:
    """The SVG of a drawing, data included.

    Args:
        drawing: One chart or layers of one.
        width: Of what lies between the axes, in pixels; 0 is as the drawing says.
    """
    import vl_convert

    spec = json.loads(drawing.vega_lite()) | {"background": "white"}
    spec |= {"width": width} if width else {}
    return vl_convert.vegalite_to_svg(json.dumps(drawable(spec)))


def drawable(found: object) -> object:
    """Plain JSON whose texts can stand in an SVG; what cannot becomes "?"."""
    if isinstance(found, str):
        fine = (c in "\n\t" or unicodedata.category(c) not in UNDRAWN for c in found)
        return "".join(c if keep else "?" for c, keep in zip(found, fine, strict=True))
    if isinstance(found, dict):
        return {drawable(name): drawable(one) for name, one in found.items()}
    return [drawable(one) for one in found] if isinstance(found, list) else found
