#!/usr/bin/env python3
"""Runs tests/mutate/run on a tiny tree of shell scripts in which every outcome occurs."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parent / 'run'

# No compiler: a program is a script that is copied when its syntax is right.
CMAKE = '''cmake_minimum_required(VERSION 3.25)
project(tiny LANGUAGES NONE)
enable_testing()
foreach(name limit other broken)
  add_custom_command(
    OUTPUT ${name}
    COMMAND sh -n ${CMAKE_SOURCE_DIR}/${name}.sh && cp ${CMAKE_SOURCE_DIR}/${name}.sh ${name}
    DEPENDS ${CMAKE_SOURCE_DIR}/${name}.sh)
  add_custom_target(${name}_target ALL DEPENDS ${name})
  add_test(NAME ${name} COMMAND ${CMAKE_BINARY_DIR}/${name})
endforeach()
'''
PRESETS = '''{"version": 6, "configurePresets": [
  {"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build/dev"}]}
'''
FILES = {
    'CMakeLists.txt': CMAKE,
    'CMakePresets.json': PRESETS,
    '.gitignore': '/build/\n',
    'limit.sh': '#!/bin/sh\nmost=3\nunused=1\n[ "$most" -eq 3 ]\n',
    'other.sh': '#!/bin/sh\nexit 0\n',
    'broken.sh': '#!/bin/sh\nexit 1\n',
}


def block(name: str, old: str, new: str, file: str = 'limit.sh', test: str = 'limit', case: str = '') -> str:
    lines = [f'name: {name}', f'file: {file}', *(f'old: {line}' for line in old.split('\n')), f'new: {new}', f'test: {test}', 'says: a claim']
    return '\n'.join(lines + ([f'case: {case}'] if case else [])) + '\n\n'


class TinyTree(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.directory.name)
        self.addCleanup(self.directory.cleanup)
        for name, text in FILES.items():
            (self.root / name).write_text(text)
            (self.root / name).chmod(0o755)
        subprocess.run(['git', 'init', '-q', str(self.root)], check=True)

    def run_on(self, blocks: str, *options: str) -> tuple[int, str]:
        (self.root / 'tests/mutate/edits').mkdir(parents=True, exist_ok=True)
        (self.root / 'tests/mutate/edits/tiny.txt').write_text(blocks)
        done = subprocess.run([sys.executable, str(RUN), '--root', str(self.root), *options], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def outcomes(self, output: str) -> dict[str, str]:
        rows = re.findall(r'^(killed|[A-Z][A-Z ]+?)  +(\w+) .* s  \S+$', output, re.MULTILINE)
        return {name: outcome for outcome, name in rows}

    def test_every_outcome_is_told_apart_and_only_killed_is_passed(self):
        code, output = self.run_on(
            '# A comment.\n'
            + block('dies', 'most=3', 'most=4')
            + block('two_lines', 'most=3\nunused=1', 'most=5')
            + block('lives', 'unused=1', 'unused=2')
            + block('syntax', 'most=3', 'most=(')
            + block('gone', 'most=99', 'most=4')
            + block('twice', 's', 'z')
            + block('endless', 'unused=1', 'while :; do :; done')
            + block('unknown', 'most=3', 'most=4', test='no_such_test')
            + block('elsewhere', 'exit 0', 'exit 3', file='other.sh', test='other')
            + block('before', 'exit 1', 'exit 2', file='broken.sh', test='broken'), '--seconds', '1')
        self.assertEqual(self.outcomes(output), {
            'dies': 'killed', 'two_lines': 'killed', 'lives': 'SURVIVED', 'syntax': 'DOES NOT BUILD', 'gone': 'DOES NOT APPLY',
            'twice': 'DOES NOT APPLY', 'endless': 'HANGS', 'unknown': 'NO SUCH TEST', 'elsewhere': 'killed', 'before': 'FAILS BEFORE'}, output)
        self.assertEqual(output.rstrip().split('\n')[-1], '3 passed, 7 failed')
        self.assertEqual(code, 1)
        # The tree itself was never touched, and the copy is whole again.
        for name in ('limit.sh', 'other.sh', 'broken.sh'):
            self.assertEqual((self.root / name).read_text(), FILES[name])
            self.assertEqual((self.root / 'build/mutate/tree' / name).read_text(), FILES[name])

    def test_all_killed_is_success_and_a_second_run_sees_what_changed(self):
        blocks = block('dies', 'most=3', 'most=4') + block('elsewhere', 'exit 0', 'exit 3', file='other.sh', test='other')
        self.assertEqual(self.run_on(blocks)[0], 0)
        code, output = self.run_on(blocks, '--only', 'else*')
        self.assertEqual((code, self.outcomes(output)), (0, {'elsewhere': 'killed'}), output)
        (self.root / 'limit.sh').write_text('#!/bin/sh\nmost=3\nexit 0\n')
        code, output = self.run_on(blocks, '--only', 'limit.sh')
        self.assertEqual((code, self.outcomes(output)), (1, {'dies': 'SURVIVED'}), output)

    def test_keep_leaves_the_last_edit_in_the_copy(self):
        self.run_on(block('dies', 'most=3', 'most=4'), '--keep')
        self.assertIn('most=4', (self.root / 'build/mutate/tree/limit.sh').read_text())

    def test_check_finds_what_has_rotted_and_builds_nothing(self):
        rotten = block('gone', 'most=99', '') + block('no_case', 'most=3', '', case='a claim') + block('no_file', 'a', '', file='no.sh')
        code, output = self.run_on(block('fine', 'most=3', '') + rotten, '--check')
        self.assertEqual(code, 1)
        for part in ('gone: limit.sh: `old` occurs 0 times', 'no_case: limit.sh: tests/limit/ has no test case "a claim"', 'the file is gone'):
            self.assertIn(part, output)
        self.assertIn('1 passed, 3 failed', output)
        self.assertFalse((self.root / 'build').exists())
        self.assertEqual(self.run_on(block('fine', 'most=3', ''), '--check')[0], 0)

    def test_a_pattern_that_fits_nothing_is_said_before_anything_is_built(self):
        for options in ((), ('--check',), ('--list',)):
            code, output = self.run_on(block('fine', 'most=3', ''), '--only', 'another', *options)
            self.assertEqual((code, output), (1, 'no edit fits; `tests/mutate/run --list` shows them all\n0 passed, 1 failed\n'))
        self.assertFalse((self.root / 'build').exists())

    def test_each_limit_that_a_test_holds_is_an_edit_of_its_figure(self):
        (self.root / 'limit.cpp').write_text('constexpr Milliseconds wait_timeout{1\'000};\nconstexpr int names_max =\n    3;\n')
        (self.root / 'tests/limits').mkdir(parents=True)
        (self.root / 'tests/limits/tested_there.txt').write_text(
            '# why\nlimit.cpp:wait_timeout | tests/store/a_test.cpp | a claim\nlimit.cpp:names_max | tests/e2e/a.test.mjs | another\nlimit.cpp:gone | tests/store/a_test.cpp | a claim\n')
        (self.root / 'tests/store').mkdir()
        (self.root / 'tests/store/a_test.cpp').write_text('TEST_CASE("a claim") {}\n')
        code, output = self.run_on('', '--list')
        for part in ('figure limit.cpp:wait_timeout  [store: a claim]', 'figure limit.cpp:names_max  [e2e_a: all]'):
            self.assertIn(part, output)
        code, output = self.run_on('', '--check')
        self.assertEqual((code, output.split('\n')[-2]), (1, '2 passed, 1 failed'), output)
        sys.path.insert(0, str(RUN.parent))
        import figures
        text = (self.root / 'limit.cpp').read_text()
        self.assertEqual(figures.changed(text, 'wait_timeout'), ("wait_timeout{1'000}", "wait_timeout{2 * (1'000)}"))
        self.assertEqual(figures.changed(text, 'names_max'), ('names_max =\n    3;', 'names_max = (3) + 1;'))

    def test_a_list_that_cannot_be_read_is_a_failure(self):
        for blocks, part in ((block('a', 'x', 'y') * 2, 'two edits are called "a"'), ('name: a\nfile: b\n', 'has no `old:`'),
                             ('nmae: a\n', 'not `key: value`'), (block('a', 'x', 'x'), 'are the same'), ('', 'no edit fits')):
            code, output = self.run_on(blocks, '--check')
            self.assertEqual(code, 1)
            self.assertIn(part, output)


if __name__ == '__main__':
    unittest.main()
