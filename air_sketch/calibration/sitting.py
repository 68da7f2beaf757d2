"""One sitting at the calibration window: frames and keys in, what to show and the outcome out. Clockless."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from air_sketch.calibration.fit import FitResult, fit_calibration
from air_sketch.calibration.guide import Guidance, Guide
from air_sketch.calibration.phases import Phase
from air_sketch.desk.events import Key
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.geometry import palm_center_norm
from air_sketch.hands.gestures import FingerBands
from air_sketch.values.datatypes import PointNorm
from air_sketch.values.errors import CalibrationError
from air_sketch.values.hand import HandLandmark, HandObservation

SAVES_AFTER_S = 6.0
"""The person stands an arm's length from the keyboard, so a good result is saved without a key."""


class Outcome(str, Enum):
    """How the sitting ended, or that it goes on."""

    RUNNING = "running"
    SAVE = "save"
    CANCEL = "cancel"


@dataclass(frozen=True)
class CalibrationView:
    """What the window shows.

    Attributes:
        guidance: the guide's latest word; None before the first frame.
        at_norm: where the hand is (palm or fingertip, whichever the phase is about), None without a hand.
        first_corner_norm: the corner shown already.
        left_hand: the pictures show a left hand.
        result: the fit, once there is one.
        refusal: why there is none, "" otherwise.
        saves_in_s: seconds until the result is saved.
    """

    guidance: Guidance | None
    at_norm: PointNorm | None = None
    first_corner_norm: PointNorm | None = None
    left_hand: bool = False
    result: FitResult | None = None
    refusal: str = ""
    saves_in_s: float = 0.0

    @property
    def saving_share(self) -> float:
        """0..1 of the wait before saving."""
        return 1.0 - self.saves_in_s / SAVES_AFTER_S


class CalibrationSitting:
    """Leads through the phases, fits, and waits for the person's word."""

    def __init__(self, before: Calibration, prior: FingerBands) -> None:
        """Args: before: the settings so far. prior: thresholds that suit most people."""
        self._before, self._prior = before, prior
        self.outcome = Outcome.RUNNING
        self._begin()

    def _begin(self) -> None:
        self._guide = Guide()
        self._guidance: Guidance | None = None
        self._hand: HandObservation | None = None
        self._fitted_s: float | None = None
        self.result: FitResult | None = None
        self.refusal = ""

    @property
    def is_measuring(self) -> bool:
        """Whether phases are still being shown."""
        return self.result is None and not self.refusal

    def see(self, observation: HandObservation | None, t_s: float) -> None:
        """Take one frame."""
        self._hand = observation
        if not self.is_measuring:
            return
        self._guidance = self._guide.see(observation, t_s)
        if self._guidance.finished:
            try:
                self.result = fit_calibration(self._guide.recording, self._before, self._prior)
            except CalibrationError as error:
                self.refuse(str(error))

    def source_ended(self) -> None:
        """The file is over: without a result that is a refusal."""
        self._hand = None
        if self.is_measuring:
            self.refuse("the recording ended before every step was shown")

    def refuse(self, reason: str) -> None:
        """Show why there is no result."""
        self.refusal = reason

    def tick(self, now_s: float) -> None:
        """Let time pass; ``now_s`` is the window's clock."""
        if self.result is None:
            return
        if self._fitted_s is None:
            self._fitted_s = now_s
        if self.outcome is Outcome.RUNNING and now_s - self._fitted_s >= SAVES_AFTER_S:
            self.outcome = Outcome.SAVE

    def take_key(self, key: Key) -> None:
        """Esc and Q keep the old settings, Enter saves, R measures again."""
        letter = key.text.lower()
        if key.name == "escape" or letter == "q":
            self.outcome = Outcome.CANCEL
        elif letter == "r":
            self._begin()
        elif key.name == "enter" and self.result is not None:
            self.outcome = Outcome.SAVE

    def view(self, now_s: float) -> CalibrationView:
        """Return what to show now."""
        waited_s = 0.0 if self._fitted_s is None else now_s - self._fitted_s
        return CalibrationView(
            self._guidance,
            self._at_norm(),
            self._guide.tip_of(Phase.UPPER_LEFT),
            self._hand is not None and self._hand.handedness == "Left",
            self.result,
            self.refusal,
            min(max(SAVES_AFTER_S - waited_s, 0.0), SAVES_AFTER_S),
        )

    def _at_norm(self) -> PointNorm | None:
        if self._hand is None:
            return None
        if self._guide.phase in (Phase.PALM, Phase.FIST):
            return palm_center_norm(self._hand)
        tip = self._hand.landmarks_norm[HandLandmark.INDEX_TIP]
        return float(tip[0]), float(tip[1])
