"""A copy of the tree in build/mutate/tree with one build directory: the tree that somebody works in is never broken."""
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
from typing import NamedTuple

PRESET = 'dev'


class Test(NamedTuple):
    """How ctest would run it."""
    command: list[str]
    environment: dict[str, str]
    directory: str


class CopyOfTree:
    def __init__(self, root: pathlib.Path, jobs: int):
        self.root = root
        self.path = root / 'build' / 'mutate' / 'tree'
        self.build_path = self.path / 'build' / PRESET
        self.jobs = jobs
        # What the compiler's cache knows from a build elsewhere is taken; an edit that is taken back costs nothing.
        self.environment = os.environ | {'CCACHE_BASEDIR': str(self.path), 'CCACHE_NOHASHDIR': '1'}

    def take(self) -> None:
        """Waits until no other run has the copy, which is kept until this process ends."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.path.parent / 'lock', 'w')
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def refresh(self) -> None:
        """Only what differs is written, so that little is built again."""
        command = ['git', '-C', str(self.root), 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split('\0')
        files = {path for path in listed if path and (self.root / path).is_file()}
        for path in files:
            source, copy = self.root / path, self.path / path
            if copy.is_file() and copy.read_bytes() == source.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
        for copy in list(self.path.rglob('*')):
            inside = copy.relative_to(self.path)
            if copy.is_file() and inside.parts[0] != 'build' and 'node_modules' not in inside.parts and str(inside) not in files:
                copy.unlink()
        packages = self.root / 'tests/e2e/node_modules'
        link = self.path / 'tests/e2e/node_modules'
        if packages.exists() and not link.exists():
            link.symlink_to(packages.resolve())

    def configure(self) -> str:
        """Its output when it fails, else nothing."""
        return self._run(['cmake', '--preset', PRESET, '-Wno-dev', '--log-level=WARNING'])

    def build(self, targets: list[str]) -> str:
        """The compiler's output when it fails, else nothing."""
        return self._run(['cmake', '--build', str(self.build_path), '--parallel', str(self.jobs), '--target', *targets]) if targets else ''

    def needs(self) -> dict[str, list[str]]:
        """What each test has to have built, by ctest's name: what of its command and environment stands in the build directory.
        Read from CMake's files, since ctest says nothing of programs that are not there yet."""
        path = re.escape(str(self.build_path)) + r'/([^";]+)'
        needs: dict[str, list[str]] = {}
        for file in self.build_path.rglob('CTestTestfile.cmake'):
            for kind, name, rest in re.findall(r'^\s*(add_test|set_tests_properties)\((?:\[=*\[)?([\w.-]+)(?:\]=*\])?(.*)$', file.read_text(), re.M):
                needs.setdefault(name, []).extend(re.findall(('"' if kind == 'add_test' else '=') + path, rest))
        return needs

    def tests(self) -> dict[str, Test]:
        """By ctest's name, those whose programs have been built."""
        command = ['ctest', '--test-dir', str(self.build_path), '--show-only=json-v1']
        shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return {test['name']: self._test_of(test) for test in shown['tests'] if 'command' in test}

    def _test_of(self, test: dict) -> Test:
        properties = {each['name']: each['value'] for each in test.get('properties', [])}
        settings = dict(each.split('=', 1) for each in properties.get('ENVIRONMENT', []))
        return Test(test['command'], settings, properties.get('WORKING_DIRECTORY', str(self.build_path)))

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, cwd=self.path, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors='replace')
        return '' if done.returncode == 0 else done.stdout or f'{command[0]} failed'
