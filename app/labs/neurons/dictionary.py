"""Sparse dictionaries: recorded beside baselines, trained live, and a feature that is pushed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from app import session, shipped
from app.captions import caption
from app.experiment import Experiment, ask, drawn, folded_experiment
from app.numbers import whole_number
from app.page import draw
from app.put_back import Controls
from plantedu.errors import PlantEduError
from plantedu.serialization import command_line, revived
from plantedu.store.run import Run
from plantedu.topics.neurons.results.dictionary import DictionaryResult, curve_chart
from plantedu.topics.neurons.results.recovery import Recovery
from plantedu.topics.neurons.results.steer import SteerResult

RECORDED = {
    "topk": "cross-0, TopK, 512 directions",
    "batchtopk": "cross-0, BatchTopK, 512 directions",
    "narrow": "cross-0, TopK, 128 directions",
    "rgb_only": "rgb_only-0, TopK, 512 directions",
    "supervised": "supervised_rgb-0, TopK, 512 directions",
}
TAKES = "Two minutes or so; the curve arrives as it is trained, its nulls are trained after it."
PUSH = "About half a minute: pictures are drawn for six plants, with three pushes elsewhere."
SHIPPED = "cross-0"


def dictionaries() -> None:
    """What is recorded, and one of the learner's own."""
    name = st.selectbox(
        "Dictionary", list(RECORDED), format_func=RECORDED.__getitem__, key="recorded dictionary"
    )
    try:
        _worth(
            DictionaryResult.from_json(session.results("10_dictionary")[name]), f"recorded {name}"
        )
    except PlantEduError as error:
        st.info(str(error))
    with st.expander("Where directions are known: the positive control", expanded=True):
        try:
            found = session.result_as(dict, "10_recovery")
            _control([replace(revived(Recovery, x), settings=name) for name, x in found.items()])
        except PlantEduError as error:
            st.info(str(error))
    with folded_experiment("Train one, live", "dictionary"):
        one = Experiment("dictionary", "Train", TAKES, _own)
        ask(one, _request(), name="a dictionary", controls=CONTROLS)


CONTROLS: Controls = {
    "taken apart": "encoder",
    "rule": "rule",
    "directions": "width",
    "codes": "k",
    "dictionary steps": "steps",
    "dictionary seed": "seed",
}


def steering() -> None:
    """Push h along a feature, and see what is drawn."""
    st.markdown(
        "A direction added in all places of the last maps moves h by that direction. The denoiser "
        "of lesson 05 is conditioned on h before and after; the noise is the same. A push of equal "
        "length along the difference of two plants is the null: any push changes pictures."
    )
    whose = {"cross-0 (ships)": SHIPPED} | _trained()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("Dictionary", list(whose), key="steered", width=260)
        features = _features(whose[label])
        if not features:
            st.info("This dictionary has no feature to push.")
            return
        names = {one["number"]: called(one) for one in features}
        feature = st.selectbox(
            "Feature: what it answers best (AUROC)", list(names), format_func=names.__getitem__,
            key="pushed", width=290,
        )  # fmt: skip
        times = st.slider("Times its mean code", -10.0, 10.0, 3.0, 0.5, key="times", width=220)
    request = {"dictionary": whose[label], "feature": feature, "times": times}
    _recorded_push()
    name = f"feature {feature} pushed"
    one = Experiment("steer", "Push and draw", PUSH, _pushed)
    label_of = {path: words for words, path in whose.items()}
    controls: Controls = {
        "steered": (("dictionary",), lambda asked: label_of.get(asked["dictionary"], label)),
        "pushed": "feature",
        "times": "times",
    }
    ask(one, request, name=name, controls=controls)


def _recorded_push() -> None:
    """The pushes that are recorded."""
    try:
        rows = session.results("10_steer")["rows"]
    except PlantEduError as error:
        st.info(str(error))
        return
    with st.expander("Recorded pushes", expanded=True):
        k = st.selectbox(
            "Push",
            range(len(rows)),
            format_func=lambda k: (
                f"feature {rows[k]['settings']['feature']}: {rows[k]['question']}"
            ),
            key="recorded push",
        )
        bare = {n: v for n, v in rows[k].items() if n not in ("question", "auroc")}
        found = SteerResult.from_json(bare)
        drawn(found.chart(dark=session.dark()), f"push {k}", _words(found), words=True)
        path = session.LESSONS / "figures" / "10_steer-x1.png"
        if k == 0 and path.is_file():
            _picture(path.read_bytes())


def _picture(picture: bytes) -> None:
    st.image(
        picture,
        alt="Rows: plants. Columns: the source, drawn from h twice, from h pushed twice, elsewhere "
        "twice",
        caption="Rows: plants. Columns: the source; from h; from h pushed; pushed elsewhere by as "
        "much. Two samples each, the same noise in every group.",
        width="content",
    )


