"""Plays a recorded session in many processes, each from another moment on, until they are killed.

``python killed_sessions.py RECORDING FOLDER COUNT``: each child keeps its journal in FOLDER/NUMBER and writes the
session time that it has reached into FOLDER/NUMBER.t_s. "PID NUMBER" on stdout tells that a child has begun.
"""

import mmap
import os
import struct
import sys
import time
from pathlib import Path

from air_sketch.drawing.keeping.calibrations import load_calibration
from air_sketch.drawing.keeping.journal import Journal
from air_sketch.drawing.session import Session
from air_sketch.hands.recording import RecordingReader


def play_on(session, frames, operations, folder):
    """Be one program: journal what was, then play frames at their own pace, until killed."""
    with open(f"{folder}.t_s", "w+b") as file:
        file.write(struct.pack("d", frames[0].t_s))
        file.flush()
        reached = mmap.mmap(file.fileno(), 8)
    journal = Journal(folder, session.canvas_wh, sys.exit)
    for operation in operations:
        journal.take(operation)
    journal.flush()
    os.write(1, f"{os.getpid()} {folder.name}\n".encode())
    session.document.listener = journal.take
    last_s = frames[0].t_s
    for frame in frames:
        time.sleep(max(0.0, frame.t_s - last_s))
        last_s = frame.t_s
        session.play(frame.t_s, frame.observation, frame.keys, frame.pointer)
        reached[:] = struct.pack("d", frame.t_s)
    time.sleep(60)


def main(recording, folder, count):
    reader = RecordingReader(Path(recording))
    frames, operations = list(reader.frames()), []
    session = Session(load_calibration(), reader.canvas_wh)
    session.document.listener = operations.append
    starts = [round(number * (len(frames) - 45) / (count - 1)) for number in range(count)]
    for index, frame in enumerate(frames):
        for number in [n for n, start in enumerate(starts) if start == index]:
            if os.fork() == 0:
                play_on(session, frames[index:], operations, Path(folder) / str(number))
        session.play(frame.t_s, frame.observation, frame.keys, frame.pointer)
    os.wait()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
