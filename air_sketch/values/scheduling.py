"""How far the work in the background stands back."""

from __future__ import annotations

# The tracker and the window go first on a busy machine.
BACKGROUND_NICENESS = 5
