#!/usr/bin/env python3
"""Runs luacheck over the Lua of the tree: lua_check.py <luacheck> [root]. Prints findings, exits 1 when there are any.

Scripts of the store are looked at as Redis gets them, with what their first lines put in front of them, so that a name is
known where it will be. What a part defines and one script leaves alone is no finding; what no script uses is.
"""
import pathlib
import re
import subprocess
import sys
from collections import Counter
from typing import Iterator, NamedTuple

SCRIPTS = 'store/script'
WITH = re.compile(r'-- With: ([a-z, ]+)\.\n')
FOUND = re.compile(r'[^\n]*?:(\d+):\d+: \((\w\d+)\) (.*)')
UNUSED = re.compile(r'W2\d\d')


class Place(NamedTuple):
    path: str
    line: int


def parts_of(script: str) -> list[str]:
    found = WITH.match(script)
    return found.group(1).split(', ') if found else []


def run(luacheck: str, root: pathlib.Path, name: str, text: str) -> Iterator[tuple[int, str, str]]:
    """(line, code, what is wrong)"""
    config = pathlib.Path(__file__).with_name('luacheckrc')
    command = [luacheck, '-', '--filename', name, '--config', str(config), '--codes', '--formatter', 'plain', '--no-color']
    ran = subprocess.run(command, input=text, capture_output=True, text=True, cwd=root)
    if ran.returncode > 2:  # 1 and 2 are findings
        raise RuntimeError(ran.stderr or ran.stdout)
    for found in FOUND.finditer(ran.stdout):
        yield int(found.group(1)), found.group(2), found.group(3)


def check_scripts(luacheck: str, root: pathlib.Path) -> Iterator[str]:
    texts = {path.stem: path.read_text() for path in sorted((root / SCRIPTS).glob('*.lua'))}
    whole = {name: [*parts, name] for name, text in texts.items() if (parts := parts_of(text))}
    users = Counter(part for parts in whole.values() for part in parts)
    findings: Counter[tuple[Place, str, str]] = Counter()
    for name, parts in whole.items():
        places = [Place(f'{SCRIPTS}/{part}.lua', line) for part in parts for line in range(1, texts[part].count('\n') + 1)]
        joined = ''.join(texts[part] for part in parts)
        findings.update({(places[line - 1], code, what) for line, code, what in run(luacheck, root, f'{SCRIPTS}/{name}.lua', joined)})
    for (place, code, what), count in sorted(findings.items()):
        if UNUSED.match(code) is None or count == users[pathlib.Path(place.path).stem]:
            yield f'{place.path}:{place.line}: {what} ({code})'
    for name in texts:
        if not users[name]:
            yield f'{SCRIPTS}/{name}.lua:1: stands in front of no script, and is none'


def check_others(luacheck: str, root: pathlib.Path) -> Iterator[str]:
    for folder in ('bench', 'tests', 'deploy'):
        for path in sorted((root / folder).rglob('*.lua')):
            if 'node_modules' not in path.parts:
                name = str(path.relative_to(root))
                for line, code, what in run(luacheck, root, name, path.read_text()):
                    yield f'{name}:{line}: {what} ({code})'


def check(luacheck: str, root: pathlib.Path) -> list[str]:
    return [*check_scripts(luacheck, root), *check_others(luacheck, root)]


def main() -> int:
    findings = check(sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else '.').resolve())
    print('\n'.join([*findings, f'{len(findings)} findings']))
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
