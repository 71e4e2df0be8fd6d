"""Starts the driver of a sweep: `python -I drive_sweep.py JOBFOLDER`.

Isolated from the user's environment, Python doesn't find our own package; whatever else lies beside it comes last.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from services.local.sweep_driver import main

sys.exit(main(Path(sys.argv[1])))
