"""Every limit is in the table of tests/limits: a constant whose name says that it is one and that nobody shows is a finding.

Rows that tests/limits tries itself begin with {"<file>:<constant>" in its C++ files. tested_there.txt has those that another
test holds, as <file>:<constant> | <file of a test> | <name of the test case>; tests/mutate changes the figure of each of them,
and the test must notice. not_held.txt has those that no test holds, as <file>:<constant> | <figure> | <why>: the figure is the
code's, letter by letter, so that whoever changes it reads why nothing else will tell.
"""
import re
from typing import Iterator, NamedTuple

import source_text

PRODUCT = re.compile(r'(event|connectors|rules|coordination|store|gateway)/.*\.(cpp|hpp|lua)$')
TABLE = re.compile(r'tests/limits/\w+\.cpp$')
LIST = 'tests/limits/tested_there.txt'
NOT_HELD = 'tests/limits/not_held.txt'
REASON_CHARS_LEAST = 30

_LIMIT = r'\w+_(?:max|least|most|min|timeout|limit)'
# Of C++ also what is a time or a length without one of these words.
_NAME = r'\w+_(?:max|least|most|min|timeout|limit|window|keep|margin|poll|backlog)'
# A constant, or a member that has a figure unless somebody else is given: limits that tests can lower.
_CPP = re.compile(r'\bconstexpr\s[^=;{}()]*?\b(' + _NAME + r')\s*[={]'
                  r'|^[ \t]+[\w:<>]+[ \t]+(' + _NAME + r')[ \t]*[={][ \t]*[1-9]', re.MULTILINE)
_LUA = re.compile(r'^[ \t]*local[ \t]+([\w, ]+?)[ \t]*=[ \t]*(.+)$', re.MULTILINE)
_ROW = re.compile(r'\{"([\w/.]+\.(?:cpp|hpp|lua)):(\w+)"')
_CASE = re.compile(r'"\s*\n\s*"')


def constants(path: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, name) of each limit that a file of the product has; in Lua what comes as an argument is none of its own."""
    if path.endswith('.lua'):
        for match in _LUA.finditer(text):
            names, values = (part.split(',') for part in match.groups())
            for name, value in zip(names, values):
                if re.fullmatch(_LIMIT, name.strip(), re.IGNORECASE) and value.strip()[:1].isdigit():
                    yield source_text.line_of(text, match.start(1)), name.strip()
        return
    code = source_text.without_literals(text)
    for match in _CPP.finditer(code):
        name = 1 if match.group(1) else 2
        yield source_text.line_of(code, match.start(name)), match.group(name)


class Row(NamedTuple):
    """A line of one of the two lists."""
    line: int
    limit: tuple[str, str]  # file, constant
    second: str
    third: str


def rows(text: str) -> Iterator[Row | int]:
    """Where a line is no row, its number."""
    for number, line in enumerate(text.split('\n'), 1):
        if not line or line.startswith('#'):
            continue
        fields = [field.strip() for field in line.split(' | ')]
        limit = tuple(fields[0].rsplit(':', 1))
        yield Row(number, limit, fields[1], fields[2]) if len(fields) == 3 and len(limit) == 2 else number


def figure(text: str, name: str) -> str:
    """What stands between the constant's braces, or behind its `=`; empty where it has no figure."""
    match = re.search(r'\b' + name + r'\s*(?:\{([^{};]*)\}|=\s*([^;]*);)', source_text.without_literals(text))
    return ' '.join((match.group(1) or match.group(2) or '').split()) if match else ''


def _wrong(path: str, row: Row, texts: dict[str, str]) -> Iterator[str]:
    if path == LIST:
        if not _has_test(texts.get(row.second, ''), row.third):
            yield f'{row.second} has no test "{row.third}"'
        return
    is_now = figure(texts.get(row.limit[0], ''), row.limit[1])
    if is_now and row.second != is_now:
        yield f'{row.limit[1]} is {is_now} now: is the reason beside it still true?'
    if len(row.third) < REASON_CHARS_LEAST:
        yield 'a limit that no test holds needs a reason that says what a test would take'


def check(texts: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    """(file, line, what is wrong); nothing in a tree without a table."""
    if LIST not in texts:
        return
    there = {(path, name): line for path, text in texts.items() if PRODUCT.match(path) for line, name in constants(path, text)}
    shown: dict[tuple[str, str], tuple[str, int]] = {}
    for path, text in texts.items():
        if TABLE.match(path):
            for match in _ROW.finditer(text):
                shown.setdefault(match.groups(), (path, source_text.line_of(text, match.start())))
    for path, form in ((LIST, '<file of a test> | <name of the test case>'), (NOT_HELD, '<figure> | <why no test holds it>')):
        for row in rows(texts.get(path, '')):
            if isinstance(row, int):
                yield path, row, f'not <file>:<constant> | {form}'
                continue
            if row.limit in shown:
                yield path, row.line, f'{":".join(row.limit)} is in the table already'
            shown.setdefault(row.limit, (path, row.line))
            for what in _wrong(path, row, texts):
                yield path, row.line, what
    for limit, (path, line) in shown.items():
        if limit not in there:
            yield path, line, f'{":".join(limit)} is no limit any more'
    for limit, line in there.items():
        if limit not in shown:
            yield limit[0], line, f'{limit[1]} has no row in tests/limits: which value is taken, which refused?'


def _has_test(text: str, name: str) -> bool:
    joined = _CASE.sub('', text)
    return f'"{name}"' in joined or f"test('{name}'" in joined.replace("\\'", "'")
