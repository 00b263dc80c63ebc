"""A report of `examine` on a page: its first page in plain words, each section, and its file."""

from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from app.page import draw
from plantedu.charts.forest import forest_chart
from plantedu.own.examination.page import page
from plantedu.own.examination.report_numbers import Line, ReportNumbers, Section
from plantedu.own.examination.summary import heading, nothing_found, summary

NAMES = 190  # pixels for "cell top, left, beyond the inside"


def show(report: ReportNumbers, key: str) -> None:
    """What is known, what is not, what would change our mind; then a section of choice."""
    about, said = report.about, summary(report)
    kinds = ", ".join(map(str, about.get("classes", ())))
    st.markdown(
        f"**{about.get('model')}** on {about.get('n')} pictures of {about.get('data')} ({kinds}), "
        f"mode {about.get('mode')}. Every number stands beside the same number under a control."
    )
    for one in said.found:
        st.warning(one, icon=":material/search:")
    if not said.found:
        for one in nothing_found(report):
            st.info(_question(one), icon=":material/search_off:")
    for title, sentences in (
        ("What is known", said.known),
        ("What is not", said.unknown),
        ("What would change our mind", said.change),
    ):
        with st.expander(title, expanded=title == "What is known"):
            st.markdown("\n".join(f"- {_question(one)}" for one in sentences) or "Nothing.")
    _sections(report, key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "The report (HTML)",
            lambda: page(report),
            f"examination-{about.get('model')}.html",
            "text/html",
            icon=":material/download:",
            key=f"{key} html",
            on_click="ignore",
        )
        caption("`python -m plantedu examine --verify FILE` draws it again and compares.")


def _question(said: str) -> str:
    """A sentence of the first page, its question bold; no mark of it is read as markdown."""
    plain = said.replace("~", "\\~").replace("*", "\\*").replace("_", "\\_").replace("$", "\\$")
    asked, mark, rest = plain.partition("? ")
    return f"**{asked}?** {rest}" if mark else plain


def _sections(report: ReportNumbers, key: str) -> None:
    """One section, its numbers beside their nulls."""
    places = range(len(report.sections))
    chosen = st.selectbox(
        "Section",
        places,
        format_func=lambda k: f"{k + 1}. {heading(report.sections[k])}",
        key=f"{key} section",
    )
    one = report.sections[chosen]
    if one.missing:
        st.info(one.missing)
        return
    if one.lines:
        drawing = forest_chart(one.pairs(), unit=one.unit, dark=session.dark(), names=NAMES)
        draw(drawing, f"{key} chart {one.key} {chosen}")
        caption("Dots with their interval; grey ticks: the null.")
        rows = [_row(line) for line in one.lines]
        st.dataframe(rows, hide_index=True, alt=f"Numbers of the section {one.title}")
    for note in one.notes:
        st.markdown(note)
    caption(_made(one))


def _row(line: Line) -> dict[str, Any]:
    one = line.found
    low, high = one.interval or (None, None)
    return {
        "what": line.what,
        "value": f"{one.value:z.3f}",
        "interval": "none" if low is None else f"{low:z.3f} to {high:z.3f}",
        "null": f"{one.null:z.3f}",
        "control": one.control,
        "n": one.n,
    }


def _made(one: Section) -> str:
    how = ", ".join(f"{name} {value}" for name, value in one.settings.items())
    return f"{how}; {one.seconds:z.0f} processor seconds."
