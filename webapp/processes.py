"""Processes that shall not outlive the one that started them."""

from __future__ import annotations

import os
import signal
import threading
import time

_LOOK_S = 0.5


def end_with_parent() -> None:
    """Ask this process to end (SIGTERM) as soon as its parent is gone, however that died.

    The parent's number changes then, on every Unix; Linux alone could send a signal by itself.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
