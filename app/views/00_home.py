"""Home: what this is, a first result at once, the map of lessons, and where you stopped."""

import streamlit as st

from app import session
from app.labs.pairs.plant import two_cameras
from app.live_run import legend
from app.membership import joining
from app.page import READING, draw
from app.run_picker import FIRST
from plantedu.charts.tables import minutes
from plantedu.charts.training_curves import loss_chart, probe_chart
from plantedu.course.progress import counted, share_done, so_far

token = session.learner()

with st.container(width=READING):
    st.title("plantedu", anchor=False)
    st.markdown(
        "Learn to interpret a vision model *rigorously*, on plants whose truth is known. "
        "Every leaf here is rendered from known factors, so each answer that a method gives can "
        "be compared with what is really there. You predict first, look at the null, and only "
        "then at the result.\n\n"
        "For people who train models on crop images, and for people in machine learning who want "
        "habits that hold up before a reviewer. No GPU, no account."
    )

last = session.progress().last_lesson(token)
if first := last if last in session.pages() else next(iter(session.pages()), ""):
    st.page_link(
        session.pages()[first],
        label=f"{'Continue' if first == last else 'Start'}: {session.lesson(first).title}",
        icon=":material/play_arrow:",
        query_params={"learner": token},
    )
with st.container(width=READING):
    joining()

st.header("One plant, two cameras", anchor=False)
with st.container(width=READING):
    st.markdown("Move one factor: all else about plant and pictures is kept. Which camera notices?")
two_cameras("home", world="calm", plant=5, choices=("bloom", "severity", "chlorophyll", "light"))

made, solved = session.predictions().of(token), session.solved()
if recorded := session.recorded(FIRST):
    run, series = recorded
    look = {"last": run.steps, "dark": session.dark()}
    st.header("What an encoder learns without a label", anchor=False)
    with st.container(width=READING):
        st.markdown(
            f"A recorded run of {minutes(run.seconds)} on two CPU cores, paid for nothing but "
            "matching the two pictures of a plant."
        )
        if "02_training/disease_probe" in made:  # shown to who has predicted it
            draw(probe_chart(series, "disease", **look), "home disease")
            st.markdown(legend(series))
        else:
            K = int(run.request["prototypes"])
            events = session.recorded_events(FIRST)
            draw(loss_chart(series, events, prototypes=K, **look), "home loss")
            st.markdown("The loss falls. Does it know the disease by now? Predict it, then look:")
        if "02_training" in session.pages():
            st.page_link(
                session.pages()["02_training"],
                label=session.lesson("02_training").title,
                icon=":material/play_arrow:",
                query_params={"learner": token},
            )

st.header("Lessons", anchor=False)
here = [lesson for lesson in session.lessons() if lesson.stem in session.pages()]
with st.container(width=READING):
    done_in = {lesson.stem: counted(lesson, made, solved) for lesson in here}
    locked, right = (sum(pair[k] for pair in done_in.values()) for k in (0, 1))
    st.markdown(so_far(here, locked, right))
for lesson in here:
    committed, done = done_in[lesson.stem]
    with st.container(border=True, width=READING, key=f"map {lesson.stem}"):
        st.page_link(
            session.pages()[lesson.stem],
            label=f"**{lesson.number} {lesson.title}**",
            query_params={"learner": token},
        )
        st.markdown(lesson.question if lesson.question != lesson.title else lesson.objectives[0])
        st.progress(
            share_done(lesson, committed, done),
            text=f"{lesson.minutes} minutes · {committed} of {len(lesson.predictions)} predictions "
            f"· {done} of {len(lesson.tasks)} exercises",
        )
with st.container(width=READING):
    if (workshop := session.workshop()) is not None:
        st.page_link(workshop, label="You teach? Plans, and a class", icon=":material/groups:")
    st.caption("No account: bookmark this page to come back; share links without `learner=...`.")
    st.page_link(
        st.session_state["privacy"],
        label="What is kept of you, for how long; delete it, or start again",
        icon=":material/lock:",
        query_params={"learner": token},
    )
