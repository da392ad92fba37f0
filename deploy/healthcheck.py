"""Exit 0 when a URL answers 200: `healthcheck http://127.0.0.1:8080/livez`.

Standard library only: the slim image has no curl.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

TIMEOUT_S = 4
OK = 200


def main(arguments: list[str]) -> int:
    """Ask the URL; a fault is one line on stderr."""
    (url,) = arguments
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own URL
            return 0 if answer.status == OK else 1
    except (OSError, urllib.error.URLError) as error:
        print(f"{url}: {error}", file=sys.stderr)  # noqa: T201 - read by whoever inspects health
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
