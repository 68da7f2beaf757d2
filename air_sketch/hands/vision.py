"""The eyes of any face: a source of frames and hands on a thread of its own.

A window's thread must come back to HighGUI every few milliseconds (Qt remembers only the last key), so
it never waits for a camera. A file plays at its own pace and no frame of it is left out; of a camera that
is faster than the loop, only the newest frames count.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import suppress

from air_sketch.hands.sighting import CameraEnded, CameraStopped, TrackerFailed, VisionEvent
from air_sketch.hands.sources import CameraSight, RecordingSight
from air_sketch.values.errors import AirSketchError, HandModelError

LOG = logging.getLogger(__name__)

RETRY_EVERY_S = 2.0
FRAMES_WAITING = 3
LONGEST_PAUSE_S = 5.0
"""Between two frames of a file; a longer one is passed over."""


class Vision:
    """Runs a source on a thread and hands over what it sees."""

    def __init__(self, source: CameraSight | RecordingSight) -> None:
        self._source = source
        self._events: queue.Queue[VisionEvent] = queue.Queue(FRAMES_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vision", daemon=True)

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()

    def take(self) -> list[VisionEvent]:
        """Return what has been seen since the last call, oldest first; never waits."""
        seen: list[VisionEvent] = []
        with suppress(queue.Empty):
            while True:
                seen.append(self._events.get_nowait())
        return seen

    def stop(self, timeout_s: float = 1.5) -> bool:
        """End the thread and release the source; False when a device keeps it waiting."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._read_all()
        except HandModelError as error:
            self._hand_over(TrackerFailed(error))
        except BaseException as error:  # nobody else would hear of it
            self._hand_over(CameraStopped(_told(error)))
        finally:
            with suppress(Exception):
                self._source.close()

    def _read_all(self) -> None:
        """Hand over frames until the end; a camera that fails is tried again, and told of once."""
        started_s: float | None = None
        is_away = False
        while not self._stopping.is_set():
            try:
                sighting = self._source.read()
            except HandModelError:
                raise
            except Exception as error:
                if not is_away:
                    self._hand_over(CameraStopped(_told(error)))
                if self._source.plays_a_file:
                    return
                is_away = True
                self._stopping.wait(RETRY_EVERY_S)
                continue
            if sighting is None:
                self._hand_over(CameraEnded())
                return
            is_away = False
            if self._source.plays_a_file:
                due_now_s = time.monotonic() - sighting.frame.t_s  # the start of a film whose frame is due now
                started_s = due_now_s if started_s is None else min(started_s, due_now_s + LONGEST_PAUSE_S)
                self._stopping.wait(max(0.0, started_s - due_now_s))
            self._hand_over(sighting)

    def _hand_over(self, event: VisionEvent) -> None:
        """Queue an event; a file waits for room, a camera drops its oldest frame."""
        while not self._stopping.is_set():
            try:
                self._events.put(event, timeout=0.05 if self._source.plays_a_file else 0.0)
                return
            except queue.Full:
                if not self._source.plays_a_file:
                    with suppress(queue.Empty):
                        self._events.get_nowait()


def _told(error: BaseException) -> str:
    """Return what went wrong as one line."""
    if isinstance(error, AirSketchError):
        return str(error)
    LOG.debug("reading the camera failed", exc_info=error)
    return " ".join(f"{type(error).__name__}: {error}".split())
