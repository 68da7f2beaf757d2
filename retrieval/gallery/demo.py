"""Which names mean the demo gallery."""

from __future__ import annotations

from pathlib import Path

DEMO_NAME = "demo"


def is_demo(gallery: Path | str | None) -> bool:
    """Whether a name means the demo gallery: nothing, or a path that ends in ``demo`` and does not exist."""
    return gallery is None or (Path(gallery).name == DEMO_NAME and not Path(gallery).exists())
