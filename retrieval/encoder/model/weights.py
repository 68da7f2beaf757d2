"""What identifies a model's weights, and whether they are numbers at all."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from torch import nn


def check_weights(model: nn.Module) -> None:
    """Refuse weights of which one is no number.

    Raises:
        ValueError: that names its tensor.
    """
    if spoilt := [key for key, value in model.named_parameters() if not bool(value.isfinite().all())]:
        raise ValueError(f"its weights hold what is no number, such as in {spoilt[0]}")


def hash_of(settings: Any, model: nn.Module) -> str:
    """Hash settings, as JSON, and a model's weights in half precision; 16 hex digits."""
    digest = hashlib.sha256(json.dumps(settings).encode())
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().half().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]
