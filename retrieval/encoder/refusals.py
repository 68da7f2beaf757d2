"""Say in one line why an encoder cannot be opened: what is missing, damaged, of another kind, or out of reach."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transformers.utils import logging as transformers_logging

from retrieval.encoder.limits import check_folder
from retrieval.files import SHIPPED_ENCODER
from retrieval.values.errors import CheckpointError, first_line

CLIP_EXAMPLE = "openai/clip-vit-base-patch32"
RESTORE = "Restore the folder (git checkout checkpoints) or copy it again."


@contextmanager
def opening(
    name: str, example: str = "openai/clip-vit-base-patch32", option: str = "--encoder"
) -> Iterator[int | None]:
    """Open an encoder inside; gives the bytes of all its weights, None for a hub name.

    Args:
        name: folder or hub name.
        example: of a hub name.
        option: names another one.
    Raises:
        CheckpointError: whatever is wrong.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries; the outcome is told in one line
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    folder = Path(name)
    is_folder = folder.is_dir()
    if not is_folder and (folder.is_absolute() or folder.exists() or name.count("/") != 1):
        raise CheckpointError(
            f"Encoder {name} is not there: expected a folder with config.json and model.safetensors, or a hub name "
            f"such as {example}",
            f"Check {option}.",
        )
    if is_folder and not (folder / "config.json").is_file():
        raise CheckpointError(f"Encoder {name} has no config.json", f"Name a Hugging Face folder with {option}.")
    with told_in_one_line(name, folder if is_folder else None, option):
        yield check_folder(folder) if is_folder else None


@contextmanager
def told_in_one_line(name: str, folder: Path | None, option: str) -> Iterator[None]:
    """Turn whatever is raised inside into one line; ``folder`` is None for a hub name."""
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:  # transformers raises many types here; each becomes one line
        reason = textwrap.shorten(first_line(error).rstrip("."), 240, placeholder=" ...")
        if "trust_remote_code" in str(error):
            raise CheckpointError(
                f"Encoder {name} needs Python code of its own, which is never run: expected a CLIP that transformers "
                "knows",
                f"Name another one with {option}.",
            ) from error
        if folder is not None:
            is_shipped = folder.resolve() == SHIPPED_ENCODER
            remedy = RESTORE if is_shipped else f"Copy it again, or name another one with {option}."
            raise CheckpointError(f"Encoder {name} is damaged: {reason}", remedy) from error
        raise CheckpointError(
            f"Encoder {name} could not be fetched from the hub: {reason}",
            f"Connect to the internet once, or name a local folder with {option}.",
        ) from error
