"""``doctor``: checks everything that the drawing half needs, and says how to mend what is not well.

Every check imports what it needs itself, so that a missing package is a finding instead of the end.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from air_sketch.commands.doctor.cameras import check_cameras
from air_sketch.commands.doctor.findings import can_run, findings_text, findings_to_json, wants_color
from air_sketch.commands.doctor.packages import INSTALL, check_packages, check_python
from air_sketch.files import CACHE_VARIABLE, COMMAND, how_to_restore, user_cache_folder, why_not_writable
from air_sketch.values.errors import AirSketchError, SpeechError
from air_sketch.values.findings import Finding, Health

Check = Callable[[], list[Finding]]

DEVICES = ("camera", "microphone")
DEVICE_TIMEOUT_S = 5.0
"""A driver that hangs must not keep the others' findings from being told."""

BLOCKS_HEARD = 6
DEAD_MICROPHONE_DBFS = -115.0
"""No analogue microphone is so quiet: it is muted, or the system gives zeros to programs without permission."""

CHECK_TIMEOUT_S = 30.0
"""For the rest, which waits for nothing but the processor and the disk, and takes well under a second of them."""


def drawing_checks(sketches: Path | str) -> list[tuple[str, Check]]:
    """Return the checks of the drawing half by name, in the order they are told."""
    return [
        ("python", check_python),
        ("packages", check_packages),
        ("display", check_display_answers),
        ("camera", check_cameras),
        ("hand model", check_hand_model),
        ("calibrations", check_calibrations),
        ("fonts", check_fonts),
        ("microphone", check_microphone),
        ("speech", check_speech),
        ("folders", lambda: check_folders(Path(sketches))),
    ]


def run_doctor(checks: Sequence[tuple[str, Check]], *, as_json: bool, timeout_s: float = CHECK_TIMEOUT_S) -> int:
    """Run all checks, print what they found, and return the exit code."""
    findings, all_ended = run_checks(checks, timeout_s)
    if as_json:
        print(json.dumps(findings_to_json(findings), ensure_ascii=False))
    else:
        print(findings_text(findings, colored=wants_color(sys.stdout.isatty())))
    code = 0 if can_run(findings) else 1
    if not all_ended:  # a thread inside a hanging driver would keep Python from ending
        logging.shutdown()
        sys.stdout.flush()
        os._exit(code)
    return code


def run_checks(checks: Sequence[tuple[str, Check]], timeout_s: float = CHECK_TIMEOUT_S) -> tuple[list[Finding], bool]:
    """Run all checks side by side; one that breaks or hangs becomes a finding of its own.

    Args:
        checks: name and function of each.
        timeout_s: how long they may take together; devices never longer than ``DEVICE_TIMEOUT_S``.
    Returns:
        The findings in the checks' order, and whether every check has ended.
    """
    outcomes: list[list[Finding] | None] = [None] * len(checks)

    def run(number: int, name: str, check: Check) -> None:
        try:
            outcomes[number] = check()
        except Exception as error:  # a check that breaks says something about the machine, too
            reason = f"the check broke: {type(error).__name__}: {' '.join(str(error).split())}"
            outcomes[number] = [Finding(name, Health.FAIL, reason, INSTALL)]

    threads = [
        threading.Thread(target=run, args=(number, name, check), name=f"check {name}", daemon=True)
        for number, (name, check) in enumerate(checks)
    ]
    limits_s = [min(timeout_s, DEVICE_TIMEOUT_S) if name in DEVICES else timeout_s for name, _ in checks]
    start_s = time.monotonic()
    for thread in threads:
        thread.start()
    for thread, limit_s in zip(threads, limits_s, strict=True):
        thread.join(max(0.0, start_s + limit_s - time.monotonic()))
    told = [
        [_hanging(name, limit_s)] if found is None else found
        for (name, _), found, limit_s in zip(checks, list(outcomes), limits_s, strict=True)
    ]
    return [finding for found in told for finding in found], not any(thread.is_alive() for thread in threads)


def check_display_answers() -> list[Finding]:
    """Connect to the display as the window would."""
    from air_sketch.values.errors import DisplayError
    from air_sketch.window.display import check_display

    try:
        check_display()
    except DisplayError as error:
        return [Finding("display", Health.FAIL, error.what, error.remedy)]
    names = [f"{key}={os.environ[key]}" for key in ("DISPLAY", "WAYLAND_DISPLAY") if os.environ.get(key)]
    return [Finding("display", Health.OK, f"{' '.join(names) or 'the desktop'} answers")]


def check_hand_model() -> list[Finding]:
    """Find or assemble the hand model, with its checksums."""
    from air_sketch.hands.model_file import ensure_hand_model

    try:
        path = ensure_hand_model()
    except AirSketchError as error:
        return [Finding("hand model", Health.FAIL, error.what, error.remedy)]
    megabytes = path.stat().st_size / 1e6
    return [Finding("hand model", Health.OK, f"{path.name}, {megabytes:.1f} MB, checksums right")]


