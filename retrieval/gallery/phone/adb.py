"""The system's ``adb``: which phone is there, what lies on it, and copying a file. Argument lists, no local shell."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.values.errors import PhoneError

ANSWER_TIMEOUT_S = 60.0
LEAST_BYTES_PER_S = 100_000
"""Slower than this the connection counts as cut."""

MAX_DEPTH = 16
_NUMBERS = rb"^([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8}) "
_ENTRY = re.compile(_NUMBERS + rb"(.*?)\n?(?=" + _NUMBERS + rb"|\Z)", re.DOTALL | re.MULTILINE)
_ALLOW = "Unlock it, tap 'Allow USB debugging' and run again."
STATES = {
    "unauthorized": ("has not allowed this computer yet", _ALLOW),
    "authorizing": ("has not allowed this computer yet", _ALLOW),
    "offline": ("does not answer", "Unplug it, plug it in again, and run again."),
}


@dataclass(frozen=True)
class RemoteFile:
    """A file on the phone.

    Attributes:
        path: relative to the folder that was listed.
        size_bytes: modulo 2^32.
        modified_s: since 1970.
    """

    path: str
    size_bytes: int
    modified_s: int


class Adb:
    """A connection to one phone.

    Args:
        program: path of adb.
        serial: of the phone.
    """

    def __init__(self, program: str, serial: str) -> None:
        self._program = program
        self.serial = serial

    @classmethod
    def connect(cls) -> Adb:
        """Find the phone; ``$ANDROID_SERIAL`` names one of several, as it does for adb itself.

        Raises:
            PhoneError: if adb is not installed, or there is not exactly one phone that answers.
        """
        program = shutil.which("adb")
        if program is None:
            raise PhoneError(
                "adb is not installed: it copies pictures from a phone",
                "Install it: apt install adb, brew install android-platform-tools, "
                "or winget install Google.PlatformTools",
            )
        done = _run([program, "devices"], ANSWER_TIMEOUT_S)
        if done.returncode:
            raise PhoneError(f"adb cannot start: {_last_line(done)}", "Check it with: adb devices")
        return cls(program, choose_phone(parse_devices(done.stdout), os.environ.get("ANDROID_SERIAL", "")))

    def files_under(self, path: str) -> Iterator[RemoteFile]:
        """List files and those in sub-folders.

        Raises:
            PhoneError: if the folder is not there or the phone is cut off.
        """
        folders = [("", 0)]
        while folders:
            folder, depth = folders.pop()
            done = self._ask("ls", f"{path}/{folder}")
            entries = parse_listing(done.stdout)
            if done.returncode:
                raise PhoneError(f"Phone {self.serial} cannot list {path}/{folder}: {_last_line(done)}", "Run again.")
            if not entries and not folder:
                raise PhoneError(f"Phone {self.serial} has no folder {path}", f"Check it with: adb shell ls {path}")
            for name, mode, size_bytes, modified_s in entries:
                place = f"{folder}{name}"
                if stat.S_ISDIR(mode) and name not in {".", ".."} and depth < MAX_DEPTH and not name.startswith("."):
                    folders.append((f"{place}/", depth + 1))
                elif stat.S_ISREG(mode):
                    yield RemoteFile(place, size_bytes, modified_s)

    def pull(self, remote: str, local: Path, size_bytes: int) -> str:
        """Copy a file; return why it was refused, "" when it was not.

        Raises:
            PhoneError: if the phone is cut off.
        """
        done = self._ask("pull", remote, os.fspath(local), extra_s=size_bytes / LEAST_BYTES_PER_S)
        if not done.returncode:
            return ""
        reason = _last_line(done)
        state = self._ask("get-state")
        if state.returncode or state.stdout.strip() != b"device":
            raise PhoneError(reason)
        return reason

    def _ask(self, *command: str, extra_s: float = 0.0) -> subprocess.CompletedProcess[bytes]:
        return _run([self._program, "-s", self.serial, *command], ANSWER_TIMEOUT_S + extra_s)


def parse_devices(text: bytes) -> dict[str, str]:
    """Read ``adb devices``: serial -> state."""
    lines = [line.partition("\t") for line in text.decode("utf-8", "replace").splitlines()]
    return {serial.strip(): state.strip() for serial, separator, state in lines if separator}


def choose_phone(phones: dict[str, str], wanted: str) -> str:
    """Return the serial of the phone to read.

    Raises:
        PhoneError: if there is none, several, or one that does not let us in.
    """
    if wanted and wanted not in phones:
        raise PhoneError(f"Phone {wanted} (ANDROID_SERIAL) is not connected: adb sees {', '.join(phones) or 'none'}.")
    if not phones:
        raise PhoneError(
            "No phone is connected",
            "Plug it in, turn on USB debugging in its developer options, and check it with: adb devices",
        )
    ready = [serial for serial, state in phones.items() if state == "device"]
    if not wanted and len(ready) > 1:
        raise PhoneError(f"Several phones are connected: {', '.join(ready)}", f"Name one: ANDROID_SERIAL={ready[0]}")
    serial = wanted or (ready or list(phones))[0]
    if phones[serial] != "device":
        state = phones[serial]
        what, remedy = STATES.get(
            state, (f"is not ready: {state}", "Wait or start it normally, and run again. See: adb devices")
        )
        raise PhoneError(f"Phone {serial} {what}", remedy)
    return serial


def parse_listing(text: bytes) -> list[tuple[str, int, int, int]]:
    """Read ``adb ls``: name, mode, size and time stamp of each entry; names may hold line breaks."""
    entries = (entry.groups() for entry in _ENTRY.finditer(text))
    return [(os.fsdecode(name), int(mode, 16), int(size, 16), int(time, 16)) for mode, size, time, name, *_ in entries]


def _run(command: list[str], timeout_s: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise PhoneError(
            f"adb does not answer within {timeout_s:.0f} s", "Unplug the phone and plug it in again."
        ) from error
    except OSError as error:
        raise PhoneError(f"adb cannot start: {error.strerror}", "Install it again.") from error


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """What adb said last: its reason."""
    text = (done.stderr.strip() or done.stdout.strip()).decode("utf-8", "replace")
    line = (text.splitlines() or [f"exit code {done.returncode}"])[-1]
    return line.removeprefix("adb: ").removeprefix("error: ").rstrip(".")
