"""The edits that tests/limits/tested_there.txt stands for: of each of its limits the figure is changed, and the named test must notice.

A time is doubled, any other figure is one more.
"""
import pathlib
import re
import sys
from typing import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'tidy'))
import limits  # noqa: E402: the rows are tidy's

_TIME = re.compile(r'Milliseconds|chrono|\b(?:milliseconds|seconds|minutes|hours)\b')


def rows(root: pathlib.Path) -> Iterator[limits.Row]:
    path = root / limits.LIST
    if path.is_file():
        yield from (row for row in limits.rows(path.read_text()) if not isinstance(row, int))


def changed(text: str, name: str) -> tuple[str, str]:
    """What defines the constant, as it is and with another figure; twice the empty text where nothing does."""
    match = re.search(r'([^\n;{}]*)\b(' + name + r'\s*)(\{([^{};]*)\}|=\s*([^;]*);)', text)
    if not match:
        return '', ''
    figure = match.group(4) or match.group(5)
    other = f'2 * ({figure})' if _TIME.search(match.group(1)) else f'({figure}) + 1'
    return match.group(2) + match.group(3), match.group(2) + (f'{{{other}}}' if match.group(4) else f'= {other};')


def test_of(path: str) -> str:
    """ctest's name of the program, or of the script, that a file of tests belongs to."""
    if path.startswith('tests/e2e/'):
        return 'e2e_' + pathlib.Path(path).name.removesuffix('.test.mjs')
    return path.split('/')[1]
