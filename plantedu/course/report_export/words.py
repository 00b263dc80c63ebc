"""Words of a stranger, before they are printed or drawn.

A terminal obeys control characters. What makes SVGs aborts on them, and takes its process along.

Lesson: 11_report.
"""

import unicodedata
from typing import Any

MOST = 300
UNDRAWN = ("Cc", "Cs", "Cn")  # control characters, halves of characters, none at all


def plainly(text: str) -> str:
    """One line of printable characters, at most `MOST`; others become "?".

    Escape sequences clear a screen or paint "same" over "DIFFERS"; marks that turn the direction
    of writing do it without a terminal.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text[: MOST + 1])
    return shown if len(shown) <= MOST else shown[: MOST - 3] + "..."


def drawable(found: Any) -> Any:
    """Plain JSON whose texts can stand in an SVG; what cannot becomes "?"."""
    if isinstance(found, str):
        fine = (c in "\n\t" or unicodedata.category(c) not in UNDRAWN for c in found)
        return "".join(c if keep else "?" for c, keep in zip(found, fine, strict=True))
    if isinstance(found, dict):
        return {drawable(name): drawable(one) for name, one in found.items()}
    return [drawable(one) for one in found] if isinstance(found, list) else found
