"""The hand landmarker's model file: assembled from the installed mediapipe wheel, or downloaded and checked.

mediapipe 0.10.21 carries both networks as separate files; a ``.task`` file is nothing but a stored zip of them.
So nothing has to be downloaded, and the program works offline from the first start.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import logging
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path

from air_sketch.files import IS_INSTALLED, shipped, user_cache_folder
from air_sketch.values.errors import HandModelError, StorageError

logger = logging.getLogger(__name__)

CHECKPOINTS_FOLDER = user_cache_folder() if IS_INSTALLED else shipped("checkpoints")
FILE_NAME = "hand_landmarker.task"
WHEEL_MEMBERS: Mapping[str, str] = {
    "hand_detector.tflite": "modules/palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "modules/hand_landmark/hand_landmark_full.tflite",
}
DOWNLOAD_URL = (
    "https://storage.googleapis.com/mediapipe-models/hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task"
)
DOWNLOAD_SHA256 = "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1"
_MIN_MEMBER_BYTES = 500_000
_TFLITE_MAGIC = b"TFL3"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def ensure_hand_model(folder: Path = CHECKPOINTS_FOLDER) -> Path:
    """Return the path of a checked hand landmarker file, building it when missing or damaged.

    Args:
        folder: where it lies; when it cannot be written, the user's cache folder is used instead.
    Raises:
        HandModelError: if it can neither be assembled nor downloaded, or no folder can be written.
    """
    candidates = list(dict.fromkeys([folder / FILE_NAME, user_cache_folder() / FILE_NAME]))
    for path in candidates:
        if not path.exists():
            continue
        damage = find_damage(path)
        if damage is None:
            return path
        logger.warning("%s is damaged (%s); building it again", path, damage)
    content = _assemble_from_wheel()
    if content is None:
        content = _download(folder / FILE_NAME)
    return _store(content, candidates)


def find_damage(path: Path) -> str | None:
    """Check a model file; return what is wrong with it, None when it is sound."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            if broken is not None:
                return f"{broken} fails its checksum"
            for name in WHEEL_MEMBERS:
                info = archive.getinfo(name)
                with archive.open(info) as member:
                    head = member.read(8)
                if info.file_size < _MIN_MEMBER_BYTES or head[4:8] != _TFLITE_MAGIC:
                    return f"{name} is no network"
                if info.compress_type != zipfile.ZIP_STORED:
                    return f"{name} is compressed"
    except KeyError as error:
        return str(error.args[0])
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        return str(error) or type(error).__name__
    return None


def wheel_folder() -> Path | None:
    """Return where mediapipe is installed, without importing it; None when it is not."""
    found = importlib.util.find_spec("mediapipe")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def _assemble_from_wheel() -> bytes | None:
    """Zip the wheel's networks, stored and with fixed dates; None when the wheel has none."""
    folder = wheel_folder()
    if folder is None or not all((folder / source).is_file() for source in WHEEL_MEMBERS.values()):
        return None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, source in WHEEL_MEMBERS.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), (folder / source).read_bytes())
    return buffer.getvalue()


def _download(wanted: Path) -> bytes:
    """Fetch the official file and check its SHA-256."""
    logger.info("the installed mediapipe has no hand models; downloading %s", DOWNLOAD_URL)
    try:
        with urllib.request.urlopen(DOWNLOAD_URL, timeout=60) as response:
            content = bytes(response.read())
    except (urllib.error.URLError, OSError) as error:
        raise HandModelError(
            f"{wanted} is missing and cannot be downloaded ({getattr(error, 'reason', error)})",
            f"Fetch {DOWNLOAD_URL} and put it there, or install mediapipe==0.10.21, which carries it.",
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != DOWNLOAD_SHA256:
        raise HandModelError(
            f"{DOWNLOAD_URL} failed its check: expected SHA-256 {DOWNLOAD_SHA256}, got {digest}", "Try again later."
        )
    return content


def _store(content: bytes, candidates: list[Path]) -> Path:
    """Write to the first folder that allows it."""
    from air_sketch.files import write_atomically

    for path in candidates:
        try:
            write_atomically(path, content)
        except StorageError as error:
            logger.info("%s", error)
            continue
        logger.info("wrote %s", path)
        return path
    tried = " and ".join(str(path.parent) for path in candidates)
    raise HandModelError(f"{FILE_NAME} cannot be written: {tried} refuse", "Make one of them writable.")
