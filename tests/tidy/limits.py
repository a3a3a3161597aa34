"""Every limit is in the table of tests/limits: a constant whose name says that it is one and that nobody shows is a finding.

Rows that tests/limits tries itself begin with {"<file>:<constant>" in its C++ files; tested_there.txt has the others, as
<file>:<constant> | <file of a test> | <name of the test case>
"""
import re
from typing import Iterator

import source_text

PRODUCT = re.compile(r'(event|connectors|rules|coordination|store|gateway)/.*\.(cpp|hpp|lua)$')
TABLE = re.compile(r'tests/limits/\w+\.cpp$')
LIST = 'tests/limits/tested_there.txt'

_NAME = r'\w+_(?:max|least|most|min|timeout|limit)'
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
                if re.fullmatch(_NAME, name.strip(), re.IGNORECASE) and value.strip()[:1].isdigit():
                    yield source_text.line_of(text, match.start(1)), name.strip()
        return
    code = source_text.without_literals(text)
    for match in _CPP.finditer(code):
        name = 1 if match.group(1) else 2
        yield source_text.line_of(code, match.start(name)), match.group(name)


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
    for number, line in enumerate(texts[LIST].split('\n'), 1):
        if not line or line.startswith('#'):
            continue
        fields = [field.strip() for field in line.split(' | ')]
        limit = tuple(fields[0].rsplit(':', 1))
        if len(fields) != 3 or len(limit) != 2:
            yield LIST, number, 'not <file>:<constant> | <file of a test> | <name of the test case>'
            continue
        if limit in shown:
            yield LIST, number, f'{fields[0]} is in the table already'
        shown.setdefault(limit, (LIST, number))
        if not _has_test(texts.get(fields[1], ''), fields[2]):
            yield LIST, number, f'{fields[1]} has no test "{fields[2]}"'
    for limit, (path, line) in shown.items():
        if limit not in there:
            yield path, line, f'{":".join(limit)} is no limit any more'
    for limit, line in there.items():
        if limit not in shown:
            yield limit[0], line, f'{limit[1]} has no row in tests/limits: which value is taken, which refused?'


def _has_test(text: str, name: str) -> bool:
    joined = _CASE.sub('', text)
    return f'"{name}"' in joined or f"test('{name}'" in joined.replace("\\'", "'")
