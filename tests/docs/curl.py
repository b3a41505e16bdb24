"""Stands in for curl on machines that have none: the few options the pages use, and failure on 4xx and 5xx."""

import argparse
import sys
import urllib.request


def main() -> None:
    """Sends one request and writes the answer's body to standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("url")
    given = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in given.H)
    body = None if given.d is None else given.d.encode()
    with urllib.request.urlopen(urllib.request.Request(given.url, body, headers), timeout=10) as answer:
        sys.stdout.buffer.write(answer.read())


if __name__ == "__main__":
    main()
