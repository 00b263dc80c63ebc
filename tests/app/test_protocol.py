"""What is a run and when it is over, in the words of Streamlit's own messages."""

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import _set_run_identity
from streamlit.runtime.scriptrunner_utils.run_descriptor import RunDescriptor

from app.protocol import asked, is_over
from plantedu.serving.turns import EXPECTED, PART


def wish(fragment=""):
    sent = BackMsg()
    sent.rerun_script.query_string = ""
    sent.rerun_script.fragment_id = fragment
    return {"type": "websocket.receive", "bytes": sent.SerializeToString()}


def over(status=ForwardMsg.FINISHED_SUCCESSFULLY):
    message = ForwardMsg()
    message.script_finished = status
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        (wish(), EXPECTED),
        (wish("a part"), PART),
        ({"type": "websocket.receive", "bytes": BackMsg(clear_cache=True).SerializeToString()}, 0),
        ({"type": "websocket.receive", "bytes": b"\xff\xff no message"}, 0),
        ({"type": "websocket.receive", "text": "words"}, 0),
        ({"type": "websocket.disconnect"}, 0),
    ],
)
def test_what_a_browser_asks_to_be_run(message, seconds):
    assert asked(message) == seconds


@pytest.mark.parametrize("parts", [0, 1, 40])
def test_that_a_run_is_over_is_heard_with_the_ids_of_its_parts(parts):
    """A run of a part names it: 32 digits each. Unheard, it held its slot for a second."""
    message = ForwardMsg()
    message.script_finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
    _set_run_identity(message, RunDescriptor.create([f"{k:032x}" for k in range(parts)]))
    assert is_over({"type": "websocket.send", "bytes": message.SerializeToString()})


def test_when_a_run_is_over():
    assert is_over(over())
    assert is_over(over(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    assert not is_over(over(ForwardMsg.FINISHED_EARLY_FOR_RERUN))
    assert not is_over({"type": "websocket.send", "bytes": bytes(10_000)})
    assert not is_over({"type": "websocket.accept"})
