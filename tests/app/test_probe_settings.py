"""What a probe's settings do is drawn from the recorded result, with every control named."""

from streamlit.testing.v1 import AppTest


def page():
    from app.labs.probing.settings import probe_settings

    probe_settings()


def test_the_recorded_result_is_drawn_and_names_its_controls():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1
    words = " ".join(one.value for one in app.caption)
    for control in ("shuffled labels", "control task", "random-init encoders", "need not be used"):
        assert control in words
    app.button_group(key="recorded probing part").set_value(["Penalty"]).run()
    assert not app.exception
