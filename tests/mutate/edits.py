"""The list of edits: tests/mutate/edits/*.txt, blocks of `key: value` lines with an empty line between them.

    name: a bucket without an end
    file: store/script/commit.lua
    old: redis.call('PEXPIREAT', bucket, last)
    new: redis.call('PERSIST', bucket)
    test: store
    case: every key that a commit makes has a bound
    says: what is remembered to recognise repeats ends

`name` is unique and what --only looks for. `old` occurs exactly once in the file; more `old:` lines are the lines that follow it, and
so with `new:`, without which nothing takes its place. `test` is ctest's name of what must fail, `case` the one test case of a
Catch2 program that is run (all of the test without it), `says` the claim that nobody tests when the mutant survives. Exactly one
blank behind the colon is skipped; a line that begins with # is a comment.

Beside these there is one edit for each row of tests/limits/tested_there.txt, called `figure <file>:<constant>`: see figures.py.
"""
import fnmatch
import pathlib
import re
from typing import Iterator, NamedTuple

import figures

KEYS = ('name', 'file', 'old', 'new', 'test', 'case', 'says')


class Malformed(Exception):
    """A list that cannot be read; its text names file and line."""


class Edit(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    test: str
    case: str
    says: str


def read(root: pathlib.Path, only: list[str]) -> list[Edit]:
    """In the order of the files and their lines; names are unique over all."""
    edits = [edit for path in sorted((root / 'tests/mutate/edits').glob('*.txt')) for edit in _read_file(path)]
    edits += _of_figures(root)
    seen: set[str] = set()
    for edit in edits:
        if edit.name in seen:
            raise Malformed(f'two edits are called "{edit.name}"')
        seen.add(edit.name)
    if not only:
        return edits
    return [edit for edit in edits if any(fnmatch.fnmatch(text, wanted) for text in (edit.name, edit.file) for wanted in only)]


def _of_figures(root: pathlib.Path) -> Iterator[Edit]:
    for row in figures.rows(root):
        path, name = row.limit
        file = root / path
        old, new = figures.changed(file.read_text(), name) if file.is_file() else ('', '')
        test = figures.test_of(row.second)
        yield Edit(f'figure {path}:{name}', path, old, new, test, '' if test.startswith('e2e_') else row.third, row.third)


def _read_file(path: pathlib.Path) -> Iterator[Edit]:
    block: dict[str, list[str]] = {}
    for number, line in enumerate([*path.read_text().split('\n'), ''], 1):
        if line.startswith('#'):
            continue
        if not line.strip():
            if block:
                yield _edit_of(f'{path.name}:{number}', block)
            block = {}
            continue
        match = re.fullmatch(r'(\w+):(?: (.*))?', line)
        if not match or match.group(1) not in KEYS:
            raise Malformed(f'{path.name}:{number}: not `key: value` with one of {", ".join(KEYS)}')
        block.setdefault(match.group(1), []).append(match.group(2) or '')


def _edit_of(where: str, block: dict[str, list[str]]) -> Edit:
    fields = {key: '\n'.join(block.get(key, [])) for key in KEYS}
    for key in ('name', 'file', 'old', 'test', 'says'):
        if not fields[key].strip():
            raise Malformed(f'{where}: the edit that ends here has no `{key}:`')
    if fields['old'] == fields['new']:
        raise Malformed(f'{where}: `old` and `new` are the same')
    return Edit(**fields)


def applied(text: str, edit: Edit) -> str | None:
    """The text of the file with the edit in it; nothing unless `old` occurs exactly once."""
    return text.replace(edit.old, edit.new) if text.count(edit.old) == 1 else None


def problems(root: pathlib.Path, edit: Edit) -> Iterator[str]:
    """What has rotted, as far as one sees it without a build."""
    path = root / edit.file
    if not path.is_file():
        yield 'the file is gone'
        return
    count = path.read_text().count(edit.old)
    if count != 1:
        yield f'`old` occurs {count} times, not once'
    if edit.case and not _case_exists(root, edit):
        yield f'tests/{edit.test}/ has no test case "{edit.case}"'


def _case_exists(root: pathlib.Path, edit: Edit) -> bool:
    wanted = '"' + edit.case + '"'
    return any(wanted in re.sub(r'"\n\s*"', '', path.read_text()) for path in (root / 'tests' / edit.test).rglob('*.cpp'))
