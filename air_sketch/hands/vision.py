"""The eyes of the window: camera and hand tracker on a thread of their own.

The window's thread must come back to HighGUI every few milliseconds (Qt remembers only the last key), so
it never waits for a camera. A file plays at its own pace and no frame of it is left out; of a camera that
is faster than the loop, only the newest frames count.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from air_sketch.camera.clock import CameraClock
from air_sketch.camera.low_light import LowLight
from air_sketch.hands.recording import RecordedPointer
from air_sketch.values.datatypes import Frame, HandObservation
from air_sketch.values.errors import AirSketchError, HandModelError
from air_sketch.values.ports import Camera, HandTracker

LOG = logging.getLogger(__name__)

RETRY_EVERY_S = 2.0
FRAMES_WAITING = 3


@dataclass(frozen=True)
class Sighting:
    """A frame and the hand in it.

    Attributes:
        frame: the picture.
        observation: the hand, None when there is none.
        tracked: False while the hand model is still loading.
        keys: drawing keys of a recording ("clear", "undo", ...), pressed before this frame.
        pointer: when a recorded mouse drew instead of a hand.
        low_light: it is too dark to find hands well.
    """

    frame: Frame
    observation: HandObservation | None
    tracked: bool = True
    keys: tuple[str, ...] = ()
    pointer: RecordedPointer | None = None
    low_light: bool = False


@dataclass(frozen=True)
class CameraStopped:
    """The camera fails; it is tried again."""

    reason: str


@dataclass(frozen=True)
class CameraEnded:
    """The video or recording has come to its end."""


@dataclass(frozen=True)
class TrackerFailed:
    """There is no hand tracking; the error says how to mend it."""

    error: AirSketchError


VisionEvent = Sighting | CameraStopped | CameraEnded | TrackerFailed


class SightSource(Protocol):
    """Delivers frames with hands."""

    @property
    def canvas_wh(self) -> tuple[int, int]:
        """Size of the frames and of the drawing."""

    @property
    def plays_a_file(self) -> bool:
        """Whether frames come from a file, to be shown at the file's own pace."""

    def read(self) -> Sighting | None:
        """Return the next frame and hand, or None at the end."""

    def reopen(self) -> None:
        """Try to get a failed device back; raises CameraError when it is still gone."""

    def close(self) -> None:
        """Release everything; safe to call twice."""


class CameraSight:
    """A camera or video together with the hand tracker, which loads while the camera already runs."""

    def __init__(
        self,
        camera: Camera,
        make_tracker: Callable[[], HandTracker],
        plays_a_file: bool,
        open_again: Callable[[], Camera] | None = None,
    ) -> None:
        """Start loading the tracker.

        Args:
            camera: opened already (macOS wants that on the main thread).
            make_tracker: imports mediapipe; called on a thread of its own.
            plays_a_file: a file waits for the tracker and keeps its own pace.
            open_again: reopens a camera that has failed.
        """
        self._camera = camera
        self._make_tracker = make_tracker
        self._open_again = open_again
        self._plays_a_file = plays_a_file
        self._clock = CameraClock(camera.resolution_wh)
        self._light = LowLight()
        self._tracker: HandTracker | None = None
        self._tracker_error: AirSketchError | None = None
        self._tracker_done = threading.Event()
        threading.Thread(target=self._load_tracker, name="hand model", daemon=True).start()

    @property
    def canvas_wh(self) -> tuple[int, int]:
        """Size of the camera's frames."""
        return self._clock.canvas_wh

    @property
    def plays_a_file(self) -> bool:
        """Whether this is a file."""
        return self._plays_a_file

    def read(self) -> Sighting | None:
        """Return the next frame and its hand; raises what the tracker's loading raised."""
        if self._plays_a_file:
            self._tracker_done.wait()
        if self._tracker_error is not None:
            raise self._tracker_error
        frame = self._camera.read()
        if frame is None:
            return None
        frame, tracker = self._clock.continued(frame), self._tracker
        if tracker is None:
            return Sighting(frame, None, tracked=False)
        observation = tracker.detect(self._light.prepare(frame))
        return Sighting(frame, observation, low_light=self._light.is_low)

    def reopen(self) -> None:
        """Open the camera again."""
        if self._open_again is not None:
            self._camera.close()
            self._camera = self._open_again()
            self._clock.restart()

    def close(self) -> None:
        """Release camera and tracker."""
        self._camera.close()
        tracker, self._tracker = self._tracker, None
        if tracker is not None:
            tracker.close()

    def _load_tracker(self) -> None:
        try:
            self._tracker = self._make_tracker()
        except AirSketchError as error:
            self._tracker_error = error
        finally:
            self._tracker_done.set()


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
