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
from collections.abc import Callable

from air_sketch.hands.sighting import CameraEnded, CameraStopped, Sighting, SightSource, TrackerFailed, VisionEvent
from air_sketch.values.errors import AirSketchError, HandModelError

LOG = logging.getLogger(__name__)

RETRY_EVERY_S = 2.0
FRAMES_WAITING = 3


class Vision:
    """Runs a source on a thread and hands over what it sees."""

    def __init__(self, source: SightSource, clock: Callable[[], float] = time.monotonic) -> None:
        """Args: source: where frames come from. clock: seconds, for the pace of files."""
        self._source = source
        self._clock = clock
        self._events: queue.Queue[VisionEvent] = queue.Queue(FRAMES_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vision", daemon=True)

    def start(self) -> None:
        """Begin reading."""
        self._thread.start()

    def take(self) -> list[VisionEvent]:
        """Return what has been seen since the last call, oldest first; never waits."""
        seen: list[VisionEvent] = []
        while True:
            try:
                seen.append(self._events.get_nowait())
            except queue.Empty:
                return seen

    def stop(self, timeout_s: float = 1.5) -> bool:
        """End the thread and release the source; False when a device keeps it waiting."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set() and self._read_until_trouble():
                pass
        finally:
            self._source.close()

    def _read_until_trouble(self) -> bool:
        """Read frames; return whether to go on after trouble."""
        started_s: float | None = None
        try:
            while not self._stopping.is_set():
                sighting = self._source.read()
                if sighting is None:
                    self._hand_over(CameraEnded())
                    return False
                if self._source.plays_a_file:
                    started_s = self._clock() - sighting.frame.t_s if started_s is None else started_s
                    self._stopping.wait(max(0.0, started_s + sighting.frame.t_s - self._clock()))
                self._hand_over(sighting)
            return False
        except AirSketchError as error:
            return self._recover(error)
        except Exception as error:
            LOG.exception("reading the camera failed")
            return self._recover(AirSketchError(" ".join(f"{type(error).__name__}: {error}".split())))

    def _recover(self, error: AirSketchError) -> bool:
        if isinstance(error, HandModelError):
            self._hand_over(TrackerFailed(error))
            return False
        self._hand_over(CameraStopped(str(error)))
        if self._source.plays_a_file:
            return False
        while not self._stopping.wait(RETRY_EVERY_S):
            try:
                self._source.reopen()
                return True
            except AirSketchError as again:
                LOG.debug("camera still away: %s", again)
        return False

    def _hand_over(self, event: VisionEvent) -> None:
        """Queue an event; a file waits for room, a camera drops its oldest frame."""
        while not self._stopping.is_set():
            try:
                self._events.put(event, timeout=0.05 if self._source.plays_a_file else 0.0001)
                return
            except queue.Full:
                if not self._source.plays_a_file:
                    self._drop_oldest_frame()

    def _drop_oldest_frame(self) -> None:
        try:
            oldest = self._events.get_nowait()
        except queue.Empty:
            return
        if not isinstance(oldest, Sighting):
            LOG.warning("dropped news of the camera: %s", oldest)
