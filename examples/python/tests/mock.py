"""Access to the running mock."""

import urllib.request

from standin_client import HttpTransport

from .setting import read, setting


def http():
    return HttpTransport(main=setting("STANDIN_GATEWAY"), fallback=setting("STANDIN_FALLBACK"))


def credentials():
    """Returns tokens and ids by name, as `standin tokens --json` prints them."""
    found = read(setting("STANDIN_TOKENS"))
    return found["tokens"], found["params"]


def reset():
    """Resets the mock to its initial state."""
    request = urllib.request.Request(setting("STANDIN_CONTROL") + "/reset", method="POST")
    with urllib.request.urlopen(request, timeout=10):
        pass
