"""What processes do at their start: end with the one that started them, keep libraries quiet."""

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


def quieten_tensorflow() -> None:
    """Keep TensorFlow's notes on the processor out of the log; call it before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
