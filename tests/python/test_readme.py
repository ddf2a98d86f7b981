"""The README's Python runs as it stands."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


@pytest.fixture(autouse=True)
def unlogged() -> Iterator[None]:
    """Blocks set `logging` up; those behind them have it as it was."""
    loggers = logging.getLogger(), logging.getLogger("klaviyo_py")
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each block stands for itself."""
    exec(compile(BLOCKS[number], f"README.md, block {number}", "exec"), {})
    shown = capsys.readouterr().out
    if number == 0:
        assert "2 completed" in shown
        assert "1 rejected" in shown
        assert "2 rejected email" in shown


def test_there_are_blocks() -> None:
    """An empty README would pass the test above."""
    assert len(BLOCKS) >= 3
