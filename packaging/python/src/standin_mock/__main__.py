"""`python -m standin_mock` runs `standin`."""

import subprocess
import sys

from .process import find_standin

if __name__ == "__main__":
    sys.exit(subprocess.call([find_standin(), *sys.argv[1:]]))
