"""Leads through the phases of a calibration: says what to show, and goes on when it has been held long enough.

Pure and clockless. The poses are recognised without knowing the person's thresholds, which are only being
measured: each is compared with the ones before it. What cannot be recognised but is held on and on is taken as it
is; the fit judges it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from air_sketch.calibration.phases import PHASES, HandRecording, Phase, TimedHand
from air_sketch.hands.recording import RecordedFrame
from air_sketch.values.datatypes import Float32Array, PointNorm
from air_sketch.values.errors import CalibrationError
from air_sketch.values.hand import HandObservation

MIN_FRAMES = 8
"""Half a second at 15 frames a second; fewer say nothing about a person."""

PAUSE_S = 0.45
"""Between two phases, to see that one is done and to read the next."""

SETTLE_S = 0.15
"""Cut from the start of a steady stretch, where the fingers were still arriving."""

PATIENCE_S = 4.0
"""A pose held this long is taken although it does not look as asked for: a stiff hand cannot do better."""

LOST_FOR_S = 0.3
"""A hand missing for longer begins the phase anew."""

STEADY_EXTENSION = 0.2
"""A pose is steady while no finger leaves its running mean by more than this."""

STEADY_PALMS: Mapping[Phase, float] = {Phase.STILL: 0.3, Phase.UPPER_LEFT: 0.35, Phase.LOWER_RIGHT: 0.35}
"""How far the fingertip may stray from its running mean; in the other phases the hand may drift."""
DRIFT_PALMS = 0.9

OPEN_EXTENSION = 1.02
"""Four fingers that measure more than this on average are open."""

CLOSED_BY = 0.12
"""Four fingers that measure this much less than the open hand's are a fist."""

CORNER_APART = 0.12
"""A corner lies at least this part of the picture away from what was shown before."""


class Guide:
    """Takes frames one after the other and collects the steady ones of each phase.

    Attributes:
        recording: the frames of the phases that are complete.
        progress: 0..1 of the phase that is on.
        pausing: the phase before has just been completed.
        hand_seen: whether there was a hand in the last frame.
    """

    def __init__(self) -> None:
        self.recording: dict[Phase, tuple[TimedHand, ...]] = {}
        self.progress, self.pausing, self.hand_seen = 0.0, False, False
        self._run: list[TimedHand] = []
        self._run_shown = False
        self._last_seen_s = -math.inf
        self._paused_until_s = -math.inf

    @property
    def done(self) -> int:
        """How many phases are complete."""
        return len(self.recording)

    @property
    def finished(self) -> bool:
        """Whether every phase is complete."""
        return self.done == len(PHASES)

    @property
    def phase(self) -> Phase:
        """The phase that is on; the last one when finished."""
        return PHASES[min(self.done, len(PHASES) - 1)]

    @property
    def instruction(self) -> str:
        """What the person is to do."""
        return self.phase.instruction if self.hand_seen else "Show your hand to the camera"

    def tip_of(self, phase: Phase) -> PointNorm | None:
        """Return where the fingertip rested in a completed phase, 0..1 of the picture."""
        return _mean_tip(self.recording[phase]) if phase in self.recording else None

    def see(self, observation: HandObservation | None, t_s: float) -> None:
        """Take one frame; times must not go backwards."""
        self.progress, self.hand_seen = 0.0, observation is not None
        self.pausing = not self.finished and t_s < self._paused_until_s
        if self.finished or self.pausing:
            return
        if observation is not None and np.isfinite(observation.landmarks_norm).all():
            self._last_seen_s = t_s
            self._extend_run(TimedHand(t_s, observation))
        else:
            self.hand_seen = False
            if t_s - self._last_seen_s > LOST_FOR_S:
                self._run = []
        self.progress = self._progress(t_s)
        settled = tuple(hand for hand in self._run if hand.t_s >= self._run[0].t_s + SETTLE_S)
        if self.hand_seen and self.progress >= 1.0 and len(settled) >= MIN_FRAMES:
            self.recording[self.phase] = settled
            self.progress, self.pausing, self._run = 0.0, True, []
            self._paused_until_s = t_s + PAUSE_S

    def _extend_run(self, hand: TimedHand) -> None:
        """Add a frame to the steady stretch, or begin a new one with it."""
        shown = self._shows(hand)
        if self._run and (shown != self._run_shown or not self._is_steady(hand)):
            self._run = []
        self._run_shown = shown
        self._run.append(hand)

    def _is_steady(self, hand: TimedHand) -> bool:
        recent = self._run[-15:]
        mean = np.mean([m.extensions for m in recent], axis=0)
        x, y = _mean_tip(recent)
        strayed = math.hypot(hand.tip_norm[0] - x, hand.tip_norm[1] - y)
        limit = STEADY_PALMS.get(self.phase, DRIFT_PALMS) * hand.palm_norm
        return bool(np.abs(hand.extensions - mean).max() < STEADY_EXTENSION) and strayed <= limit

    def _shows(self, hand: TimedHand) -> bool:
        """Tell whether the frame looks like what this phase asks for."""
        if self.phase is Phase.PALM:
            return bool(hand.extensions[1:].mean() > OPEN_EXTENSION)
        palm = self._mean_extensions(Phase.PALM)
        if self.phase is Phase.FIST:
            closed_by = palm[1:] - hand.extensions[1:]
            return bool(closed_by.mean() > CLOSED_BY and closed_by.min() > 0.4 * closed_by.mean())
        fist = self._mean_extensions(Phase.FIST)
        level = (hand.extensions[1:] - fist[1:]) / np.maximum(palm[1:] - fist[1:], 0.05)
        points = bool(level[0] > 0.5 and level[1:].mean() < 0.5)
        return points and self._is_where_asked(hand)

    def _is_where_asked(self, hand: TimedHand) -> bool:
        x, y = hand.tip_norm
        if self.phase is Phase.UPPER_LEFT:
            rest_x, rest_y = _mean_tip(self.recording[Phase.STILL])
            left_by, up_by = rest_x - x, rest_y - y
            return left_by + up_by > CORNER_APART and min(left_by, up_by) > -0.05
        if self.phase is Phase.LOWER_RIGHT:
            left, top = _mean_tip(self.recording[Phase.UPPER_LEFT])
            return x - left > CORNER_APART and y - top > CORNER_APART
        return True

    def _mean_extensions(self, phase: Phase) -> Float32Array:
        return np.asarray(np.median([m.extensions for m in self.recording[phase]], axis=0), dtype=np.float32)

    def _progress(self, t_s: float) -> float:
        held_s = t_s - self._run[0].t_s if self._run else 0.0
        if self._run_shown:
            return min(1.0, held_s / (self.phase.hold_s + SETTLE_S))
        return min(1.0, held_s / PATIENCE_S) if held_s > 1.0 else 0.0


def collect_phases(frames: Iterable[RecordedFrame]) -> HandRecording:
    """Find the phases in a recording or a video, as in the window.

    Raises:
        CalibrationError: naming the first phase that is missing.
    """
    guide = Guide()
    for frame in frames:
        guide.see(frame.observation, frame.t_s)
    if not guide.finished:
        steps = ", ".join(phase.label.lower() for phase in PHASES)
        raise CalibrationError(
            f"the recording ends before the step {guide.phase.label.lower()!r} was held long enough",
            f"Show {steps}, about two seconds each",
        )
    return guide.recording


def _mean_tip(hands: Sequence[TimedHand]) -> PointNorm:
    x, y = np.mean([hand.tip_norm for hand in hands], axis=0)
    return float(x), float(y)
