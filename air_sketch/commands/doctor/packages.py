"""Checks Python and the installed packages against what the program asks for; imports none of them."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from air_sketch.files import IS_INSTALLED, how_to_restore, shipped
from air_sketch.values.findings import Finding, Health

REQUIREMENTS = shipped("requirements.txt")
DISTRIBUTION = "air-sketch"
OLDEST_PYTHON, FIRST_TOO_NEW_PYTHON = (3, 10), (3, 13)
INSTALL = how_to_restore("") if IS_INSTALLED else "python -m pip install -r requirements.txt"

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")
_PLATFORM = re.compile(r"sys_platform == \"(\w+)\"")
_NAMES_SHOWN = 4


def check_python(version: tuple[int, int] | None = None) -> list[Finding]:
    """Check the interpreter."""
    found = sys.version_info[:2] if version is None else version
    detail = f"{'.'.join(map(str, sys.version_info[:3] if version is None else found))}"
    if OLDEST_PYTHON <= found < FIRST_TOO_NEW_PYTHON:
        return [Finding("python", Health.OK, detail)]
    advice = "Install Python 3.11 and make the environment again: mediapipe's hand models need 3.10, 3.11 or 3.12"
    return [Finding("python", Health.FAIL, f"{detail}, expected 3.10 to 3.12", advice)]


def check_packages(requirements: Path = REQUIREMENTS) -> list[Finding]:
    """Compare installed versions with the pinned ones: missing ones fail, others warn."""
    try:
        pins = dict(_PIN.findall(_wanted_here(_asked_for(requirements))))
    except OSError as error:
        return [Finding("packages", Health.FAIL, f"{requirements}: {error.strerror}", "git checkout requirements.txt")]
    missing, different = [], []
    for name, wanted in pins.items():
        found = _installed(name)
        if found is None:
            missing.append(name)
        elif found.split("+")[0] != wanted:
            different.append(f"{name} {found} (expected {wanted})")
    findings = []
    if missing:
        findings.append(Finding("packages", Health.FAIL, f"not installed: {_some(missing)}", INSTALL))
    if different:
        findings.append(Finding("packages", Health.WARN, f"other versions: {_some(different)}", INSTALL))
    headless = [name for name in ("opencv-python-headless", "opencv-contrib-python-headless") if _installed(name)]
    if headless:
        detail = f"{' and '.join(headless)} may hide the windows of opencv-python"
        findings.append(
            Finding("packages", Health.WARN, detail, f"pip uninstall -y {' '.join(headless)}, then {INSTALL}")
        )
    source = "the metadata" if IS_INSTALLED else requirements.name
    return findings or [Finding("packages", Health.OK, f"all {len(pins)} as in {source}")]


def _asked_for(requirements: Path) -> list[str]:
    """The file's lines; an installed program has no such file, but its metadata says the same."""
    if not IS_INSTALLED:
        return requirements.read_text(encoding="utf-8").splitlines()
    return [line for line in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in line]


def _wanted_here(lines: list[str]) -> str:
    """The lines without comments, and without those for other platforms."""
    lines = [line.split("#")[0] for line in lines]
    platforms = [_PLATFORM.findall(line) for line in lines]
    return "\n".join(
        line for line, wanted in zip(lines, platforms, strict=True) if not wanted or sys.platform in wanted
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _some(names: list[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
