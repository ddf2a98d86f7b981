"""The sandbox: in this process, in one of its own, and as a program."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from children import PATIENCE
from klaviyo_py import Client, Sandbox, __version__

ROWS = [{"metric": "Viewed", "external_id": "1"}]


@pytest.mark.parametrize("separate_process", [False, True])
def test_it_runs_until_its_block_ends(separate_process: bool) -> None:
    with Sandbox(limits=False, separate_process=separate_process) as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
        assert repr(sandbox) == f"<Sandbox at {sandbox.url}>"
        assert sandbox.client().bulk.create_events(ROWS).accepted == 1
        assert sandbox.state()["metrics"][0]["count"] == 1
        sandbox.reset()
        assert sandbox.state()["events"] == 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(sandbox.url)
    with pytest.raises(ConnectionError, match=f"no sandbox answers at {sandbox.url} "):
        sandbox.state()
    sandbox.stop()


@pytest.mark.parametrize("separate_process", [False, True])
def test_a_port_that_is_taken(separate_process: bool, sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}: .* port 0 takes a free"):
        Sandbox(port=port, separate_process=separate_process)


def test_its_process_ends_with_a_parent_that_is_killed() -> None:
    program = """if True:
        from klaviyo_py import Sandbox
        sandbox = Sandbox(separate_process=True)
        print(sandbox.state()["profiles"], flush=True)
        input()
    """
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"0\n"
        parent.kill()
        # The sandbox's process has its error output from the parent: it ends only when both have.
        parent.communicate(timeout=PATIENCE)


def test_a_snapshot_comes_back(sandbox: Sandbox) -> None:
    sandbox.client().bulk.create_events(ROWS)
    snapshot = sandbox.snapshot()
    sandbox.reset()
    sandbox.restore(snapshot)
    assert [event["metric"] for event in sandbox.events("Viewed")] == ["Viewed"]
    with pytest.raises(ValueError, match="no snapshot"):
        sandbox.restore(b"nonsense")


def test_as_a_program(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--port", "0", "--no-limits"]
    command += ["--snapshot", str(file)]
    for taken_before in (0, 1):
        run_the_program(command, taken_before)
    assert json.loads(file.read_bytes())["klaviyo_sandbox_snapshot"] == 1


def test_the_program_says_what_is_no_snapshot(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--port", "0", "--snapshot"]
    broken = tmp_path / "sandbox.json"
    broken.write_bytes(b"nonsense")
    for file, why in ((broken, "no snapshot"), (tmp_path, "directory")):
        wrong = subprocess.run([*command, str(file)], capture_output=True, text=True)
        assert wrong.returncode == 2
        assert f"{file}: " in wrong.stderr
        assert why in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_the_program_says_at_once_that_it_cannot_write(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "sandbox.json"
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--port", "0", "--snapshot", str(file)]
    wrong = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert f"{file}: " in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_the_program_tells_its_version() -> None:
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == f"klaviyo_py {__version__}\n"


def test_the_program_takes_every_setting() -> None:
    command = [sys.executable, "-m", "klaviyo_py.sandbox"]
    help_text = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    for option in ("--no-limits", "--known-event drop|refuse", "--client-secret", "--scopes"):
        assert option in help_text.stdout
    for line, told in (
        (["--known-event", "keep"], "error: --known-event is drop or refuse"),
        (["--job-time", "soon"], "error: --job-time is a number of seconds"),
        (["--key="], "error: --key is a text that is not empty"),
        (["--limits", "off"], "no option --limits: it is on unless you say --no-limits"),
        (["extra"], "nothing is taken but options and their values, and 'extra' is neither"),
        (
            ["--scopes", "profile:read"],
            "There is no scope profile:read (did you mean profiles:read?)",
        ),
        (["--jobtime", "1"], "there is no option --jobtime (did you mean '--job-time'?)"),
    ):
        wrong = subprocess.run([*command, *line], capture_output=True, text=True)
        assert wrong.returncode == 2
        assert told in wrong.stderr


def test_the_help_tells_defaults_and_what_switches_do() -> None:
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = " ".join(shown.split())
    for line in (
        "usage: python -m klaviyo_py.sandbox [OPTIONS]",
        "Address and access: --port NUMBER the port on 127.0.0.1; 0 takes a free one [default: 80",
        "--no-limits switch the rate limits off --no-pred",
        "from its request to its end [default: 1]",
    ):
        assert line in words
    assert "false" not in words


def test_the_program_says_that_its_port_is_taken(sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    command = [sys.executable, "-m", "klaviyo_py.sandbox", "--port", port]
    wrong = subprocess.run(command, capture_output=True, text=True)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    [line] = wrong.stderr.splitlines()
    assert line.startswith(f"python -m klaviyo_py.sandbox: cannot listen on 127.0.0.1:{port}: ")


def test_nothing_is_imported_before_it_is_needed() -> None:
    program = "import sys, klaviyo_py; print([m for m in sys.argv[1:] if m in sys.modules])"
    late = ["urllib.request", "urllib.error", "subprocess", "argparse"]
    shown = subprocess.run(
        [sys.executable, "-c", program, *late], capture_output=True, text=True, check=True
    )
    assert shown.stdout == "[]\n"


def run_the_program(command: list[str], taken_before: int) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        said = re.search(r"listens on (\S+) and takes the key (\S+)", program.stdout.readline())
        assert said is not None
        with urllib.request.urlopen(f"{said[1]}/_sandbox/state") as state:
            assert json.load(state)["events"] == taken_before
        client = Client(said[2], base_url=said[1])
        assert client.bulk.create_events(ROWS).accepted == 1
        # It waits for a signal only after the second line.
        program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