def check_calibrations(folder: Path | None = None) -> list[Finding]:
    """Read every calibration; None for the program's own folder."""
    from air_sketch.drawing.keeping.calibrations import CALIBRATION_FOLDER, known_calibrations, load_calibration

    folder = CALIBRATION_FOLDER if folder is None else folder
    sound: list[str] = []
    findings: list[Finding] = []
    for name in known_calibrations(folder):
        try:
            load_calibration(name, folder)
            sound.append(name)
        except AirSketchError as error:
            health = Health.FAIL if name == "default" else Health.WARN
            mend = how_to_restore("calibration") if name == "default" else f"{COMMAND} calibrate {name}"
            findings.append(Finding(f"calibration {name}", health, error.what, mend))
    if "default" not in sound and not findings:
        findings.append(Finding("calibrations", Health.FAIL, f"{folder} has no default", how_to_restore("calibration")))
    return [Finding("calibrations", Health.OK, ", ".join(sound)), *findings] if sound else findings


def check_fonts() -> list[Finding]:
    """Set a line in several scripts with the shipped fonts."""
    from air_sketch.window.brushes.fonts import BOLD_FONTS, FONT_FOLDER, runs

    missing = [name for name in BOLD_FONTS if not (FONT_FOLDER / name).is_file()]
    if missing:
        return [Finding("fonts", Health.FAIL, f"missing {', '.join(missing)}", how_to_restore("air_sketch/fonts"))]
    try:
        names = [font.getname()[0] for font, _ in runs("Aä 한 é", 16, bold=True)]
    except OSError as error:
        return [Finding("fonts", Health.FAIL, f"cannot be opened: {error}", how_to_restore("air_sketch/fonts"))]
    return [Finding("fonts", Health.OK, f"{len(BOLD_FONTS)} shipped fonts, {names[0]} first")]


def check_microphone() -> list[Finding]:
    """Open the microphone and listen for a moment; captions can always be typed."""
    from air_sketch.voice.microphone import DeviceMicrophone
    from air_sketch.voice.sound.levels import level_dbfs

    try:
        microphone = DeviceMicrophone()
        try:
            level = max(level_dbfs(microphone.read()) for _ in range(BLOCKS_HEARD))
        finally:
            microphone.close()
    except SpeechError as error:
        return [_warning("microphone", error, "captions are typed")]
    if level <= DEAD_MICROPHONE_DBFS:
        advice = "Switch it on, or allow this program to use it in the system's settings"
        return [Finding("microphone", Health.WARN, "only digital silence comes; captions are typed", advice)]
    return [Finding("microphone", Health.OK, f"{microphone.name}, {microphone.rate_hz} Hz, hears {level:.0f} dB")]


def check_speech() -> list[Finding]:
    """Find the weights of the offline recogniser and of the speech gate."""
    from air_sketch.voice.recognizers.moonshine import find_model
    from air_sketch.voice.sound.gate import SpeechGate

    try:
        weights = find_model()
        SpeechGate()
    except SpeechError as error:
        return [_warning("speech", error, "captions are typed")]
    return [Finding("speech", Health.OK, f"moonshine with {weights.name}, and the speech gate")]


def _warning(name: str, error: SpeechError, without: str) -> Finding:
    """Say what is wrong and what mends it, and what it is like until then."""
    return Finding(name, Health.WARN, f"{error.what}; {without}", error.remedy)


def check_folders(sketches: Path) -> list[Finding]:
    """Try to write where the program writes."""
    from air_sketch.drawing.keeping.calibrations import CALIBRATION_FOLDER
    from air_sketch.hands.model_file import CHECKPOINTS_FOLDER

    places = {
        "sketches": sketches,
        "calibration": CALIBRATION_FOLDER,
        "checkpoints": CHECKPOINTS_FOLDER,
        "cache": user_cache_folder(),
    }
    if places["checkpoints"] == places["cache"]:  # of an installed program
        del places["checkpoints"]
    refused = {name: reason for name, folder in places.items() if (reason := why_not_writable(folder))}
    if not refused:
        return [Finding("folders", Health.OK, f"{', '.join(places)} can be written")]
    mends = {
        "sketches": f"Choose another folder: {COMMAND} --sketches DIR",
        "calibration": f"Choose another folder: {COMMAND} calibrate NAME --folder DIR",
        "checkpoints": "Nothing to do: the cache folder is used instead",
        "cache": f"Set {CACHE_VARIABLE} to a folder that can be written",
    }
    return [
        Finding(f"folder {name}", Health.WARN, f"{places[name]}: {reason}", mends[name])
        for name, reason in refused.items()
    ]


def _hanging(name: str, timeout_s: float) -> Finding:
    detail = f"no answer within {timeout_s:.0f} s"
    if name in DEVICES:
        mend = "Unplug it and plug it in again, and close other programs that use it"
        return Finding(name, Health.WARN, detail, mend)
    return Finding(name, Health.FAIL, detail, "Run again; if it stays, restart the machine")