def _request() -> dict[str, Any]:
    """What the learner wants to train."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.selectbox("Encoder", shipped.dissectable(), key="taken apart", width=200)
        rule = st.selectbox("Rule", ("topk", "batchtopk"), key="rule", width=130)
        width = st.select_slider("Directions", (64, 128, 256, 512, 1024, 4096), value=512,
                                 key="directions", width=180)  # fmt: skip
        k = st.slider("Codes kept", 1, 32, 8, key="codes", width=150)
        steps = st.slider("Steps", 50, 600, 300, 50, key="dictionary steps", width=150)
        seed = whole_number("Seed", 0, 99, value=0, key="dictionary seed", width=90)
    one_sensor = "rgb_only" in words or "supervised_rgb" in words
    sensors = ["rgb"] if one_sensor else ["rgb", "rgn"]
    request = {"encoder": words, "rule": rule, "width": width, "k": k, "steps": steps, "seed": seed}
    return request | {"sensors": sensors}


def _own(run: Run) -> None:
    """The curve while it is trained, then what it is worth."""
    if run.result:
        _worth(DictionaryResult.from_json(run.result), f"own {run.id}")
        return
    found = session.store().metrics(run.id, ["fvu", "dead"])
    if "fvu" in found:
        rows = zip(found["fvu"].steps, found["fvu"].values, found["dead"].values, strict=True)
        curve = [(int(step), float(a), float(b)) for step, a, b in rows]
        drawing = curve_chart(curve, dark=session.dark())
        draw(drawing, f"curve {run.id}")
        caption(drawing.alt)
    elif run.state == "running":
        caption("Plants are rendered and looked at first.")


def _worth(found: DictionaryResult, key: str) -> None:
    if found.warning:
        st.warning(found.warning)
    words = f"python -m plantedu neurons dictionary {command_line(found.settings)}"
    drawn(found.chart(dark=session.dark()), f"{key} worth", words, words=True)
    for one in (found.agreement, found.at_random):
        if one:
            st.markdown(
                f"**Two seeds agree** by {one.value:z.2f} (mean max cosine); {one.control}: "
                f"{one.null:z.2f}."
            )
    if found.control:
        _control(found.control)
    with st.expander("Question by question"):
        drawn(found.auroc_chart(dark=session.dark()), f"{key} auroc", words, words=True)
    with st.expander("As it was trained"):
        drawn(found.curve_chart(dark=session.dark()), f"{key} curve", words, words=True)


def _control(found: Sequence[Recovery]) -> None:
    """The same settings where the directions are known: recall, and precision beside it."""
    st.markdown(
        "**Positive control.** The same settings on activations made of 48 known directions in 24 "
        "dimensions. *Recall* is the mean largest cosine of a known direction; *precision* the "
        "share of live directions that are near a known one: what to expect of one that you open."
    )
    rows = [
        {
            "dictionary": f"{one.settings}: {one.width} directions, {one.k} codes",
            "recall": f"{one.recall:z.2f}",
            "recall at random": f"{one.at_random:z.2f}",
            "known ones found": f"{one.found:.0%}",
            "precision": f"{one.precision:.1%}",
            "precision at random": f"{one.luck:.1%}",
            "double": f"{one.duplicates:.0%}",
            "dead": f"{one.dead:.0%}",
        }
        for one in found
    ]
    st.dataframe(rows, hide_index=True, alt="Recall and precision where directions are known")


def called(one: Mapping[str, Any]) -> str:
    """A feature and what it answers; below .5 it fires where the answer is no, or the value low."""
    asked, auroc = one["question"], one["auroc"]
    if auroc < 0.5:
        asked, auroc = (f"not {asked}" if ":" in asked else f"low {asked}"), 1 - auroc
    return f"{one['number']}: {asked} ({auroc:z.2f})"


def _trained() -> dict[str, str]:
    """The learner's own dictionaries, of encoders whose h of RGB is a condition here."""
    try:
        known = set(shipped.denoisers()[0]["slots"])
    except PlantEduError:
        return {}
    runs = session.store().runs(kind="dictionary", learner=session.learner(), limit=10)
    return {
        f"{run.request.get('encoder', 'cross-0')} (run {run.id})": f"run:{run.id}"
        for run in runs
        if run.result
        and f"{run.request.get('encoder', SHIPPED).removeprefix('shipped:')}/h/rgb" in known
    }


def _features(words: str) -> list[dict[str, Any]]:
    """The features of a dictionary that answer something."""
    try:
        if words.startswith("run:"):
            result = session.store().run(words.removeprefix("run:")).result or {}
            return list(result.get("features", []))
        return list(session.results("10_dictionary")["topk"]["features"])
    except PlantEduError:
        return []


def _pushed(run: Run) -> None:
    folder = session.store().folder(run.id)
    if run.result:
        found = SteerResult.from_json(run.result)
        st.markdown(f"h was pushed by {found.length:z.2f} of a plant's distance from the mean.")
        drawn(found.chart(dark=session.dark()), f"own push {run.id}", _words(found), words=True)
    if (folder / "x1.png").is_file():
        _picture((folder / "x1.png").read_bytes())


def _words(found: SteerResult) -> str:
    return f"python -m plantedu neurons steer {command_line(found.settings)}"
