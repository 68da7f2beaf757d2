"""``doctor``: checks everything that the program needs, and says how to mend what is not well.

Every check imports what it needs itself, so that a missing package is a finding instead of the end.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import metadata
from pathlib import Path

from air_sketch.files import IS_INSTALLED, how_to_restore, shipped, why_not_writable
from air_sketch.values.errors import AirSketchError

Check = Callable[[], str]
"""Returns what it has found; raises what is wrong, and what mends it."""

OPTIONAL = frozenset({"versions", "camera", "microphone", "speech", "folders"})
"""The program runs without these, so what is wrong with them is a warning."""

REQUIREMENTS = shipped("requirements.txt")
INSTALL = how_to_restore("") if IS_INSTALLED else "python -m pip install -r requirements.txt"

_PIN = re.compile(r"^([\w.-]+)==([^\s;#]+)(.*)", re.MULTILINE)


def drawing_checks(sketches: Path | str, cache: Callable[[], Path]) -> dict[str, Check]:
    """Return the checks of the drawing half by name, in the order they are told; ``cache`` names its folder."""
    return {
        "python": check_python,
        "packages": check_packages,
        "versions": check_versions,
        "display": check_display_answers,
        "hand model": check_hand_model,
        "speech": check_speech,
        "microphone": check_microphone,
        "camera": check_camera,
        "folders": lambda: check_folders(Path(sketches), cache()),
    }


def run_doctor(checks: Mapping[str, Check], *, as_json: bool) -> int:
    """Run all checks, print what they found, and return the exit code: 1 when the program cannot run."""
    findings = []
    for name, check in checks.items():
        if not as_json:
            print(f"{name:14}", end="", flush=True)  # before the check: a driver may hang
        finding = {"name": name, **examine(check)}
        if name in OPTIONAL and finding["health"] == "fail":
            finding["health"] = "warn"
        findings.append(finding)
        if not as_json:
            print(f"{finding['health']:6}{finding['detail']}")
            if finding["advice"]:
                print(f"{'':20}-> {finding['advice']}")
    can_run = all(finding["health"] != "fail" for finding in findings)
    if as_json:
        print(json.dumps({"can_run": can_run, "findings": findings}))
    else:
        print("\nThe program can run." if can_run else "\nThe program cannot run as it is.")
    return 0 if can_run else 1


def examine(check: Check) -> dict[str, str]:
    """Run one check; return health ("ok" or "fail"), detail (what was found) and advice (one line that mends it)."""
    try:
        return {"health": "ok", "detail": check(), "advice": ""}
    except AirSketchError as error:
        return {"health": "fail", "detail": error.what, "advice": error.remedy}
    except Exception as error:  # a check that breaks says something about the machine, too
        reason = " ".join(f"the check broke: {type(error).__name__}: {error}".split())
        return {"health": "fail", "detail": reason, "advice": INSTALL}


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> str:
    """Check the interpreter."""
    if not (3, 10) <= version < (3, 13):
        raise AirSketchError("mediapipe's hand models need Python 3.10, 3.11 or 3.12", "Install Python 3.11")
    return sys.version.split()[0]


def check_packages(requirements: Path = REQUIREMENTS) -> str:
    """Make sure that every package which this system needs is installed; imports none of them."""
    pins = _pins(requirements)
    missing = [name for name in pins if _installed(name) is None]
    if missing:
        raise AirSketchError(f"not installed: {', '.join(missing)}", INSTALL)
    return f"all {len(pins)} are installed"


def check_versions(requirements: Path = REQUIREMENTS) -> str:
    """Compare installed versions with the pinned ones."""
    found = [(name, _installed(name), wanted) for name, wanted in _pins(requirements).items()]
    others = [f"{name} {has} (expected {wanted})" for name, has, wanted in found if has not in (None, wanted)]
    if others:
        raise AirSketchError(f"other versions: {', '.join(others)}", INSTALL)
    return "as the program was tested with"


def _pins(requirements: Path) -> dict[str, str]:
    """Return name and version of what this system needs; an installed program's metadata say the same as the file."""
    if IS_INSTALLED:
        lines = [line for line in metadata.requires("air-sketch") or [] if "extra ==" not in line]
    else:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = _PIN.findall("\n".join(lines))
    return {name: version for name, version, rest in pins if "sys_platform" not in rest or f'"{sys.platform}"' in rest}


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def check_display_answers() -> str:
    """Connect to the display as the window would."""
    from air_sketch.window.display import check_display

    check_display()
    return "answers"


def check_hand_model() -> str:
    """Put the hand model together."""
    from air_sketch.hands.tracker import hand_model

    return f"{len(hand_model()) / 1e6:.1f} MB, comes with mediapipe"


def check_camera() -> str:
    """Open the first camera and wait for a picture."""
    from air_sketch.camera.webcam import WebcamCamera

    with closing(WebcamCamera(0)) as camera:
        width, height = camera.resolution_wh
    return f"camera 0, {width} x {height}"


def check_microphone() -> str:
    """Open the microphone and wait for sound; how loud it is, the window shows."""
    from air_sketch.voice.microphone import DeviceMicrophone

    with closing(DeviceMicrophone()) as microphone:
        microphone.read()
    return f"{microphone.name}, {microphone.rate_hz} Hz"


def check_speech() -> str:
    """Find the weights of the offline recogniser and of the speech gate."""
    from air_sketch.voice.recognizers.moonshine import find_model
    from air_sketch.voice.sound.gate import SpeechGate

    weights = find_model()
    SpeechGate()
    return f"moonshine with {weights.name}, and the speech gate"


def check_folders(sketches: Path, cache: Path) -> str:
    """Try to write where the program writes."""
    from air_sketch.drawing.keeping.calibrations import CALIBRATION_FOLDER

    folders = (sketches, CALIBRATION_FOLDER, cache)
    for folder in folders:
        if reason := why_not_writable(folder):
            remedy = "Choose another with --sketches DIR, calibrate --folder DIR or $AIR_SKETCH_CACHE"
            raise AirSketchError(f"{folder} cannot be written ({reason})", remedy)
    return f"{', '.join(map(str, folders))} can be written"
