"""The rules of the house that a machine can check. Each check yields (line, what is wrong) for one file."""
import re
from typing import Iterator, NamedTuple

import source_text

FOLDERS = {  # folder -> what it may include of ours
    'event': {'event'},
    'connectors': {'event', 'connectors'},
    'rules': {'event', 'rules'},
    'coordination': {'event', 'rules', 'coordination'},
    'store': {'event', 'rules', 'coordination', 'store'},
    'gateway': {'event', 'connectors', 'rules', 'coordination', 'store', 'gateway'},
}
# The rooms of a folder, in their order: a file includes what stands in its own room and in those before it. A file beside
# the rooms is in the room ''. EACH stands for all rooms that are not named, which know nothing of each other.
EACH = '*'
ROOMS = {
    'event': [''],
    'coordination': [''],
    'connectors': ['', 'request', 'references', EACH, 'samples', 'shapes'],  # EACH: one a provider
    'rules': ['source', 'pattern', 'automaton', 'template', '', 'lint'],
    'store': ['', 'script', 'redis', 'server', 'spool', 'fake'],
    'gateway': ['telemetry', 'config', 'limits', 'access', 'http', 'archive', 'worker', 'monitoring', 'hooks', 'api', '',
                'cli/screen', 'cli/contract', 'cli/client', 'cli/check', 'cli/doctor', 'cli/command', 'cli'],
}
ROOM_FILES_MAX = 30
# What is built joined in most presets; connectors and most tests are not (sb_compile_apart).
JOINED = re.compile(r'(event|rules|coordination|store/fake|store|gateway/cli|gateway|tests/(coordination|store|sim))(?=/)')
# Libraries that stay behind a seam: include prefix -> the files that may name it.
SEAMS = {
    'hiredis/': re.compile(r'store/redis/\w+\.cpp|bench/peers/epoll\.cpp'),
    'boost/beast': re.compile(r'gateway/(http/request_parser|cli/client/http_client)\.(cpp|hpp)|bench/ingest/bare\.cpp|tests/.*'),
    'prometheus/': re.compile(r'gateway/monitoring/metrics\.cpp|tests/.*'),
}
SEAM_FILES_MAX = {'hiredis/': 1}  # of the product: what it is compared with stands beside it

FILE_LINES_SOFT, FILE_LINES_HARD = 300, 500
FUNCTION_LINES_SOFT, FUNCTION_LINES_HARD = 40, 70
# Tests are held to the hard limits only. What else may pass a soft limit, and why. A row that is no longer needed is an error.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    'store/script/mailbox.lua:mailbox_steps': 'its constants, what it calls, and the table of its steps',
}

CODE = re.compile(r'.*\.(cpp|hpp|lua|mjs|py|cmake)$|(.*/)?CMakeLists\.txt$|(deploy|tests|\.ci|bench)/([^.]*/)?[^./]+$')
CPP = re.compile(r'.*\.(cpp|hpp)$')
LUA = re.compile(r'.*\.lua$')
FORBIDDEN_NAME = re.compile(r'(^|[/_])(utils?|common|helpers?|managers?|base|misc)([/_.]|$)')
FORBIDDEN_TYPE = re.compile(r'\b(?:class|struct|enum class|namespace)\s+(\w*(?:Util|Utils|Helper|Manager|Misc|Common)|util|utils|detail_misc|helpers?|common)\b')
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
SLEEP = re.compile(r'\b(sleep_for|sleep_until|usleep|nanosleep|sleep|setTimeout)\s*\(|^\s*sleep\s', re.MULTILINE)
CANNOT_FAIL = re.compile(r'\b(?:REQUIRE|CHECK)\s*\(\s*true\s*\)|\bSUCCEED\s*\(|\[!mayfail\]|\[!shouldfail\]|\[\.\]')
MACHINE = re.compile('|'.join([
    '/wo' 'rk/', '/ro' 'ot/', '/ho' 'me/', '/tmp/bash' '_jobs', r'deb\.deb' r'ian\.org', r'registry\.npm' 'js', '"resol' 'ved":']))
# Types with a constructor: no aggregates, so GCC 12.2 handles their temporaries well.
CONSTRUCTED = {'Milliseconds', 'Deadline', 'Error'}


