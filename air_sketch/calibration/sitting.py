"""One sitting at the calibration window: frames and keys in, what to show and the outcome out. Clockless."""

from __future__ import annotations

from air_sketch.calibration.fit import FitResult, fit_calibration
from air_sketch.calibration.guide import Guide
from air_sketch.calibration.phases import Phase
from air_sketch.desk.events import Key
from air_sketch.drawing.settings import Calibration
from air_sketch.hands.geometry import palm_center_norm, tip_norm
from air_sketch.hands.gestures import FingerBands
from air_sketch.values.datatypes import PointNorm
from air_sketch.values.errors import CalibrationError
from air_sketch.values.hand import HandObservation

SAVES_AFTER_S = 6.0
"""The person stands an arm's length from the keyboard, so a good result is saved without a key."""


class CalibrationSitting:
    """Leads through the phases, fits, and waits for the person's word.

    Attributes:
        saves: None while the sitting goes on, then whether the result is to be saved.
        guide: what is to be shown now.
        hand: the hand in the last frame.
        result: the fit, once there is one.
        refusal: why there is none, "" otherwise.
        saves_in_s: seconds until the result is saved.
    """

    def __init__(self, before: Calibration, prior: FingerBands) -> None:
        """Args: before: the settings so far. prior: thresholds that suit most people."""
        self._before, self._prior = before, prior
        self.saves: bool | None = None
        self._begin()

    def _begin(self) -> None:
        self.guide = Guide()
        self.hand: HandObservation | None = None
        self.result: FitResult | None = None
        self.refusal = ""
        self.saves_in_s = SAVES_AFTER_S
        self._fitted_s: float | None = None

    @property
    def is_measuring(self) -> bool:
        """Whether phases are still being shown."""
        return self.result is None and not self.refusal

    @property
    def at_norm(self) -> PointNorm | None:
        """Where the hand is (palm or fingertip, whichever the phase is about), None without a hand."""
        if self.hand is None:
            return None
        if self.guide.phase in (Phase.PALM, Phase.FIST):
            return palm_center_norm(self.hand)
        return tip_norm(self.hand)

    @property
    def left_hand(self) -> bool:
        """Whether the pictures show a left hand."""
        return self.hand is not None and self.hand.handedness == "Left"

    def see(self, observation: HandObservation | None, t_s: float) -> None:
        """Take one frame."""
        self.hand = observation
        if not self.is_measuring:
            return
        self.guide.see(observation, t_s)
        if self.guide.finished:
            try:
                self.result = fit_calibration(self.guide.recording, self._before, self._prior)
            except CalibrationError as error:
                self.refusal = str(error)

    def source_ended(self) -> None:
        """The file is over: without a result that is a refusal."""
        self.hand = None
        if self.is_measuring:
            self.refusal = "the recording ended before every step was shown"

    def tick(self, now_s: float) -> None:
        """Let time pass; ``now_s`` is the window's clock."""
        if self.result is None:
            return
        if self._fitted_s is None:
            self._fitted_s = now_s
        self.saves_in_s = max(0.0, self._fitted_s + SAVES_AFTER_S - now_s)
        if self.saves is None and self.saves_in_s == 0.0:
            self.saves = True

    def take_key(self, key: Key) -> None:
        """Esc and Q keep the old settings, Enter saves, R measures again."""
        letter = key.command.lower()
        if key.name == "escape" or letter == "q":
            self.saves = False
        elif letter == "r":
            self._begin()
        elif key.name == "enter" and self.result is not None:
            self.saves = True
