"""The hand landmarker's model: put together from the installed mediapipe wheel, so that nothing has to be downloaded.

mediapipe 0.10.21 carries both networks as separate files; a ``.task`` is nothing but a stored zip of them.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from air_sketch.values.errors import HandModelError

WHEEL_MEMBERS: Mapping[str, str] = {
    "hand_detector.tflite": "modules/palm_detection/palm_detection_full.tflite",
    "hand_landmarks_detector.tflite": "modules/hand_landmark/hand_landmark_full.tflite",
}


def hand_model() -> bytes:
    """Return the model as the bytes of a ``.task`` file, without importing mediapipe.

    Raises:
        HandModelError: if mediapipe is not installed, or is one without the networks.
    """
    found = importlib.util.find_spec("mediapipe")
    if found is None or found.origin is None:
        raise HandModelError("mediapipe is not installed", "Install requirements.txt.")
    folder = Path(found.origin).parent
    content = io.BytesIO()
    try:
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for name, source in WHEEL_MEMBERS.items():
                archive.writestr(name, (folder / source).read_bytes())
    except OSError as error:
        raise HandModelError(
            f"the installed mediapipe has no hand models ({error})", "Install mediapipe==0.10.21, which carries them."
        ) from None
    return content.getvalue()
