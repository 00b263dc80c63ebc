"""Fine-tune an encoder two ways: live on the worker, beside recorded runs for who will not wait."""

from typing import Any

import streamlit as st

from app import address, session
from app.captions import caption
from app.experiment import latest, otherwise
from app.live_run import curves, follow
from app.numbers import whole_number
from app.page import downloads, draw
from app.put_back import Controls, appears, put_back
from plantedu.charts.forest import forest_chart
from plantedu.charts.palette import NAMES
from plantedu.course.family import Lines, evidence, few_lines, seeds_of
from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.topics.family.results.tuning_chart import accuracy_chart, confusion_chart
from plantedu.training.classifier.recipe import FineTune

MODES = {
    "mlp_only": "head alone: the encoder is frozen, its batch norm too",
    "discriminative": "all layers, early ones at smaller rates",
}
CONTROLS: Controls = {f"tune {name}": name for name in ("mode", "sensors", "labels", "seed")}
SENSORS = ("rgb", "rgn", "both")
EVEN = 1 / 3  # three classes; the class prior is known when the run is scored
SHARES = (0.01, 0.02, 0.05, 0.2, 1.0)


def tune() -> None:
    """Knobs, the button, and the learner's newest run."""
    asked = st.session_state.get("tuned") or latest("finetune")
    if asked and appears("fine-tune"):
        put_back(CONTROLS, session.store().run(asked).request)
    with st.container(border=True, key="tuning knobs"):
        with st.grid(4, min_column_width=215):
            mode = st.segmented_control(
                "Way", list(MODES), default="discriminative", required=True, key="tune mode"
            )
            sensors = st.segmented_control(
                "Camera", SENSORS, default="both", required=True, key="tune sensors"
            )
            labels = st.select_slider(
                "Share of labels", SHARES, 0.05, format_func=lambda v: f"{v:.0%}", key="tune labels"
            )
            seed = whole_number("Seed", 0, 9999, value=0, key="tune seed")
        caption(MODES[mode or "discriminative"])
        pressed = st.button("Fine-tune", type="primary", key="train classifier")
    chosen = {"mode": mode, "sensors": sensors, "labels": labels, "seed": seed}
    if pressed:
        _submit(
            FineTune.from_json(chosen).as_json(),
            f"{mode}, {sensors}, {labels:.0%} of labels, seed {seed}",
        )
    if asked := st.session_state.get("tuned") or asked:
        if words := otherwise(session.store().run(asked).request, chosen):
            caption(f":material/info: {words}")
        _other_way(follow(asked, _body))


def _submit(request: dict[str, Any], name: str) -> None:
    try:
        st.session_state["tuned"] = session.submit("finetune", request, name=name)
        address.put("result", st.session_state["tuned"])
    except PlantEduError as error:
        st.warning(str(error))


def _other_way(run: Run) -> None:
    """The learner's newest result of the other way on the same plants, so that both tables stay."""
    runs = session.store().runs(state="done", kind="finetune", learner=session.learner())
    for one in runs:
        differs = [
            k for k in {*one.request, *run.request} if one.request.get(k) != run.request.get(k)
        ]
        if differs == ["mode"] and one.result:
            st.subheader(f"Beside it, the other way: {one.name}", anchor=False)
            scored(one.result, f"other way {one.id}")
            return


def _body(run: Run) -> None:
    """Accuracy as it goes; when it is done, all that was scored."""
    series = curves(run)
    accuracy = (run.result or {}).get("accuracy")
    null, control = (accuracy["null"], "class prior") if accuracy else (EVEN, "even guess")
    look = {"last": run.steps, "dark": session.dark()}
    try:
        draw(accuracy_chart(series, null, control=control, **look), "live accuracy")
    except PlantEduError:
        caption("The first point comes as soon as plants have been looked at.")
    if run.result:
        scored(run.result, f"live {run.id}")


def scored(result: dict[str, Any], key: str) -> None:
    """What a classifier is worth: accuracy and log loss with nulls, calibration, confusions."""
    accuracy, loss = evidence(result["accuracy"]), evidence(result["log_loss"])
    low, high = accuracy.interval or (accuracy.value, accuracy.value)
    sensors = result["recipe"]["sensors"]
    st.markdown(
        f"- Accuracy on fresh plants **{accuracy.value:z.3f}** [{low:z.3f}, {high:z.3f}]; "
        f"{accuracy.control}: {accuracy.null:z.3f}; n = {accuracy.n}, 1 seed.\n"
        f"- Log loss **{loss.value:z.3f}**; {loss.control}: {loss.null:z.3f}; uniform: "
        f"{result['log_loss_uniform']:z.3f}.\n"
        f"- Calibration error (ECE) **{result['ece']:z.3f}**, with temperature "
        f"{result['temperature']:z.2f}, fitted on validation plants, "
        f"**{result['ece_tempered']:z.3f}**."
    )
    what = f"{NAMES.get(sensors, sensors)}, {result['recipe']['mode']}"
    chart = confusion_chart(result["confusion"], result["classes"], what=what, dark=session.dark())
    draw(chart, f"{key} confusion")
    caption(f"{what}: plants by what they are and are called; small: guessing by luck.")


def recorded() -> None:
    """Recorded classifiers: accuracy with few labels, and confusions by camera and way."""
    try:
        by_share = few_lines(session.results("04_few_labels"))
        _few(by_share)
    except PlantEduError as error:
        st.info(str(error))
    try:
        _by_camera(session.results("04_tuning")["runs"])
    except PlantEduError as error:
        st.info(str(error))


def _few(by_share: dict[str, Lines]) -> None:
    first = next(iter(by_share))
    share = st.segmented_control(
        "Labels",
        list(by_share),
        default=first,
        required=True,
        format_func=_labelled,
        key="few share",
    )
    lines = by_share[share or first]
    drawing = forest_chart(lines, unit="accuracy on fresh plants", dark=session.dark())
    draw(drawing, "few labels")
    caption(
        f"Grey tick: {lines[0][1].control}. Bars: lowest and highest seed. "
        f"n = {lines[0][1].n} fresh plants, {seeds_of(lines)}."
    )
    downloads(drawing, "few-labels", "python -m experiments.few_labels few", "few")


def _labelled(share: str) -> str:
    return {"0.01": "1 % of the labels", "0.05": "5 % of the labels"}.get(share, "all labels")


def _by_camera(runs: list[dict[str, Any]]) -> None:
    """Confusions of the recorded runs, a camera beside the other."""
    modes = list(dict.fromkeys(run["recipe"]["mode"] for run in runs))
    mode = st.segmented_control(
        "Recorded way", modes, default=modes[0], required=True, key="recorded mode"
    )
    with st.grid(3, min_column_width=260):
        for run in runs:
            if run["recipe"]["mode"] == (mode or modes[0]):
                with st.container():
                    st.markdown(f"**{NAMES.get(run['recipe']['sensors'], '')}**")
                    scored(run, f"recorded {mode} {run['recipe']['sensors']}")
