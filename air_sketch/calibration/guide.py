"""Leads through the phases of a calibration: says what to show, and goes on when it has been held long enough.

Pure and clockless. The poses are recognised without knowing the person's thresholds, which are only being
measured: each is compared with the ones before it. What cannot be recognised but is held on and on is taken as it
is; the fit judges it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from air_sketch.calibration.fit import MIN_FRAMES
from air_sketch.calibration.phases import PHASES, HandRecording, Phase, TimedHand
from air_sketch.hands.geometry import finger_extensions, palm_size_px
from air_sketch.values.datatypes import Float32Array, PointNorm
from air_sketch.values.hand import HandLandmark, HandObservation

HOLD_S: Mapping[Phase, float] = {
    Phase.PALM: 1.0,
    Phase.FIST: 1.0,
    Phase.POINT: 0.8,
    Phase.STILL: 1.6,
    Phase.UPPER_LEFT: 0.8,
    Phase.LOWER_RIGHT: 0.8,
}
"""How long each phase is recorded; with the ways between them about ten seconds in all."""

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

_NO_HAND = "Show your hand to the camera"
_INSTRUCTIONS: Mapping[Phase, str] = {
    Phase.PALM: "Open your hand, palm to the camera",
    Phase.FIST: "Close it to a fist",
    Phase.POINT: "Point up with one finger",
    Phase.STILL: "Hold that finger quite still",
    Phase.UPPER_LEFT: "Reach up and left, as far as is comfortable",
    Phase.LOWER_RIGHT: "Reach down and right, as far as is comfortable",
}


@dataclass(frozen=True)
class Guidance:
    """What to show after one frame.

    Attributes:
        phase: the phase that is on; the last one when finished.
        done: how many phases are complete.
        progress: 0..1 of this phase.
        instruction: what the person is to do.
        pausing: the phase before has just been completed.
        hand_seen: whether there was a hand.
    """

    phase: Phase
    done: int
    progress: float
    instruction: str
    pausing: bool
    hand_seen: bool

    @property
    def finished(self) -> bool:
        """Whether every phase is complete."""
        return self.done == len(PHASES)


@dataclass(frozen=True)
class _Measured:
    """One frame's hand as the guide compares it."""

    hand: TimedHand
    extensions: Float32Array
    tip_norm: PointNorm
    palm_norm: float


