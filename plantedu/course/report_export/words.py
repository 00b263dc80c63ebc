"""Words of a stranger, before they are printed; before they are drawn, see `charts/svg.py`.

A terminal obeys control characters.

Lesson: 11_report.
"""

MOST = 300


def plainly(text: str) -> str:
    """One line of printable characters, at most `MOST`; others become "?".

    Escape sequences clear a screen or paint "same" over "DIFFERS"; marks that turn the direction
    of writing do it without a terminal.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text[: MOST + 1])
    return shown if len(shown) <= MOST else shown[: MOST - 3] + "..."
