"""What an encoder folder of a stranger may ask for, checked before ``transformers`` reads or builds anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retrieval.files import read_json

LARGEST_NUMBER, MOST_LAYERS, LARGEST_SIDE_PX = 1_000_000, 256, 1024
"""No setting of a CLIP is larger; so many layers, or pictures so large, would take minutes or all memory."""

LARGEST_TEXT_FILE = 40 << 20


def check_folder(folder: Path, config: str = "config.json") -> int:
    """Refuse what reading would hang on or drown in; the bytes of all weights."""
    for path in folder.iterdir():
        if not path.is_file() and not path.is_dir():
            raise ValueError(f"{path.name} is no file")
        if path.suffix in {".json", ".txt"} and path.stat().st_size > LARGEST_TEXT_FILE:
            raise ValueError(f"{path.name} is larger than {LARGEST_TEXT_FILE:,} bytes")
    read_json(folder / config)
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def check_numbers(setting: Any, name: str = "it") -> None:
    """Refuse settings with which a model would never be built to the end."""
    if isinstance(setting, dict):
        for key, value in setting.items():
            check_numbers(value, str(key))
    elif isinstance(setting, list):
        for value in setting:
            check_numbers(value, name)
    elif isinstance(setting, int | float):
        most = MOST_LAYERS if any(word in name for word in ("layers", "blocks", "depth")) else LARGEST_NUMBER
        if not abs(setting) <= most:
            raise ValueError(f"its config.json says {name} is {str(setting)[:20]}, expected at most {most}")
