"""One drawing session: observations or pointer moves in, strokes and events out.

Pure and clockless: time comes in as ``t_s``, so a recorded session replays to exactly the same strokes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from air_sketch.drawing.filters import HandLock, OneEuroFilter, SpikeGate
from air_sketch.drawing.scribe import Scribe
from air_sketch.drawing.settings import DRAW, ERASE, HOVER, PEN_PREFIX, Calibration
from air_sketch.drawing.tools import HandInput, ToolMachine
from air_sketch.hands.geometry import finger_extensions, is_finite, palm_center_norm, palm_size_px, tip_norm
from air_sketch.hands.gestures import Pose, PoseTracker
from air_sketch.hands.recording import RecordedPointer
from air_sketch.values.datatypes import PointPx, StepResult
from air_sketch.values.hand import HandObservation

MAX_FRAME_GAP_S = 0.5
"""Frames further apart mean that the camera was away, and with it whatever the hand did meanwhile."""

POINTER_ERASER_FRACTION = 0.04
"""Radius of a mouse's eraser over the height of the canvas."""


class Session:
    """Everything between the tracker and the picture.

    Attributes:
        document: the drawing.
        pens: the pen in hand.
        events: everything that has happened, in order.
    """

    def __init__(self, settings: Calibration, canvas_wh: tuple[int, int]) -> None:
        """Start with an empty sheet of ``canvas_wh`` pixels."""
        self.settings = settings
        self.canvas_wh = canvas_wh
        self._scribe = Scribe(settings, canvas_wh)
        self.document, self.pens, self.events = self._scribe.document, self._scribe.pens, self._scribe.events
        self._poses = PoseTracker(settings.finger_bands)
        self._gate = SpikeGate()
        self._filter = OneEuroFilter(settings.filter, canvas_wh[0])
        self._tools = ToolMachine(settings, self._scribe)
        self._hand_lock = HandLock(settings.hand)
        self._tip_px: PointPx | None = None
        self._palm: tuple[PointPx, float] | None = None
        self._palm_size_px = 0.0
        self._last_action = HOVER
        self._last_frame_s: float | None = None
        self._pointer_down = False

    def play(
        self, t_s: float, observation: HandObservation | None, keys: Iterable[str], pointer: RecordedPointer | None
    ) -> StepResult:
        """Take one frame, live or recorded: its keys, then the pointer or the hand."""
        for key in keys:
            self.apply_key(key, t_s)
        if pointer is None:
            return self.step(observation, t_s)
        x_px, y_px, pressed, erase = pointer
        return self.step_pointer(x_px, y_px, pressed, t_s, erase=erase)

    def step(self, observation: HandObservation | None, t_s: float) -> StepResult:
        """Take one frame's hand, or None when there is none; times must not go backwards."""
        if self._last_frame_s is not None and t_s - self._last_frame_s > MAX_FRAME_GAP_S:
            self._step_without_hand(self._last_frame_s)
            self._step_without_hand(t_s)
        self._last_frame_s = t_s
        if observation is None or not is_finite(observation) or not self._hand_lock.lets_through(observation, t_s):
            return self._step_without_hand(t_s)
        tip_px, palm_px = self._to_canvas(observation)
        if self._palm is None:
            self._find_hand(tip_px, t_s)
        action = self._action_of(self._poses.read(finger_extensions(observation)))
        speed = self._palm_speed(palm_px, t_s)
        hand = self._filter_tip(tip_px, palm_px, action, speed, t_s)
        self._tools.take(hand, t_s)
        return self._result(hand)

    def step_pointer(self, x_px: float, y_px: float, pressed: bool, t_s: float, *, erase: bool = False) -> StepResult:
        """Take one position of a mouse or stylus: pressed inks (or erases) at once, without any dwell."""
        point, radius_px = (float(x_px), float(y_px)), POINTER_ERASER_FRACTION * self.canvas_wh[1]
        if pressed and erase:
            self._end_pointer_stroke(t_s)
            self.document.erase_at(point, radius_px)
        elif pressed and not self._pointer_down:
            self.document.end_erasing()
            self._scribe.pen_down(point, t_s)
            self._pointer_down = True
        elif pressed:
            self._scribe.pen_move(point, t_s)
        else:
            self._end_pointer_stroke(t_s)
            self.document.end_erasing()
        self._tip_px = point
        state = (ERASE if erase else DRAW) if pressed else HOVER
        return StepResult(state, True, point, point, radius_px)

    def apply_key(self, name: str, t_s: float) -> bool:
        """Carry out "clear", "undo", "redo", "wider", "thinner" or "pen:NAME", so that recordings can repeat them.

        Returns:
            Whether the name is one of these and changed something.
        """
        if name.startswith(PEN_PREFIX):
            pen = name.removeprefix(PEN_PREFIX)
            if pen in self.pens:
                self._scribe.select(pen, t_s)
            return pen in self.pens
        keys: dict[str, Callable[[], bool]] = {
            "clear": self.document.clear,
            "undo": self.document.undo,
            "redo": self.document.redo,
            "wider": lambda: self.pens.change_width(1),
            "thinner": lambda: self.pens.change_width(-1),
        }
        changed = name in keys and keys[name]()
        if changed:
            self._scribe.note(t_s, name)
        return changed

    def finish(self, t_s: float) -> None:
        """End the stroke or erasing gesture that is still going on."""
        self._tools.finish(t_s)
        self._end_pointer_stroke(t_s)
        self.document.end_erasing()

    def _step_without_hand(self, t_s: float) -> StepResult:
        if self._palm is not None:
            self._scribe.note(t_s, "hand_lost")
        self._palm = None
        self._tools.take(None, t_s)
        return self._result(None)

    def _find_hand(self, tip_px: PointPx, t_s: float) -> None:
        """Take up a hand that was away; unless a stroke waits for it nearby, it starts afresh."""
        self._gate.reset()
        gate_px = self.settings.motion.bridge_palms * self._palm_size_px
        waits_here = self._tip_px is not None and math.dist(tip_px, self._tip_px) <= gate_px
        if self._tools.pause is None or not waits_here:
            self._poses.reset()
            self._filter.reset()
        self._scribe.note(t_s, "hand_found")

    def _to_canvas(self, observation: HandObservation) -> tuple[PointPx, PointPx]:
        """Map fingertip and palm through the active box, and measure the palm on the canvas."""
        left, top, right, bottom = self.settings.active_box_norm
        width_px, height_px = self.canvas_wh
        scale_x, scale_y = width_px / (right - left), height_px / (bottom - top)
        tip_x, tip_y = tip_norm(observation)
        palm_x, palm_y = palm_center_norm(observation)
        self._palm_size_px = palm_size_px(observation, self.canvas_wh) / (right - left)
        tip_px = ((tip_x - left) * scale_x, (tip_y - top) * scale_y)
        return tip_px, ((palm_x - left) * scale_x, (palm_y - top) * scale_y)

    def _palm_speed(self, palm_px: PointPx, t_s: float) -> float:
        """Return how fast the palm moves, palms per second."""
        before, self._palm = self._palm, (palm_px, t_s)
        if before is None or t_s <= before[1] or self._palm_size_px <= 0.0:
            return 0.0
        return math.dist(palm_px, before[0]) / (t_s - before[1]) / self._palm_size_px

    def _action_of(self, pose: Pose) -> str:
        """Look the pose up; a lone index finger points whatever the thumb does."""
        action = self.settings.gesture_map[pose.gesture]
        points = pose.pointing and self.settings.gesture_map["one"] == DRAW
        return DRAW if points else action

    def _filter_tip(self, tip_px: PointPx, palm_px: PointPx, action: str, speed: float, t_s: float) -> HandInput:
        """Run the fingertip through gate and filter; a new pointing pose gets a fresh filter."""
        if action == DRAW and DRAW not in (self._last_action, self._tools.state) and self._tools.pause is None:
            self._filter.reset()
        self._last_action = action
        passed = self._gate.admit(tip_px, self.settings.motion.gate_palms * self._palm_size_px)
        if self._gate.broke:
            self._filter.reset()
        if passed or self._tip_px is None:
            self._tip_px = self._filter.smooth(tip_px, t_s)
        return HandInput(action, self._tip_px, palm_px, self._palm_size_px, speed, self._gate.broke, held=not passed)

    def _end_pointer_stroke(self, t_s: float) -> None:
        if self._pointer_down:
            self._pointer_down = False
            self._scribe.lift(t_s)

    def _result(self, hand: HandInput | None) -> StepResult:
        pen, progress = self._tools.ripening or (None, 0.0)
        return StepResult(
            tool_state=self._tools.state,
            hand_seen=hand is not None,
            tip_px=None if hand is None else hand.tip_px,
            palm_px=None if hand is None else hand.palm_px,
            eraser_radius_px=self.settings.motion.eraser_radius_palms * self._palm_size_px,
            select_progress=progress,
            select_color_rgb=None if pen is None else self.settings.pens[pen],
        )
