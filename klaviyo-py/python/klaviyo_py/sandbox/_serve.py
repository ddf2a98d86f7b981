"""The child of `ChildServer`, as a program: settings in, what the server is known by out, or why
there is none."""

from __future__ import annotations

import json
import sys

from klaviyo_py._klaviyo import SandboxServer

TOLD = ["url", "api_key", "company", "client_id", "client_secret", "refresh_token"]


def serve() -> None:
    """Runs a sandbox with the settings in the first line of standard input, until that ends."""
    try:
        server = SandboxServer(json.loads(sys.stdin.readline()))
    except OSError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return
    print(json.dumps({name: getattr(server, name) for name in TOLD}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    serve()
