#!/usr/bin/env python3
"""Checks the tree against the house rules: tidy.py [root]. Prints findings, exits 1 when there are any."""
import pathlib
import subprocess
import sys
from collections import Counter
from typing import Iterator

import checks
import hidden_names
import limits
import told
from checks import Finding

TEXT_BYTES_MAX = 4 * 1024 * 1024


def files_of(root: pathlib.Path) -> list[str]:
    """What git knows or would add; every file where there is no repository."""
    if (root / '.git').exists():
        command = ['git', '-C', str(root), 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split('\0')
        return sorted({path for path in listed if path and (root / path).is_file()})
    return sorted(str(path.relative_to(root)) for path in root.rglob('*') if path.is_file())


def check_file(path: str, text: str) -> Iterator[Finding]:
    rules = list(checks.EVERY_FILE)
    if checks.CODE.match(path):
        rules += checks.CODE_FILES
    if checks.CPP.match(path):
        rules += checks.CPP_FILES
    if checks.LUA.match(path):
        rules += checks.LUA_FILES
    for rule in rules:
        for line, what in rule(path, text):
            yield Finding(path, line, what)


def check_seams(texts: dict[str, str]) -> Iterator[Finding]:
    for prefix, most in checks.SEAM_FILES_MAX.items():
        homes = [path for path, text in texts.items() if checks.CPP.match(path) and not path.startswith('bench/') and f'<{prefix}' in text]
        for path in homes[most:]:
            yield Finding(path, 1, f'<{prefix}…> is included by {len(homes)} files, at most {most}')


def check_types(texts: dict[str, str]) -> Iterator[Finding]:
    """Two types of one name link without a word and corrupt memory: the linker keeps one of their destructors."""
    first: dict[tuple[str, str], str] = {}
    for path, text in texts.items():
        if not checks.CPP.match(path):
            continue
        for line, name in checks.source_text.types(text):
            # Programs of their own: each folder's tests, each bench, each fuzzer.
            program = path if path.startswith('tests/fuzz/') else '/'.join(path.split('/')[:2])
            program = program if path.startswith(('tests/', 'bench/')) else ''
            for owner in (('', name), (program, name)):
                if owner in first and first[owner] != path:
                    yield Finding(path, line, f'{name} is another type in {first[owner]}')
                    break
            first.setdefault((program, name), path)


def check_hidden_names(texts: dict[str, str]) -> Iterator[Finding]:
    """Two files of one folder may become one, and then what both hide is defined twice."""
    first: dict[tuple[str, str], str] = {}
    for path, text in texts.items():
        joined = checks.JOINED.match(path)
        if joined is None or not path.endswith('.cpp'):
            continue
        for hidden in hidden_names.hidden_names(text):
            other = first.setdefault((joined.group(), hidden.key), path)
            if other != path:
                yield Finding(path, hidden.line, f'{hidden.name} is hidden in {other} too: joined builds need another name, or one place for both')


def check_rooms(texts: dict[str, str]) -> Iterator[Finding]:
    """A folder with many files is one where nobody finds anything."""
    files = Counter(path.rpartition('/')[0] for path in texts if checks.CODE.match(path))
    for folder, count in files.items():
        if count > checks.ROOM_FILES_MAX:
            yield Finding(folder, 1, f'{count} files, at most {checks.ROOM_FILES_MAX}: it needs rooms')
    rooms = {checks.room_of(path) for path in texts}
    for folder, order in checks.ROOMS.items() if 'CMakeLists.txt' in texts else ():
        for room in order:
            if room != checks.EACH and (folder, room) not in rooms:
                yield Finding(f'{folder}/{room}', 1, 'is listed in ROOMS and has no file')


def check_exceptions(texts: dict[str, str]) -> Iterator[Finding]:
    """A row of an exception list that names nothing is left over."""
    for path in checks.LONG_FILES:
        if path not in texts:
            yield Finding(path, 1, 'is listed in LONG_FILES and does not exist')
    for entry in checks.LONG_FUNCTIONS:
        path, _, name = entry.partition(':')
        lengths = [f.lines for f in checks.functions_of(path, texts.get(path, '')) if f.name == name]
        if not lengths or max(lengths) <= checks.FUNCTION_LINES_SOFT:
            yield Finding(path, 1, f'{name} is listed in LONG_FUNCTIONS and needs it no more')


def check_tree(root: pathlib.Path) -> list[Finding]:
    texts = {}
    for path in files_of(root):
        raw = (root / path).read_bytes()
        if b'\0' not in raw and len(raw) <= TEXT_BYTES_MAX:
            texts[path] = raw.decode('utf-8', errors='replace')
    findings = [finding for path, text in texts.items() for finding in check_file(path, text)]
    findings += [Finding(*found) for check in (limits.check, told.check) for found in check(texts)]
    return findings + list(check_seams(texts)) + list(check_types(texts)) + list(check_rooms(texts)) + list(check_hidden_names(texts)) + list(check_exceptions(texts))


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()
    findings = check_tree(root)
    for finding in findings:
        print(finding)
    folders = Counter(finding.path.split('/')[0] for finding in findings)
    print(f'{len(findings)} findings' + (f': {dict(folders)}' if findings else ''))
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
