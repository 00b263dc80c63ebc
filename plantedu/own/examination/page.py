"""A report as one HTML page: no script that runs, no font, no picture from elsewhere.

Lesson: 12_own.
"""

from html import escape

from plantedu.charts.forest import forest_chart
from plantedu.charts.svg import svg_of
from plantedu.own.examination.report_numbers import (
    CLOSES,
    OPENS,
    Line,
    ReportNumbers,
    Section,
    data_of,
)
from plantedu.own.examination.summary import heading, nothing_found, summary

STYLE = """:root{color-scheme:light}body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#222;background:#fff;overflow-wrap:anywhere}h2{margin-top:2.5rem}
table{overflow-wrap:normal;border-collapse:collapse;font-size:.85rem}
td,th{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #ddd}
.wide{overflow-x:auto}.wide table{min-width:38rem}.made td{overflow-wrap:anywhere}
.chart{padding-left:3rem;overflow-x:auto}
svg{max-width:100%;min-width:36rem;height:auto;overflow:visible}
.found{background:#fff3d6;padding:.6rem 1rem;border-left:4px solid #b36b00}
.small{color:#555;font-size:.85rem}"""
NAMES, WIDE = 280, 480  # pixels of a chart: of a line's name at most, and between its axes
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(report: ReportNumbers) -> str:
    """The whole report.

    Args:
        report: What was found.
    """
    body = [first_page(report), *(_section(one) for one in report.sections), _made(report)]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Examination of {escape(str(report.about.get('model')))}</title>",
            f"<style>{STYLE}</style></head><body>",
            *body,
            f"{OPENS}{data_of(report)}{CLOSES}",
            "</body></html>\n",
        ]
    )


def first_page(report: ReportNumbers) -> str:
    """What is known, what is not, what would change our mind."""
    said, about = summary(report), report.about
    kinds = ", ".join(map(str, about.get("classes", ())))
    parts = [
        f"<h1>Examination of {escape(str(about.get('model')))}</h1>",
        f"<p>{about.get('n')} pictures of {escape(str(about.get('data')))}; classes: "
        f"{escape(kinds)}. Every number stands beside the same number under a control.</p>",
        *(f"<p>{escape(one)}</p>" for one in (str(about.get("reading_notes") or ""),) if one),
        *(f'<p class="found">{escape(one)}</p>' for one in said.found),
    ]
    if not said.found:
        parts += [f"<p>{escape(one)}</p>" for one in nothing_found(report)]
    for title, sentences in (
        ("What is known", said.known),
        ("What is not", said.unknown),
        ("What would change our mind", said.change),
    ):
        rows = "".join(f"<li>{escape(one)}</li>" for one in sentences)
        parts.append(f"<h2>{title}</h2><ul>{rows or '<li>Nothing.</li>'}</ul>")
    return "\n".join(parts)


def _section(one: Section) -> str:
    parts = [f"<h2>{escape(heading(one))}</h2>"]
    if one.missing:
        return "\n".join([*parts, f"<p>{escape(one.missing)}</p>"])
    if one.lines:
        parts.append(_chart(one))
        head = "".join(f"<th>{word}</th>" for word in ("", one.unit, "interval", "null", "n"))
        rows = "".join(map(_row, one.lines))
        parts.append(f'<div class="wide" tabindex="0"><table><tr>{head}</tr>{rows}</table></div>')
    parts += [f"<p>{escape(note)}</p>" for note in one.notes]
    how = ", ".join(f"{k} {_short(v)}" for k, v in one.settings.items())
    parts.append(f'<p class="small">{escape(how)}; {one.seconds:z.0f} processor seconds.</p>')
    return "\n".join(parts)


def _chart(one: Section) -> str:
    """The numbers drawn; labels are measured in another font than a reader's, so they may lap."""
    drawing = forest_chart(one.pairs(), unit=one.unit, names=NAMES)
    opens = f'<div class="chart" role="img" tabindex="0" aria-label="{escape(drawing.alt)}">'
    return f"{opens}{svg_of(drawing, width=WIDE)}</div>"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(line: Line) -> str:
    one = line.found
    band = f"{one.interval[0]:z.3f} to {one.interval[1]:z.3f}" if one.interval else "none"
    level = "" if one.level == 0.95 else f" (level {one.level:z.3f})"
    cells = (
        line.what,
        f"{one.value:z.3f}",
        band + level,
        f"{one.null:z.3f}, {one.control}",
        str(one.n),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _made(report: ReportNumbers) -> str:
    rows = "".join(
        f"<tr><td>{escape(str(k))}</td><td>{escape(str(v))}</td></tr>"
        for k, v in report.about.items()
        if v != ""
    )
    return (
        f'<h2>How this was made</h2><table class="made">{rows}</table>'
        f"<p>All numbers stand in this file. "
        "<code>python -m plantedu examine --verify FILE.html</code> draws the page again from "
        "them and compares.</p>"
    )
