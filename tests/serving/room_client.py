"""A visitor in the network of `test_room.py`: asks the server at the address given, prints JSON."""

import asyncio
import http.client
import json
import sys

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

HOST, PORT, BASE, TOKEN = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
BODY = (
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    + bytes(1000)
    + b"\r\n--x--\r\n"
)


def asked(path, method="GET", body=None, **headers):
    link = http.client.HTTPConnection(HOST, PORT, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    link.request(method, path, body=body, headers=named)
    found = link.getresponse()
    text = found.read().decode("utf-8", "replace")
    link.close()
    return found, text


async def upload():
    """Open a page over its websocket, then send a file as a browser does."""
    where = f"ws://{HOST}:{PORT}{BASE}/_stcore/stream"
    async with connect(where, subprotocols=["streamlit"], max_size=None) as link:
        wish = BackMsg()
        wish.rerun_script.query_string = ""
        await link.send(wish.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "new_session":
            message.ParseFromString(await asyncio.wait_for(link.recv(), 60))
        return await asyncio.to_thread(send, message.new_session.initialize.session_id)


def send(session):
    found, _ = asked(f"{BASE}/_stcore/health")
    set_cookie = found.headers["set-cookie"]
    cookie = set_cookie.partition(";")[0]
    named = {"Cookie": cookie, "X_Xsrftoken": cookie.partition("=")[2]}
    named |= {"Content_Type": "multipart/form-data; boundary=x", "Origin": f"http://{HOST}:{PORT}"}
    path = f"{BASE}/_stcore/upload_file/{session}/0"
    return {"cookie": set_cookie.lower(), "status": asked(path, "PUT", BODY, **named)[0].status}


def main():
    page, _ = asked(f"{BASE}/")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    print(
        json.dumps(
            {
                "page": page.status,
                "robots": page.headers["x-robots-tag"],
                "robots.txt": asked("/robots.txt")[1],
                "root health": asked("/_stcore/health")[0].status,
                "streamlit": asked(f"{BASE}/_stcore/metrics")[0].status,
                "stranger": asked(f"{BASE}/metrics")[0].status,
                "metrics": asked(f"{BASE}/metrics", **bearer)[1],
                "upload": asyncio.run(upload()),
            }
        )
    )


if __name__ == "__main__":
    main()
