"""The frame of every lesson page: the lesson's text in its order, predictions, exercises, charts.

A page says `opening(lesson)`, shows its lab inside `section(lesson, "Run")`, its nulls inside
`section(lesson, "Look at the null first")`, and ends with `closing(lesson)`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import streamlit as st

from app import address, session
from app.bets import beside, overview
from app.captions import first_uses
from app.claims import claim_card
from app.figures import READING, figure
from app.lesson_text import readable
from app.optional_writes import kept, opened
from app.questions import exercise_card, prediction_card
from app.written import written_card
from plantedu.charts.chart import Drawing
from plantedu.charts.edges import beyond
from plantedu.course.blocks import Block, Exercise, Figure, Folded, InCode, Prediction, Text
from plantedu.course.lessons import DEEPER, Lesson
from plantedu.course.minutes import rest_minutes
from plantedu.errors import PlantEduError

# Tables, wide charts and formulas scroll by themselves on a phone. Streamlit writes white on any
# primary colour, and fetches KaTeX's style late: until then every formula would stand there twice,
# the copy for screen readers wider than a phone. A command's -m is orange on grey, too faint to
# read: it takes the colour of its text. The style comes with a page's first words, in Markdown:
# `st.html` is drawn seconds later on a slow phone, and until then a wide table moved the page.
STYLE = """<style>
.stMarkdown table {{ display: block; max-width: 100%; overflow-x: auto }}
.katex-display {{ max-width: 100%; overflow: auto hidden }}
.katex-mathml {{ position: absolute; width: 1px; height: 1px; overflow: hidden }}
.stVegaLiteChart {{ max-width: 100%; overflow-x: auto }}
@media (max-width: 640px) {{
[class*="st-key-wide-figure"] [data-testid="stFullScreenFrame"] {{ overflow-x: auto }}
[class*="st-key-wide-figure"] img {{ min-width: max-content }}
[class*="st-key-wide-figure"] [data-testid="stImageCaption"] {{ position: sticky; left: 0 }}
[class*="st-key-wide-figure"] [data-testid="stImageCaption"]::before {{
  content: "Swipe sideways for the rest."; font-size: .875rem }}
}}
[data-testid="stCode"] .token.variable {{ color: inherit }}
.st-key-train button:enabled {{ color: {on_primary} }}
</style>"""
CLOSING = (
    "Explain",
    "Exercises",
    "What would change my mind",
    "Key points",
    "Further reading",
)
ANSWERS = ("Explain", "What would change my mind", "Key points")  # they name what a prediction asks


def opening(lesson: Lesson) -> None:
    """Title, what is practised, the question, and the predictions."""
    unkept = opened(lesson.stem)
    with st.container(width=READING):
        if unkept:
            st.warning(
                f"Your progress is not kept at the moment; you can read on. {unkept}",
                icon=":material/cloud_off:",
            )
        st.title(lesson.title, anchor=False)
        habits = " · ".join(lesson.habits)
        rest = f"and {rest_minutes(lesson)} for what goes deeper and exercises"
        caption(f"Lesson {lesson.number} · {lesson.minutes} minutes, {rest} · {habits}")
        with st.expander("After this lesson you can"):
            st.markdown("\n".join(f"- {goal}" for goal in lesson.objectives))
    with section(lesson, "Question"):
        pass
    with section(lesson, "Predict"), st.container(width=READING):
        overview(lesson)


def caption(words: str) -> None:
    """The small words at the head of a page; they bring its style."""
    style = STYLE.format(on_primary="#0E1512" if session.dark() else "#FFFFFF")
    st.caption(words + style, unsafe_allow_html=True)


@contextmanager
def section(lesson: Lesson, heading: str) -> Iterator[None]:
    """A section's heading and text, and below it what the page adds."""
    with st.container(width=READING):
        st.header(heading, anchor=heading.lower().replace(" ", "-"))
        for block in lesson.sections[heading]:
            show(lesson, block)
    with first_uses(lesson):
        if heading == "Run" and (words := gone()):
            st.warning(words)
        yield


def gone() -> str:
    """Why there is no result of the name in the address; "" where there is, or none is named."""
    if address.odd("result"):
        return "There is no result of the name in this address; ids are eight hexadecimal digits."
    if not (named := address.given("result")):
        return ""
    try:
        session.store().run(named)
    except PlantEduError:
        return "The result of this address is not here: it was removed, or made on another machine."
    return ""


def closing(lesson: Lesson) -> None:
    """What comes after the lab, and the way to the next lesson."""
    made = session.committed(lesson.stem)
    unlocked = [one for one in lesson.bets("Predict") if one.id not in made]
    folded = bool(unlocked) and "" not in session.looked(lesson.stem)
    for heading in CLOSING:
        if folded and heading in ANSWERS:
            _fold(lesson, heading, len(unlocked))
            continue
        with section(lesson, heading):
            pass
        if heading == "Explain":
            _deeper(lesson)
    with st.container(width=READING):
        claim_card(lesson)
    stems = [one.stem for one in session.lessons()]
    later = [stem for stem in stems if stem > lesson.stem and stem in session.pages()]
    if later:
        title = session.lesson(later[0]).title
        st.page_link(
            session.pages()[later[0]],
            label=f"Next lesson: {title}",
            icon=":material/arrow_forward:",
            query_params={"learner": session.learner()},
        )


