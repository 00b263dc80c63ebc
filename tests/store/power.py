"""A disk that forgets what was not synced: run as a program, it writes and says what survived.

    python tests/runs/power.py FOLDER ACT

SQLite's own file system is wrapped: at each xSync the file is copied as it is, which is all that a
loss of power surely leaves of it. The folder `synced` then holds, for each file, what was on the
disk when ACT had returned.
"""

import _sqlite3
import ctypes
import shutil
import sys
from pathlib import Path

POINTER, INT = ctypes.c_void_p, ctypes.c_int
OPEN = ctypes.CFUNCTYPE(INT, POINTER, POINTER, POINTER, INT, POINTER)  # SQLite keeps the name
SYNC = ctypes.CFUNCTYPE(INT, POINTER, INT)
VFS_BYTES, VFS_OPEN, VFS_NAME = 168, 40, 24  # sqlite3_vfs, version 3, on 64 bits
METHODS_BYTES, METHODS_SYNC = 152, 40  # sqlite3_io_methods, version 3


class Disk:
    """Wraps the default file system of the SQLite that Python uses."""

    def __init__(self, synced: Path) -> None:
        self.synced, self.on, self.kept = synced, True, list[object]()
        synced.mkdir()
        lite = ctypes.CDLL(_sqlite3.__file__)
        lite.sqlite3_vfs_find.restype = POINTER
        lite.sqlite3_vfs_register.argtypes = [POINTER, INT]
        plain = lite.sqlite3_vfs_find(None)
        self.vfs = ctypes.create_string_buffer(ctypes.string_at(plain, VFS_BYTES), VFS_BYTES)
        self.open = OPEN(POINTER.from_buffer(self.vfs, VFS_OPEN).value)
        self.mine, self.name = OPEN(self.on_open), ctypes.c_char_p(b"forgets")
        self.put(self.vfs, VFS_OPEN, self.mine)
        POINTER.from_buffer(self.vfs, VFS_NAME).value = ctypes.cast(self.name, POINTER).value
        assert lite.sqlite3_vfs_register(self.vfs, 1) == 0

    @staticmethod
    def put(buffer, at, function) -> None:
        POINTER.from_buffer(buffer, at).value = ctypes.cast(function, POINTER).value

    def on_open(self, vfs, name, file, flags, out) -> int:
        code = self.open(vfs, name, file, flags, out)
        methods = POINTER.from_address(file).value
        if code == 0 and name and methods:
            path = Path(ctypes.string_at(name).decode())
            copy = ctypes.create_string_buffer(
                ctypes.string_at(methods, METHODS_BYTES), METHODS_BYTES
            )
            sync = SYNC(POINTER.from_buffer(copy, METHODS_SYNC).value)

            def on_sync(file, flags) -> int:
                code = sync(file, flags)
                if self.on:
                    shutil.copyfile(path, self.synced / path.name)
                return code

            mine = SYNC(on_sync)
            self.put(copy, METHODS_SYNC, mine)
            self.kept += [copy, sync, mine]
            POINTER.from_address(file).value = ctypes.addressof(copy)
        return code


def acts(folder: Path) -> dict[str, object]:
    """What is acknowledged to learners; each returns after it was said."""
    from plantedu.course.blocks import Prediction
    from plantedu.course.claims import Claims
    from plantedu.course.classes import Classes
    from plantedu.course.predictions import Predictions
    from plantedu.course.progress import Progress
    from plantedu.store.store import Store

    path, token = folder / "plantedu.sqlite", "a-learner-of-the-course"
    asked = Prediction("id", "Which?", (("a", "A"), ("b", "B")), {}, "s")
    book, store = Predictions(path), Store(path)
    claims, progress, classes = Claims(path), Progress(path), Classes(path)
    results = folder / "results"
    results.mkdir()
    number = '{"value": 0.5, "null": 0.1, "control": "shuffled labels", "n": 9}'
    (results / "r.json").write_text(f'{{"x": {number}}}')
    words = ("A claim of one sentence.", "results/r.json#/x", "Another number would do.")
    return {
        "predictions": lambda: book.commit(token, "l", asked, "a", 0.7),
        "progress": lambda: progress.solved(token, "l", "1.1"),
        "claims": lambda: claims.make(token, "l", *words, results=results),
        "classes": classes.begin,
        "runs": lambda: store.submit("kept", {}, lane="analysis", learner=token),
    }


if __name__ == "__main__":
    home, act = Path(sys.argv[1]), sys.argv[2]
    disk = Disk(home / "synced")
    known = acts(home)  # kept: the last to close a store moves its log into the file
    known[act]()
    disk.on = False  # the power goes
    for path in home.glob("plantedu.sqlite*"):
        shutil.copyfile(path, home / f"written-{path.name}")