class Guide:
    """Takes frames one after the other and collects the steady ones of each phase."""

    def __init__(self) -> None:
        """Start with the first phase."""
        self._done: dict[Phase, tuple[_Measured, ...]] = {}
        self._run: list[_Measured] = []
        self._run_shown = False
        self._last_seen_s = -math.inf
        self._paused_until_s = -math.inf

    @property
    def phase(self) -> Phase:
        """The phase that is on."""
        return PHASES[min(len(self._done), len(PHASES) - 1)]

    @property
    def finished(self) -> bool:
        """Whether every phase is complete."""
        return len(self._done) == len(PHASES)

    @property
    def recording(self) -> HandRecording:
        """What has been collected so far."""
        return {phase: tuple(measured.hand for measured in run) for phase, run in self._done.items()}

    def tip_of(self, phase: Phase) -> PointNorm | None:
        """Return where the fingertip rested in a completed phase, 0..1 of the picture."""
        return _mean_tip(self._done[phase]) if phase in self._done else None

    def see(self, observation: HandObservation | None, t_s: float) -> Guidance:
        """Take one frame; times must not go backwards."""
        if self.finished or t_s < self._paused_until_s:
            return self._report(0.0, observation is not None, pausing=not self.finished)
        if observation is None or not np.isfinite(observation.landmarks_norm).all():
            if t_s - self._last_seen_s > LOST_FOR_S:
                self._run = []
            return self._report(self._progress(t_s), False)
        self._last_seen_s = t_s
        self._extend_run(_measure(observation, t_s))
        if self._is_complete(t_s):
            self._complete(t_s)
            return self._report(0.0, True, pausing=True)
        return self._report(self._progress(t_s), True)

    def _extend_run(self, measured: _Measured) -> None:
        """Add a frame to the steady stretch, or begin a new one with it."""
        shown = self._shows(measured)
        if self._run and (shown != self._run_shown or not self._is_steady(measured)):
            self._run = []
        self._run_shown = shown
        self._run.append(measured)

    def _is_steady(self, measured: _Measured) -> bool:
        recent = self._run[-15:]
        mean = np.mean([m.extensions for m in recent], axis=0)
        x, y = _mean_tip(recent)
        strayed = math.hypot(measured.tip_norm[0] - x, measured.tip_norm[1] - y)
        limit = STEADY_PALMS.get(self.phase, DRIFT_PALMS) * measured.palm_norm
        return bool(np.abs(measured.extensions - mean).max() < STEADY_EXTENSION) and strayed <= limit

    def _shows(self, measured: _Measured) -> bool:
        """Tell whether the frame looks like what this phase asks for."""
        if self.phase is Phase.PALM:
            return bool(measured.extensions[1:].mean() > OPEN_EXTENSION)
        palm = self._mean_extensions(Phase.PALM)
        if self.phase is Phase.FIST:
            closed_by = palm[1:] - measured.extensions[1:]
            return bool(closed_by.mean() > CLOSED_BY and closed_by.min() > 0.4 * closed_by.mean())
        fist = self._mean_extensions(Phase.FIST)
        level = (measured.extensions[1:] - fist[1:]) / np.maximum(palm[1:] - fist[1:], 0.05)
        points = bool(level[0] > 0.5 and level[1:].mean() < 0.5)
        return points and self._is_where_asked(measured)

    def _is_where_asked(self, measured: _Measured) -> bool:
        x, y = measured.tip_norm
        if self.phase is Phase.UPPER_LEFT:
            rest_x, rest_y = _mean_tip(self._done[Phase.STILL])
            left_by, up_by = rest_x - x, rest_y - y
            return left_by + up_by > CORNER_APART and min(left_by, up_by) > -0.05
        if self.phase is Phase.LOWER_RIGHT:
            left, top = _mean_tip(self._done[Phase.UPPER_LEFT])
            return x - left > CORNER_APART and y - top > CORNER_APART
        return True

    def _mean_extensions(self, phase: Phase) -> Float32Array:
        return np.asarray(np.median([m.extensions for m in self._done[phase]], axis=0), dtype=np.float32)

    def _held_s(self, t_s: float) -> float:
        return max(0.0, t_s - self._run[0].hand.t_s) if self._run else 0.0

    def _progress(self, t_s: float) -> float:
        needed_s = HOLD_S[self.phase] + SETTLE_S if self._run_shown else PATIENCE_S
        return min(1.0, self._held_s(t_s) / needed_s) if self._run_shown or self._held_s(t_s) > 1.0 else 0.0

    def _is_complete(self, t_s: float) -> bool:
        return len(self._settled()) >= MIN_FRAMES and self._progress(t_s) >= 1.0

    def _settled(self) -> tuple[_Measured, ...]:
        start_s = self._run[0].hand.t_s + SETTLE_S
        return tuple(m for m in self._run if m.hand.t_s >= start_s)

    def _complete(self, t_s: float) -> None:
        self._done[self.phase] = self._settled()
        self._run = []
        self._paused_until_s = t_s + PAUSE_S

    def _report(self, progress: float, hand_seen: bool, *, pausing: bool = False) -> Guidance:
        words = _INSTRUCTIONS[self.phase] if hand_seen else _NO_HAND
        return Guidance(self.phase, len(self._done), progress, words, pausing, hand_seen)


def _measure(observation: HandObservation, t_s: float) -> _Measured:
    tip = observation.landmarks_norm[HandLandmark.INDEX_TIP]
    palm_norm = palm_size_px(observation, observation.frame_wh) / max(observation.frame_wh[0], 1)
    hand = TimedHand(t_s, observation)
    extensions = np.array(finger_extensions(observation), dtype=np.float32)
    return _Measured(hand, extensions, (float(tip[0]), float(tip[1])), palm_norm)


def _mean_tip(run: list[_Measured] | tuple[_Measured, ...]) -> PointNorm:
    x, y = np.mean([measured.tip_norm for measured in run], axis=0)
    return float(x), float(y)
