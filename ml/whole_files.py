"""Files that others read: written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a new name beside ``path`` to write to; without an error it takes the place of ``path``.

    Two processes may write the same file at once: the last one done stays. After an error nothing
    is left behind.

    Raises
    ------
    OSError
        If the file cannot be written; where numpy says by numbers alone that the disk is full,
        in the words of the system.
    """
    unfinished = path.with_name(f".{uuid4().hex}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        if error.errno is not None:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
    finally:
        unfinished.unlink(missing_ok=True)
