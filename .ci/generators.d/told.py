"""What each flow is told: where the demo is, an editor's key, and a name for what it makes."""

import os
import time

URL = os.environ["PLEDGEBOOK_URL"]
KEY = os.environ["PLEDGEBOOK_DEMO_KEY"]
SLUG = f"{os.environ['PLEDGEBOOK_FLOW']}-{time.time_ns():x}"
# Of the demo.
KUWAIT = "global-coalition-kuwait-2018"
