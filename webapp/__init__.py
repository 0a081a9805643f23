"""The web application: catalogue, review, retraining, dashboard, export, accounts."""

import sys

if sys.platform == "win32":  # locks of files, and how processes end with each other, are Unix's
    raise SystemExit(
        "Shelfwise runs on Linux and macOS. On Windows, install it in WSL (the Windows Subsystem "
        "for Linux, `wsl --install`) or in a Linux container."
    )