class Finding(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: {self.text}'


def includes(path: str, text: str) -> Iterator[tuple[int, str]]:
    allowed = FOLDERS.get(path.split('/')[0])
    for match in re.finditer(r'^\s*#\s*include\s*([<"])([^>"]+)', text, re.MULTILINE):
        line, target = source_text.line_of(text, match.start(2)), match.group(2)
        if match.group(1) == '"':
            folder, slash, _ = target.partition('/')
            if not slash and not path.startswith('tests/'):
                yield line, f'"{target}": ours are included by their path from the root'
            elif slash and allowed is not None and folder not in allowed:
                yield line, f'{path.split("/")[0]}/ must not include "{target}"'
            elif allowed is not None and not path.startswith('tests/'):
                yield from ((line, what) for what in _room_order(path, target))
        for prefix, home in SEAMS.items():
            if target.startswith(prefix) and not home.fullmatch(path):
                yield line, f'<{target}> stays behind its seam: {home.pattern}'


def _room_order(path: str, target: str) -> Iterator[str]:
    folder, room = room_of(path)
    other_folder, other = room_of(target)
    if folder != other_folder or folder not in ROOMS:
        return
    order = ROOMS[folder]
    places = {name: name if name in order else EACH for name in (room, other)}
    if not set(places.values()) <= set(order):
        return  # a room that nobody knows is a finding of its own: told.rooms
    if order.index(places[other]) > order.index(places[room]) or (places[other] == EACH and room != other and places[room] == EACH):
        yield f'{folder}/{room} must not include "{target}": rooms are in the order of ROOMS'


def room_of(path: str) -> tuple[str, str]:
    """Of "rules/lint/lint.hpp" ("rules", "lint")."""
    folder, _, room = path.rpartition('/')[0].partition('/')
    return folder, room


def file_length(path: str, text: str) -> Iterator[tuple[int, str]]:
    lines = text.count('\n')
    if lines > FILE_LINES_HARD:
        yield lines, f'{lines} lines, at most {FILE_LINES_HARD}'
    elif lines > FILE_LINES_SOFT and path not in LONG_FILES and not path.startswith('tests/'):
        yield lines, f'{lines} lines, more than {FILE_LINES_SOFT} need a reason in LONG_FILES'
    elif lines <= FILE_LINES_SOFT and path in LONG_FILES:
        yield lines, 'is listed in LONG_FILES and needs it no more'


def functions_of(path: str, text: str) -> Iterator[source_text.Function]:
    return source_text.lua_functions(text) if LUA.match(path) else source_text.functions(text)


def function_lengths(path: str, text: str) -> Iterator[tuple[int, str]]:
    soft = FUNCTION_LINES_HARD if path.startswith('tests/') else FUNCTION_LINES_SOFT
    for function in functions_of(path, text):
        if not function.name:
            continue
        reason = LONG_FUNCTIONS.get(f'{path}:{function.name}')
        if function.lines > FUNCTION_LINES_HARD:
            yield function.line, f'{function.name} has {function.lines} lines, at most {FUNCTION_LINES_HARD}'
        elif function.lines > soft and reason is None:
            yield function.line, f'{function.name} has {function.lines} lines, more than {soft} need a reason in LONG_FUNCTIONS'


def names(path: str, text: str) -> Iterator[tuple[int, str]]:
    if FORBIDDEN_NAME.search(path):
        yield 1, 'a name that says nothing'
    for match in FORBIDDEN_TYPE.finditer(source_text.without_literals(text)):
        yield source_text.line_of(text, match.start()), f'{match.group(1)}: a name that says nothing'


def opening_comment(path: str, text: str) -> Iterator[tuple[int, str]]:
    if path.endswith('.hpp') and not text.startswith('//'):
        yield 1, 'a header opens with why it exists'


def awaited_aggregates(_: str, text: str) -> Iterator[tuple[int, str]]:
    for line, arguments in source_text.awaited_calls(text):
        outside_lambdas = re.sub(r'\[[^\[\]]*\]\s*(\([^()]*\))?[^{},]*\{.*\}', '', arguments, flags=re.DOTALL)
        for match in re.finditer(r'(?:^|[(,])\s*(?:\w+::)*([A-Z]\w*)?\s*\{', outside_lambdas):
            if match.group(1) not in CONSTRUCTED:
                yield line, 'an aggregate temporary in an awaited call: GCC 12.2 destroys it twice; name it'


def unfinished(_: str, text: str) -> Iterator[tuple[int, str]]:
    for match in UNFINISHED.finditer(text):
        yield source_text.line_of(text, match.start()), f'{match.group()}: an issue says it better'


def machine(_: str, text: str) -> Iterator[tuple[int, str]]:
    for match in MACHINE.finditer(text):
        yield source_text.line_of(text, match.start()), f'{match.group()}: of one machine, not of the project'


def tests_wait_and_can_fail(path: str, text: str) -> Iterator[tuple[int, str]]:
    if not path.startswith('tests/') or path in WAITING:
        return
    for match in SLEEP.finditer(text):
        yield source_text.line_of(text, match.start()), 'tests wait for a condition with a deadline'
    for match in CANNOT_FAIL.finditer(text):
        yield source_text.line_of(text, match.start()), 'a test that cannot fail'


# The one place of each language that may pause, since it is what waits for conditions.
WAITING = {'tests/e2e/harness/deadlines.mjs', 'tests/tidy/tidy_test.py', 'tests/tidy/checks.py'}
EVERY_FILE = [machine, unfinished]
CODE_FILES = [file_length, names, tests_wait_and_can_fail]
CPP_FILES = [includes, function_lengths, opening_comment, awaited_aggregates]
LUA_FILES = [function_lengths]
