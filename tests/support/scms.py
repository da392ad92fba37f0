"""Where the public data lies on machines that have it."""

from __future__ import annotations

import os
from pathlib import Path

DATA = Path(os.environ.get("SCMS_DATA", Path(__file__).parents[3] / "shared/data/scms"))
SCMS_FILE = DATA / "SCMS_Delivery_History_Dataset.csv.gz"
SCMS_EVENTS = DATA / "scms.events.csv.gz"
CDNOW_EVENTS = DATA.parent / "cdnow/cdnow.events.csv.gz"