def _deeper(lesson: Lesson) -> None:
    """What a learner in a hurry leaves out; its bets stand beside their experiments."""
    if DEEPER not in lesson.sections:
        return
    with (
        st.container(width=READING),
        st.expander(f"**{DEEPER}**", on_change="rerun", key="go deeper") as part,
    ):
        for block in lesson.sections[DEEPER] if part.open else ():
            show(lesson, block)


def _fold(lesson: Lesson, heading: str, unlocked: int) -> None:
    """A section that names the answers, while predictions of the page are not locked."""
    with st.container(width=READING):
        st.header(heading, anchor=heading.lower().replace(" ", "-"))
        if heading != ANSWERS[0]:
            st.caption("It opens with Explain.")
            return
        asked = len(lesson.bets("Predict"))
        st.caption(
            f"It names the answers, and {unlocked} of this page's {asked} predictions "
            f"{'is' if unlocked == 1 else 'are'} not locked. It opens when they are. What you "
            "lock after looking is kept, marked, and left out of your calibration."
        )
        if st.button("Show it anyway", key="explain anyway", icon=":material/visibility:"):
            token = session.learner()
            if kept(lambda: session.progress().explained(token, lesson.stem)):
                st.rerun()


def laboratory(lesson: Lesson, labs: Mapping[str, Callable[[], None]], nulls: str) -> None:
    """All after the opening of a page whose Run is one tab a lab; only the open one is computed."""
    with section(lesson, "Run"):
        tabbed(lesson, labs)
    with section(lesson, "Look at the null first"):
        st.caption(nulls)
    closing(lesson)


def tabbed(lesson: Lesson, labs: Mapping[str, Callable[[], None]]) -> None:
    """One numbered tab a lab, each between its bets and what came of them.

    The open one stands in the address, so that a reload and a link come back to it, and is kept
    for who comes back from another page; it can be asked for by its name or by its label.
    """
    labels = {name: f"{k}. {name}" for k, name in enumerate(labs, 1)}
    left = f"tab of {lesson.stem}"
    asked = st.session_state.get("lab")
    if asked is None and not address.holds("lab"):
        asked = st.session_state.get(left)
    if asked is not None:
        st.session_state["lab"] = labels.get(asked, asked)
    tabs = st.tabs(list(labels.values()), key="lab", on_change="rerun", bind="query-params")
    st.session_state[left] = st.session_state["lab"]
    for (name, lab), tab in zip(labs.items(), tabs, strict=True):
        if tab.open:
            with tab, beside(lesson, name):
                lab()


def show(lesson: Lesson, block: Block) -> None:
    """One block of a lesson."""
    match block:
        case Text(markdown):
            st.markdown(readable(markdown, lesson))
        case Folded(title, text):
            with st.expander(title):
                st.markdown(readable(text, lesson))
        case Figure():
            figure(block, readable(block.caption))
        case Prediction(at=""):
            prediction_card(lesson, block)
        case Prediction():  # stands beside its experiment
            pass
        case Exercise():
            exercise_card(lesson, block)
        case InCode():
            written_card(lesson, block)


def draw(drawing: Drawing, key: str) -> None:
    """A chart, named by what it shows; what its axes cut off is said below it."""
    st.vega_lite_chart(
        drawing.rows,
        drawing.on_page(dark=session.dark()),
        key=key,
        alt=drawing.alt,
        width="stretch",
    )
    if words := beyond(drawing):
        st.caption(words)


def in_terminal(command: str, key: str) -> None:
    """The command that makes a result without a chart again."""
    with st.popover("In a terminal", icon=":material/terminal:", type="tertiary", key=f"{key} cli"):
        st.code(command, language="bash", wrap_lines=True)


def downloads(drawing: Drawing, name: str, command: str, key: str) -> None:
    """The chart's data, the chart itself, and the command that makes them again."""
    with st.popover("Download", icon=":material/download:", type="tertiary", key=f"{key} files"):
        st.download_button(
            "Data (CSV)",
            partial(drawing.csv, command),
            f"{name}.csv",
            "text/csv",
            key=f"{key} csv",
            on_click="ignore",
        )
        st.download_button(
            "Chart (Vega-Lite)",
            partial(drawing.vega_lite, command),
            f"{name}.vl.json",
            "application/json",
            key=f"{key} chart",
            on_click="ignore",
        )
        st.caption("The same in a terminal:")
        st.code(command, language="bash", wrap_lines=True)
        st.caption("Another processor, or other threads, may round the last digits otherwise.")
