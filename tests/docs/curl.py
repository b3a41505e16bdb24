"""Stands in for curl on machines that have none: the few options the pages use, and failure on 4xx and 5xx."""

import argparse
import sys
import urllib.request
from pathlib import Path

BOUNDARY = "a-boundary-of-the-stand-in"


def main() -> None:
    """Sends one request and writes the answer's body to standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("-F", action="append", default=[])
    parser.add_argument("url")
    given = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in given.H)
    body = None if given.d is None else given.d.encode()
    if given.F:
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        body = b"".join(map(_part, given.F)) + f"--{BOUNDARY}--\r\n".encode()
    with urllib.request.urlopen(urllib.request.Request(given.url, body, headers), timeout=10) as answer:
        sys.stdout.buffer.write(answer.read())


def _part(given: str) -> bytes:
    """A field of a form, or after an @ a file."""
    name, _, value = given.partition("=")
    is_file = value.startswith("@")
    filename, content = ('; filename="file"', Path(value[1:]).read_bytes()) if is_file else ("", value.encode())
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
    return head.encode() + content + b"\r\n"


if __name__ == "__main__":
    main()
