"""What the engine does, in `logging` under klaviyo_py: silent unless somebody wants it."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator

import pytest

from children import run
from klaviyo_py import AuthenticationError, Client, Sandbox, ServerError
from scripted import answering

ROWS = [{"metric": "Viewed", "external_id": str(number)} for number in range(1500)]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that there is to hear."""
    with caplog.at_level(logging.DEBUG, logger="klaviyo_py"):
        yield caplog


def test_a_run_says_what_it_does(log: pytest.LogCaptureFixture, client: Client) -> None:
    report = client.bulk.create_events(ROWS)
    first, *_, last = log.messages
    assert first == f"a run begins (operation=bulk_create_events run_id={report.run_id})"
    assert last.startswith(f"a run has ended (operation=bulk_create_events run_id={report.run_id} ")
    assert " rows=1500 completed=0 accepted=1500 failed=0 " in last
    assert "answered (operation=bulk_create_events attempt=1 status=202)" in log.messages
    levels = {record.levelno for record in log.records}
    assert levels == {logging.DEBUG, logging.INFO}
    names = {record.name for record in log.records}
    assert names == {"klaviyo_py.run", "klaviyo_py.exchange"}


def test_what_is_sent_again_says_why_and_after_which_wait(log: pytest.LogCaptureFixture) -> None:
    log.set_level(logging.INFO, logger="klaviyo_py")
    with answering(503) as (url, asked):
        client = Client(api_key="pk_secret", base_url=url, max_retries=1)
        with pytest.raises(ServerError) as stopped:
            client.bulk.create_events([{"metric": "Viewed", "email": "ada@shop.example"}])
    assert len(asked) == 2
    assert stopped.value.report is not None
    assert stopped.value.report.unknown == 1
    warned = [record for record in log.records if record.levelno == logging.WARNING]
    again, given_up, _ = (record.getMessage() for record in warned)
    assert again.startswith("failed for the time being, sent again after the wait ")
    assert "(operation=bulk_create_events attempt=1 status=503 wait=0." in again
    assert given_up.startswith("given up: bulk_create_events was answered 503 (http_503)")
    for secret in ("pk_secret", "ada@"):
        assert secret not in log.text


def test_the_level_that_logging_has_at_a_call_counts(
    caplog: pytest.LogCaptureFixture, client: Client
) -> None:
    for level, expected in [
        (logging.WARNING, set()),
        (logging.INFO, {logging.INFO}),
        (logging.DEBUG, {logging.INFO, logging.DEBUG}),
        (logging.CRITICAL, set()),
    ]:
        caplog.clear()
        with caplog.at_level(level, logger="klaviyo_py"):
            client.bulk.create_events(ROWS)
        assert {record.levelno for record in caplog.records} == expected, level
    with caplog.at_level(logging.DEBUG, logger="klaviyo_py"):
        logging.disable(logging.INFO)
        try:
            caplog.clear()
            client.bulk.create_events(ROWS)
        finally:
            logging.disable(logging.NOTSET)
    assert not caplog.records


def test_an_async_client_logs_too(log: pytest.LogCaptureFixture, sandbox: Sandbox) -> None:
    async def send() -> None:
        async with sandbox.async_client() as client:
            await client.bulk.create_events(ROWS)

    asyncio.run(send())
    assert log.messages[-1].startswith("a run has ended")


def test_a_wrong_key_is_not_shown(log: pytest.LogCaptureFixture, sandbox: Sandbox) -> None:
    client = Client(api_key="pk_wrong", base_url=sandbox.url)
    with pytest.raises(AuthenticationError):
        client.bulk.create_events(ROWS)
    [stop] = [record for record in log.records if record.levelno == logging.ERROR]
    assert stop.getMessage().startswith("stops: bulk_create_events was answered 401 (")
    assert "pk_wrong" not in log.text


def test_a_handler_may_use_a_client_and_may_fail(
    client: Client, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """It runs on a thread that holds nothing up."""

    class Odd(logging.Handler):
        seen = 0

        def emit(self, record: logging.LogRecord) -> None:
            Odd.seen += 1
            if Odd.seen == 1:
                client.accounts.get_accounts()
            try:
                raise LookupError
            except LookupError:
                self.handleError(record)

    logger = logging.getLogger("klaviyo_py")
    handler = Odd()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert client.bulk.create_events(ROWS).accepted == len(ROWS)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert Odd.seen >= 2
    assert "LookupError" in capsys.readouterr().err


def test_threads_log_side_by_side(log: pytest.LogCaptureFixture, client: Client) -> None:
    def send() -> None:
        for _ in range(5):
            client.bulk.create_events(ROWS)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = [message for message in log.messages if message.startswith("a run has ended")]
    assert len(ends) == 20


def test_nothing_is_written_unless_it_is_asked_for() -> None:
    printed = run("""
        import sys
        from klaviyo_py import Client, Sandbox

        sys.stderr = sys.stdout
        with Sandbox(limits=False) as sandbox:
            client = Client(api_key="pk_wrong", base_url=sandbox.url)
            try:
                client.bulk.create_events([{"metric": "Viewed", "external_id": "1"}])
            except Exception as error:
                print(type(error).__name__)
    """)
    assert printed == "AuthenticationError\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_logs_for_itself() -> None:
    """Forked again and again while a thread logs as fast as it can: no child hangs."""
    printed = run("""
        import logging, os, sys, threading, warnings
        from klaviyo_py import Client, Sandbox

        warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: fork beside threads
        logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
        rows = [{"metric": "Viewed", "external_id": str(number)} for number in range(100)]
        with Sandbox(limits=False) as sandbox:
            url, key = sandbox.url, sandbox.api_key
            over = threading.Event()

            def send():
                client = Client(api_key=key, base_url=url)
                while not over.is_set():
                    client.bulk.create_events(rows)

            thread = threading.Thread(target=send)
            thread.start()
            ends = []
            for _ in range(10):
                child = os.fork()
                if child == 0:
                    report = Client(api_key=key, base_url=url).bulk.create_events(rows)
                    os._exit(0 if report.accepted == 100 else 1)
                ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            over.set()
            thread.join()
        print(ends)
    """)
    assert printed == f"{[0] * 10}\n"
