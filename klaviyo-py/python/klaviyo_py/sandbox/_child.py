"""A sandbox in a process of its own: the side that starts it."""

from __future__ import annotations

import json
import subprocess
import sys

from klaviyo_py._klaviyo import check_sandbox_settings
from klaviyo_py.sandbox._settings import Chosen


class ChildServer:
    """Runs a sandbox in a child for as long as this process lives.

    The child reads its settings from its standard input, and serves until that ends: this process
    holds the other end of the pipe, and the system closes it even when this process is killed.
    """

    def __init__(self, chosen: Chosen) -> None:
        # What is wrong with them is said here, rather than in the child's error output.
        check_sandbox_settings(chosen)
        # A session of its own: Ctrl-C in a terminal is for this process, which may want to look at
        # the sandbox afterwards.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "klaviyo_py.sandbox._serve"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(chosen) + "\n")
        self._process.stdin.flush()
        with self._process.stdout as stdout:
            line = stdout.readline()
        if not line:
            self.stop()
            raise OSError("the sandbox's process did not start; its error output says why")
        told: dict[str, str] = json.loads(line)
        if "error" in told:
            self.stop()
            raise OSError(told["error"])
        self.url = told["url"]
        self.api_key = told["api_key"]
        self.company = told["company"]
        self.client_id = told["client_id"]
        self.client_secret = told["client_secret"]
        self.refresh_token = told["refresh_token"]

    def stop(self) -> None:
        """Ends the process; it may have ended already."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
