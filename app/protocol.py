"""What browser and server say to each other at the websocket, as far as turns need to know."""

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from plantedu.serving.answers import Message
from plantedu.serving.turns import EXPECTED, PART

MOST = 8192  # bytes; that a run is over is said with its id and those of up to some hundred parts
OVER = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY).SerializeToString()[:-1]
# how that field begins: most messages are without it


def asked(message: Message) -> float:
    """How long what a browser asks to be run may take, in seconds; 0 for no run."""
    data = message.get("bytes") if message["type"] == "websocket.receive" else None
    if not data:
        return 0.0
    try:
        wish = BackMsg.FromString(data)
    except DecodeError:
        return 0.0  # Streamlit says what it makes of it
    if wish.WhichOneof("type") != "rerun_script":
        return 0.0
    return PART if wish.rerun_script.fragment_id else EXPECTED


def is_over(message: Message) -> bool:
    """Whether a message tells the browser that a run is over, and does not begin again at once."""
    data = message.get("bytes") if message["type"] == "websocket.send" else None
    if not data or len(data) > MOST or OVER not in data:
        return False
    forward = ForwardMsg.FromString(data)
    early = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return forward.WhichOneof("type") == "script_finished" and forward.script_finished != early
