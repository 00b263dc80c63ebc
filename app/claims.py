"""The claim at the end of a lesson: a sentence, its number with a null, and what would undo it."""

import streamlit as st

from app import session
from app.optional_writes import kept
from plantedu.course.cautions import cautions
from plantedu.course.claims import Claim
from plantedu.course.headlines import headlines, matching, said, sentences
from plantedu.course.lessons import Lesson
from plantedu.course.result_pointers import Place, committed, evidence_at, places
from plantedu.errors import PlantEduError


def claim_card(lesson: Lesson) -> None:
    """The learner's claims after this lesson, and a form for one more."""
    made = session.claims().of(session.learner(), lesson.stem)
    st.header("Claim", anchor="claim")
    st.markdown(
        "Say what you would now tell a colleague, and which number carries it. A number without a "
        "null carries nothing, and is refused."
    )
    for one in made:
        show_claim(one)
    form = st.expander(
        "Make a claim", icon=":material/gavel:", key=f"claiming {lesson.stem}", on_change="rerun"
    )
    if form.open:  # to list every number takes longer than the rest of a page
        with form:
            _form(lesson)


def show_claim(one: Claim, place: str = "") -> None:
    """One claim with its number, its null, and a way to take it back.

    Args:
        one: The claim.
        place: Tells two places of one page apart: lesson 11 shows its own claims among all.
    """
    e = one.evidence
    band = f" [{e.interval[0]:.3g}, {e.interval[1]:.3g}]" if e.interval else ""
    with st.container(border=True, key=f"claim {one.number}{place}"):
        st.markdown(f"**{one.claim}**")
        st.markdown(
            f"{e.value:.3g}{band}, beside **{e.null:.3g}** for {e.control} (n = {e.n}).  \n"
            f"*What it is:* {_words(one) or e.question}  \n"
            f"I would change my mind: *{one.mind}*"
        )
        for said in cautions(one.source, e, session.store()):
            st.caption(f":material/warning: {said}")
        st.caption(f"`{one.source}`")
        pressed = st.button("Take back", key=f"take back {one.number}{place}", type="tertiary")
        if pressed and kept(lambda: session.claims().take_back(session.learner(), one.number)):
            st.rerun()


def _words(one: Claim) -> str:
    """What a claim's number is of, in the words of its lesson; "" for one that is no headline."""
    sentence = sentences(session.LESSONS).get(one.lesson, {}).get(one.source, "")
    return said(sentence, one.evidence) if sentence else ""


def _others(lesson: Lesson) -> list[Place]:
    """All numbers that this lesson's result and the learner's newest runs hold."""
    found = committed(session.RESULTS, lesson.stem)
    for run in session.store().runs(learner=session.learner(), limit=10):
        if run.state == "done" and run.result:
            found += [
                Place(p.source, f"my {run.kind} {run.id}: {p.says}", p.null)
                for p in places(run.result, f"run:{run.id}")[:40]
            ]
    return found


def _offered(lesson: Lesson) -> dict[str, Place]:
    """The ten headline numbers; where something is searched for, what matches of all others."""
    ten, others = headlines(session.LESSONS, lesson.stem), _others(lesson)
    words = st.text_input(
        f"Another number? Search all {len(others)}, your own runs among them",
        placeholder="a factor, a method, my run",
        max_chars=60,
        key="claim search",
    )
    found = matching(others, words) if words else ten or others
    if words and not found:
        st.caption("Nothing here has all of these words.")
    return {place.source: place for place in found}


def _warned(source: str) -> bool:
    """Whether the learner knows what speaks against a number; says it once, then they decide."""
    found = evidence_at(source, results=session.RESULTS, store=session.store())
    said = cautions(source, found, session.store())
    if not said or st.session_state.get("cautioned") == source:
        return True
    st.session_state["cautioned"] = source
    st.warning(f"{' '.join(said)} Choose another number, or press *Claim it* again to keep it.")
    return False


def _form(lesson: Lesson) -> None:
    offered = _offered(lesson)
    if not offered and not st.session_state.get("claim search"):
        st.info("This lesson has no result on this machine yet, so nothing can carry a claim.")
        return

    def says(source: str) -> str:
        place = offered[source]
        return place.says if place.null else f"{place.says} (no null)"

    with st.form(f"claim {lesson.stem}", border=False):
        claim = st.text_area("My claim, in one sentence", max_chars=400, key="claim text")
        source = st.selectbox(
            "The number that carries it",
            list(offered),
            index=None,
            format_func=says,
            placeholder="Choose a measured number",
            key="claim source",
        )
        mind = st.text_area("What would change my mind?", max_chars=400, key="claim mind")
        sent = st.form_submit_button("Claim it", icon=":material/gavel:")
    if not sent:
        return
    try:
        if source is None:
            raise PlantEduError("Choose the number that carries your claim.")
        if not _warned(source):
            return
        session.claims().make(
            *(session.learner(), lesson.stem, claim or "", source, mind or ""),
            results=session.RESULTS,
            store=session.store(),
        )
    except PlantEduError as error:
        st.warning(str(error))
        return
    st.rerun()
