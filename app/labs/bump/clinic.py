"""The clinic: blinded cases, tests at a price, a diagnosis that is locked before it is judged."""

from functools import partial

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import ask, command_of_shown, experiment_of, recorded
from app.numbers import whole_number
from app.optional_writes import kept
from app.page import downloads, draw
from plantedu.course.answer_bins import AnswerBins
from plantedu.course.blocks import Prediction
from plantedu.course.predictions import Commitment
from plantedu.errors import PlantEduError
from plantedu.topics.bump.clinic.cases import Case, draw_case
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS, cause
from plantedu.topics.bump.clinic.orders import NAMES, TESTS, order, price
from plantedu.topics.bump.clinic.reader import Diagnosis, diagnose
from plantedu.topics.bump.clinic.verdict import judge
from plantedu.topics.bump.results.diagnosis import DiagnosisResult, Settings

ITSELF = AnswerBins("", (), (), "What was done in the case itself")
BOOK = "clinic"  # where diagnoses and ordered tests are kept, beside predictions and exercises
LABELS = {one.key: one.label for one in CAUSES}
EVEN = round(100 / len(CAUSES))


def clinic() -> None:
    """One case, and how the learner has done so far."""
    made = session.predictions().of(session.learner(), BOOK)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.setdefault("case", _first_open(made))
        number = whole_number("Case", 1, 99999, key="case", width=160)
        st.button("Next case", icon=":material/arrow_forward:", on_click=_next, key="next case")
    try:
        case = _case(number)
    except PlantEduError as error:
        st.info(str(error))
        return
    locked = made.get(_item(case))
    ordered = _ordered(case)
    draw(case.curve(session.dark()), f"case {case.seed} curve")
    caption("The displayed loss over the rows of its log. Something may have happened, or not.")
    _desk(case, ordered, closed=locked is not None)
    for_reading = [name for name in NAMES if name in ordered]
    with st.grid(3, min_column_width=300):
        for name in for_reading:
            with st.container():
                st.markdown(f"**{order(name).label}**")
                draw(case.order(name, session.dark()), f"case {case.seed} {name}")
    if locked is None:
        _form(case, ordered)
    else:
        _verdict(case, locked, ordered)
    _tally([one for one in made.values() if one.answer])
    with st.expander("What our own diagnosis is worth", on_change="rerun", key="worth") as part:
        if part.open:
            worth()


def worth() -> None:
    """Our diagnosis over many fresh cases: recorded, and one's own."""
    recorded("03_clinic", DiagnosisResult.from_json, _show_worth)
    takes = "Some seconds: 120 fresh cases from runs that it never saw."
    one = experiment_of("clinic", "Diagnose", takes, DiagnosisResult.from_json, _show_worth)
    ask(one, {"seed": 1}, name="diagnosis of 120 cases")


def _show_worth(found: DiagnosisResult, key: str) -> None:
    for what in ("confusion", "reliability"):
        drawing = found.chart(what, dark=session.dark())
        draw(drawing, f"{key} diagnosis {what}")
        made_by = command_of_shown("clinic", Settings)
        downloads(drawing, f"diagnosis-{what}", made_by, f"{key} diagnosis {what}")
    right, alone = found.accuracy, found.curve_alone
    caption(
        f"Right in {right.value:.0%} of cases; null, {right.control}: {right.null:.0%}. From the "
        f"displayed curve alone {alone.value:.0%}. Calibration error {found.ece.value:z.3f} "
        f"({found.ece.control}: {found.ece.null:z.3f}). {right.n} cases of {found.runs} held-out "
        "runs."
    )


def _first_open(made: dict[str, Commitment]) -> int:
    numbers = {int(item.removeprefix("case ")) for item in made}
    return next(k for k in range(1, 100_000) if k not in numbers)


def _next() -> None:
    st.session_state["case"] = st.session_state.get("case", 0) + 1


@st.cache_resource(max_entries=16, show_spinner=False)
def _case(number: int) -> Case:
    return draw_case(number)


