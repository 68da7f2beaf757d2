"""A lock on an open file that the operating system releases when its process ends, however it ends."""

from __future__ import annotations

import os
import sys

_FAR_BYTE = 1 << 30  # Windows locks bytes against reading, so one beyond any content is locked


def lock_file(handle: int) -> bool:
    """Lock an open file for this process; False when another one holds it or the file system has no locks.

    Args:
        handle: of the open file; closing it releases the lock.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            at = os.lseek(handle, 0, os.SEEK_CUR)
            os.lseek(handle, _FAR_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, at, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
