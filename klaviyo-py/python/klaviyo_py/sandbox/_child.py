"""A sandbox in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys


class ChildServer:
    """Runs `python -m klaviyo_py.sandbox` for as long as this process lives.

    The child serves until its standard input ends: this process holds the other end of that pipe,
    and the system closes it even when this process is killed.
    """

    def __init__(self, *, port: int = 0, limits: bool = True, job_seconds: float = 1.0) -> None:
        command = [sys.executable, "-m", "klaviyo_py.sandbox", "--child"]
        command += ["--port", str(port), "--job-seconds", str(job_seconds)]
        if not limits:
            command.append("--no-limits")
        # A session of its own: Ctrl-C in a terminal is for this process, which may want to look at
        # the sandbox afterwards.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            line = stdout.readline()
        if not line:
            self.stop()
            raise OSError("the sandbox's process did not start; its error output says why")
        self.url, self.api_key = json.loads(line)

    def stop(self) -> None:
        """Ends the process; it may have ended already."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