@st.cache_resource(max_entries=64, show_spinner="Our own diagnosis")
def _ours(number: int) -> Diagnosis:
    return diagnose(_case(number))


def _item(case: Case) -> str:
    return f"case {case.seed}"


def _ordered(case: Case) -> set[str]:
    """Tests that the learner has paid for; a reload does not undo it."""
    kept = session.progress().solved_by(session.learner()).get(BOOK, set())
    begins = f"{_item(case)}/"
    return {item.removeprefix(begins) for item in kept if item.startswith(begins)}


def _desk(case: Case, ordered: set[str], *, closed: bool) -> None:
    """A button for each test that has not been ordered."""
    st.markdown(f"**Order a test** · paid so far: {price(tuple(ordered))} of 100 points")
    with st.grid(6, min_column_width=150):
        for one in TESTS:
            done = one.name in ordered
            pressed = st.button(
                f"{one.label} · {one.price}",
                key=f"order {one.name}",
                help=one.shows,
                disabled=done or closed,
                width="stretch",
            )
            if pressed:
                bought, token = f"{_item(case)}/{one.name}", session.learner()
                if kept(partial(session.progress().solved, token, BOOK, bought)):
                    st.rerun()


def _form(case: Case, ordered: set[str]) -> None:
    with st.form(f"diagnosis {case.seed}"):
        chosen = st.radio(
            "What happened?",
            KEYS,
            index=None,
            format_func=lambda key: LABELS[key],
            key=f"diagnosis {case.seed} choice",
            horizontal=True,
        )
        sure = st.slider(
            "How sure are you?", EVEN, 99, EVEN, format="%d%%", key=f"diagnosis {case.seed} sure"
        )
        if not st.form_submit_button("Lock my diagnosis", icon=":material/lock:"):
            return
    if chosen is None:
        st.warning("Choose one of the causes first.")
        return
    confidence = sure / 100 if sure > EVEN else 1 / len(CAUSES)
    try:
        session.predictions().commit(session.learner(), BOOK, _asked(case), chosen, confidence)
        truth = judge(case, chosen, confidence, tuple(ordered)).truth.key
        session.predictions().reveal(session.learner(), BOOK, _item(case), truth)
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.rerun()


def _asked(case: Case) -> Prediction:
    return Prediction(_item(case), "What happened?", tuple(LABELS.items()), {}, ITSELF)


def _verdict(case: Case, locked: Commitment, ordered: set[str]) -> None:
    """The truth, what gives it away, the score, and what our own diagnosis says."""
    found = judge(case, locked.choice, locked.confidence, tuple(ordered))
    said = f"You said *{LABELS[locked.choice]}*, {locked.confidence:.0%} sure."
    if found.right:
        st.success(f"Right: {found.truth.label}. {said}")
    else:
        st.warning(f"It was {found.truth.label}. {said}")
    st.markdown(
        f"{found.reasoning}\n\nThe test that settles it: **{order(found.truth.settles).label}**."
    )
    ours = _ours(case.seed)
    caption(
        f"Score {found.score:z.0f}: Brier {found.brier:z.2f} (even shares get "
        f"{1 - 1 / len(CAUSES):z.2f}), less {found.price} for tests. Our automatic diagnosis, with "
        f"every test: {cause(ours.cause).label}, {ours.confidence:.0%} sure."
    )


def _tally(done: list[Commitment]) -> None:
    """Right answers beside what the learner's own confidence promised."""
    if not done:
        return
    right = sum(one.right for one in done)
    promised = sum(one.confidence for one in done)
    brier = sum(one.score for one in done) / len(done)
    caption(
        f"Your cases so far: {len(done)}. Right: {right}; your confidence promised "
        f"{promised:z.1f}; guessing would get {len(done) / len(CAUSES):z.1f}. Mean Brier score "
        f"{brier:z.2f} (even shares {1 - 1 / len(CAUSES):z.2f})."
    )
