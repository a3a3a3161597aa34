"""What comments and pages tell of the tree is so: rooms have their row, promises that code cites theirs, paths lead somewhere."""
import re
from typing import Iterator

import checks
import source_text

PAGE = 'docs/ARCHITECTURE.md'
PROMISE = re.compile(r'\b[EM][1-9]\b')
PATH = re.compile(r'(?<![\w/.<])(?:(?:event|connectors|rules|coordination|store|gateway|tests|docs|bench|deploy)/[\w./-]*\w\.(?:cpp|hpp|lua|md|mjs|py|txt|json)|'
                  r'[A-Z]{4,}\.md)\b')
COMMENT = re.compile(r'//[^\n]*|(?<![-\w])--[^\n]*')
# Rooms of tests alone, and why.
TEST_ROOMS = {('connectors', 'schemes'): 'signatures that no provider of ours uses'}
WRITES_DOCS = re.compile(r'\bcheck_(?:document|section|between)\(')


def rooms(texts: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    """Each room is in the order, and in the page that says what it holds; tests are in rooms of the product."""
    for folder, room in sorted({checks.room_of(path) for path in texts if checks.CPP.match(path) or checks.LUA.match(path)}):
        known = checks.ROOMS.get(folder, [])
        if folder in checks.FOLDERS and room not in known and checks.EACH not in known:
            yield f'{folder}/{room}', 1, f'{folder}/{room} is no room in ROOMS: where in the order is it?'
    page = texts.get(PAGE)
    if page is None:
        return
    for folder, order in checks.ROOMS.items():
        for room in order:
            if room not in ('', checks.EACH) and f'`{room}`' not in page:
                yield PAGE, 1, f'does not say what the room {folder}/{room} holds'
    tested = {checks.room_of(path[len('tests/'):]) for path in texts if path.startswith('tests/') and path.endswith('_test.cpp')}
    for folder, room in sorted(tested - set(TEST_ROOMS)):
        if folder in checks.FOLDERS and not any(path.startswith(f'{folder}/{room}'.rstrip('/') + '/') for path in texts):
            yield f'tests/{folder}/{room}', 1, f'tests of a room that {folder}/ does not have'


def comments(path: str, text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, its text), of a file of C++ or Lua."""
    for match in COMMENT.finditer(text):
        if match.group().startswith('//') == path.endswith(('.cpp', '.hpp')):
            yield match.start(), match.group()


def cited(texts: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    """Of what comments name: promises have a row in the page, files are there."""
    page = texts.get(PAGE)
    if page is None:
        return
    for path, text in texts.items():
        if not (checks.CPP.match(path) or checks.LUA.match(path)):
            continue
        for at, comment in comments(path, text):
            if path.split('/')[0] in checks.FOLDERS:
                for promise in PROMISE.findall(comment):
                    if f'\n| {promise} |' not in page:
                        yield path, source_text.line_of(text, at), f'{promise} is no promise in {PAGE}'
            for name in PATH.findall(comment):
                if name not in texts and f'docs/{name}' not in texts:
                    yield path, source_text.line_of(text, at), f'{name} is not there'


def writers_of_docs(path: str, text: str) -> Iterator[tuple[int, str]]:
    """tests/write-docs runs what has the tag [docs]."""
    if not path.endswith('_test.cpp'):
        return
    for match in re.finditer(r'^TEST_CASE(?:_METHOD)?\(.*?(?=^TEST_CASE|\Z)', text, re.MULTILINE | re.DOTALL):
        if WRITES_DOCS.search(match.group()) and '[docs]"' not in match.group().partition('{')[0]:
            yield source_text.line_of(text, match.start()), 'writes a document and has no tag [docs], so tests/write-docs leaves it out'


def check(texts: dict[str, str]) -> Iterator[tuple[str, int, str]]:
    yield from rooms(texts)
    yield from cited(texts)
    for path, text in texts.items():
        yield from ((path, line, what) for line, what in writers_of_docs(path, text))
