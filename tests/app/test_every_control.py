"""Every control of every page is worked, and no page answers with an error or a raw number.

Controls are found by themselves: each choice of each select box and segmented control, both ends
of each slider, each switch both ways, each button once. Runs that a button asks for are left in the
queue; what their results show is tested beside each lab.
"""

import re
from itertools import islice

import pytest

PAGES = (
    *("00_home", "01_pairs", "02_training", "03_bump", "04_family", "05_generation"),
    *("06_similarity", "07_spectrum", "08_attacks", "09_attribution", "10_neurons", "11_report"),
    "12_own",
)
MOST = 12  # choices of one control that are tried, the first and the last among them
RAW = re.compile(r"(?<![\w/.-])(nan|inf|NaN)(?![\w/-])|[=:(] ?None\b|<!--|step 0 of 0|Traceback")
CHOICES = ("selectbox", "radio", "button_group", "select_slider")


def said(app):
    """Everything that a page says in words."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error")
    return [one.value for kind in kinds for one in app.get(kind) if isinstance(one.value, str)]


def faults(app):
    """What must not stand on a page."""
    found = [f"exception: {one.message or one.value}" for one in app.exception]
    for words in said(app):
        plain = re.sub(r"`[^`]*`|\$[^$]*\$", "", words)  # code and formulas
        if raw := RAW.search(plain):
            found.append(f"{raw[0]!r} in {plain[max(0, raw.start() - 60) : raw.end() + 60]!r}")
    return found


def some(values):
    """At most `MOST` of them, spread over all."""
    values = list(values)
    step = max(1, -(-len(values) // MOST))
    return [*values[::step], *values[-1:]]


def choices_of(kind, control):
    """What a control can be set to, without what it is set to."""
    if kind in ("toggle", "checkbox"):
        return [not control.value]
    if kind in ("slider", "number_input"):
        ends = [one for one in (control.min, control.max) if one is not None]
        pair = isinstance(control.value, (list, tuple))
        return [(one, one) for one in ends] if pair else ends
    if kind == "multiselect":
        return [[], control.options[:1]]
    if kind == "text_input":
        return ["no such thing"]
    if kind == "select_slider":  # its options are what they say, its value is what they mean
        return [number(one) for one in (control.options[0], control.options[-1])]
    return some(control.options)


def number(words):
    """The number that an option says; the words, where it says none."""
    for kind in (int, float):
        try:
            return kind(words.replace(",", ""))
        except ValueError:
            continue
    return words


def set_to(kind, control, value):
    """Set a control as a learner does; choices are given by what they say."""
    if kind == "button_group":
        control.set_value([value] if getattr(control, "_is_list", False) else value)
    else:
        control.set_value(value)


def controls(app):
    """Kind and key of every control that can be worked."""
    kinds = (*CHOICES, "slider", "number_input", "toggle", "checkbox", "multiselect", "text_input")
    return [
        (kind, one.key)
        for kind in kinds
        for one in app.get(kind)
        if one.key and not getattr(one, "disabled", False)
    ]


def named(app, kind, key):
    return next((one for one in app.get(kind) if one.key == key), None)


@pytest.mark.slow
@pytest.mark.parametrize("view", PAGES)
def test_every_choice_of_every_control_gives_a_page(open_page, view):
    app = open_page(view)
    assert faults(app) == []
    found, tried, done = [], 0, set()
    while todo := [one for one in controls(app) if one not in done]:
        kind, key = todo[0]
        done.add((kind, key))
        control = named(app, kind, key)
        before = control.value
        for value in choices_of(kind, control):
            control = named(app, kind, key)
            if control is None:
                break
            set_to(kind, control, value)
            app.run()
            tried += 1
            found += [f"{kind} {key!r} = {value!r}: {one}" for one in faults(app)]
            if app.exception:
                app = open_page(view)
        control = named(app, kind, key)
        if control is not None and not app.exception:
            set_to(kind, control, before)
            app.run()
    assert found == []
    assert tried > 3 or view == "00_home"


@pytest.mark.slow
@pytest.mark.parametrize("view", PAGES)
def test_every_button_of_every_page_gives_a_page(open_page, view):
    app = open_page(view)
    keys = [one.key for one in app.button if one.key and not one.disabled]
    found = []
    for key in islice(keys, 60):
        button = named(app, "button", key)
        if button is None or button.disabled:
            continue
        button.click()
        app.run()
        found += [f"{key!r}: {one}" for one in faults(app)]
        if app.exception:
            app = open_page(view)
    assert found == []
