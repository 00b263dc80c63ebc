"""A drawing is a spec that waits for rows, and a whole chart when it is taken home."""

import io
import json
import math

import altair as alt
import pandas as pd
import pytest

from plantedu.charts.chart import Drawing, Part, built, mark, only, sheet, table
from plantedu.charts.palette import words_ink


def drawing():
    chart = alt.layer(
        only("line").mark_line().encode(x="step:Q", y="value:Q"),
        only("event").mark_rule().encode(x="step:Q"),
    )
    parts = [
        Part("line", "loss", [0, 1], [2.0, 1.5], [1.9, 1.4], [2.1, 1.6]),
        mark("event", "peak", step=1),
    ]
    return Drawing(built(chart), table(parts), "Loss falls from 2.0 to 1.5")


def test_no_part_of_a_spec_brings_data_of_its_own():
    assert '"data"' not in json.dumps(drawing().spec)


def test_parts_stand_below_one_another():
    rows = drawing().rows
    assert rows["kind"].tolist() == ["line", "line", "event"]
    assert rows["value"].tolist()[:2] == [2.0, 1.5]
    assert math.isnan(rows["value"][2])


def test_taken_home_it_is_one_chart_with_its_rows_and_words():
    whole = json.loads(drawing().vega_lite())
    assert len(whole["data"]["values"]) == 3
    assert whole["description"] == "Loss falls from 2.0 to 1.5"
    assert "vega-lite" in whole["$schema"]
    assert drawing().csv().splitlines()[1] == "0.0,2.0,1.9,2.1,line,loss"


def test_a_file_says_by_which_command_it_was_made():
    whole = json.loads(drawing().vega_lite("python -m plantedu x"))
    assert whole["usermeta"]["made_by"] == "python -m plantedu x"
    assert "made_by" not in json.loads(drawing().vega_lite()).get("usermeta", {})


def test_a_table_taken_home_says_in_every_row_by_which_command_it_was_made():
    command = 'python -m plantedu x --words "two, and a comma" --radius 0.0157'
    read = pd.read_csv(io.StringIO(drawing().csv(command)))
    assert read.pop("made_by").tolist() == [command] * 3
    pd.testing.assert_frame_equal(read, pd.read_csv(io.StringIO(drawing().csv())))


def test_a_sheet_holds_every_drawing_under_its_name():
    whole = json.loads(sheet({"one": drawing(), "two": drawing()}, columns=2))
    assert [chart["title"] for chart in whole["concat"]] == ["one", "two"]
    assert all(len(chart["data"]["values"]) == 3 for chart in whole["concat"])
    assert whole["columns"] == 2
    assert sum("$schema" in part for part in (whole, *whole["concat"])) == 1


def test_on_a_page_a_reader_without_eyes_hears_its_words_and_no_nameless_marks():
    """Taken home it keeps all: there no page says what it shows."""
    shown = drawing().on_page()
    assert shown["config"]["mark"] == {"aria": False}
    assert shown["config"]["axisY"] == {"labelFlush": False}, (
        "a name stands at the height of its row"
    )
    assert {**shown, "config": 0} == {**drawing().spec, "config": 0, "padding": shown["padding"]}
    assert "config" not in json.loads(drawing().vega_lite())


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_page_the_words_of_a_chart_can_be_read(dark):
    """Streamlit's grey stood 3.5:1 against the page."""
    joined = Drawing(built(only("line").mark_line().facet("kind:N")), drawing().rows, "")
    for one in (drawing(), joined):
        config = one.on_page(dark=dark)["config"]
        ink = {
            v for n in ("axis", "legend", "header") for k, v in config[n].items() if "Color" in k
        }
        assert ink == {words_ink(dark=dark)} == {config["title"]["color"]}


def named(names, **legend):
    """A chart with names of lines above it."""
    paint = alt.Color(
        "name:N", scale=alt.Scale(domain=names), legend=alt.Legend(orient="top", **legend)
    )
    return only("line").mark_line().encode(x="step:Q", y="value:Q", color=paint)


def columns_of(chart):
    shown = Drawing(built(chart), drawing().rows, "").on_page()
    return shown["encoding"]["color"]["legend"]["columns"]["expr"]


def test_on_a_page_names_above_a_narrow_chart_take_several_lines():
    """In one line four names of lesson 03 were cut by 109 pixels on a phone."""
    names = ["training pairs", "test pairs", "no weight decay", "answers dealt anew"]
    fit = "max(1, floor(([width, windowSize()[0]][1] - 150) / 142))"
    assert columns_of(named(names)) == f"[width, windowSize()[0]][1] < 640 ? {fit} : 0"
    assert columns_of(named(names, columns=3)).endswith(f"? min(3, {fit}) : 3")


def test_names_beside_the_axis_leave_less_room_for_those_above():
    chart = named(["a", "b"]).encode(y=alt.Y("value:Q", axis=alt.Axis(labelLimit=150)))
    assert "[width, windowSize()[0]][1] - 260" in columns_of(chart)


def test_several_plots_in_one_have_widths_of_their_own_and_keep_their_legend():
    chart = named(["a", "b"]).properties(width=100).facet("kind:N")
    spec = built(chart)
    assert {**Drawing(spec, drawing().rows, "").on_page(), "config": 0} == {**spec, "config": 0}


def test_a_long_title_below_an_axis_is_written_in_lines():
    x = alt.X("step:Q", title="total effect of do(), share of the variance over plants")
    chart = only("line").mark_line().encode(x=x, y="value:Q")
    shown = Drawing(built(chart), drawing().rows, "").on_page()
    assert shown["encoding"]["x"]["title"] == [
        "total effect of do(), share of the",
        "variance over plants",
    ]
