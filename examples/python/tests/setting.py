"""Settings of the suite: paths and URLs in environment variables, which run.sh sets."""

import json
import os
from pathlib import Path


def setting(name):
    try:
        return os.environ[name]
    except KeyError:
        raise RuntimeError(f"{name} is not set; run the suite with examples/python/run.sh, which sets it") from None


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))
