"""One edit after the other: put it into the copy, build what its test needs, run the test, take the edit back."""
import os
import signal
import subprocess
import time
from typing import NamedTuple

import edits
from copy_of_tree import CopyOfTree, Test

KILLED = 'killed'
SURVIVED = 'SURVIVED'
HANGS = 'HANGS'                      # a test that only ends because somebody ends it says nothing of what is wrong
NOT_BUILT = 'DOES NOT BUILD'
NOT_APPLIED = 'DOES NOT APPLY'
NO_TEST = 'NO SUCH TEST'
FAILS_BEFORE = 'FAILS BEFORE'        # without the edit, so that failing with it means nothing

FIRST_RUN_SECONDS_MAX = 600.0
SHOWN_LINES_MAX = 30


class Ran(NamedTuple):
    outcome: str  # of a mutant: KILLED, SURVIVED or HANGS
    seconds: float
    output: str


def run_test(tree: CopyOfTree, test: Test, case: str, seconds_max: float) -> Ran:
    """A process group of its own, so that nothing of a test that hangs is left behind."""
    chosen = [case.replace(',', '\\,').replace('[', '\\['), '--abort', '--warn', 'NoTests'] if case else []
    began = time.monotonic()
    process = subprocess.Popen([*test.command, *chosen], cwd=test.directory, env=tree.environment | test.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors='replace', start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds_max)
        outcome = SURVIVED if process.returncode == 0 else KILLED
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        outcome = HANGS
    return Ran(outcome, time.monotonic() - began, output)


class Trials:
    """What each test does on the copy before it is broken is known, and with it how long it may take afterwards."""

    def __init__(self, tree: CopyOfTree, seconds: float):
        self.tree = tree
        self.seconds = seconds
        self.needs = tree.needs()
        self.tests: dict[str, Test] = {}
        self.before: dict[tuple[str, str], Ran] = {}

    def prepare(self, chosen: list[edits.Edit]) -> None:
        needs = sorted({path for edit in chosen for path in self.needs.get(edit.test, [])})
        print(f'building {" ".join(needs)}')
        if problem := self.tree.build(needs):
            raise RuntimeError(f'the tree does not build as it is:\n{last_lines(problem)}')
        self.tests = self.tree.tests()
        for edit in chosen:
            key = edit.test, edit.case
            if edit.test in self.tests and key not in self.before:
                self.before[key] = run_test(self.tree, self.tests[edit.test], edit.case, FIRST_RUN_SECONDS_MAX)
                if self.before[key].outcome != SURVIVED:
                    print(f'{edit.test} "{edit.case}" fails before anything is broken:\n{last_lines(self.before[key].output)}')

    def try_edit(self, edit: edits.Edit) -> str:
        if edit.test not in self.tests:
            return NO_TEST
        before = self.before[edit.test, edit.case]
        if before.outcome != SURVIVED:
            return FAILS_BEFORE
        path = self.tree.path / edit.file
        broken = edits.applied(path.read_text(), edit) if path.is_file() else None
        if broken is None:
            return NOT_APPLIED
        path.write_text(broken)
        if problem := self.tree.build(self.needs[edit.test]):
            print(last_lines(problem))
            return NOT_BUILT
        return run_test(self.tree, self.tests[edit.test], edit.case, self.seconds + 5 * before.seconds).outcome

    def take_back(self, edit: edits.Edit) -> None:
        """Written anew, not with its old time: what was built of the edit has to be seen as older."""
        path = self.tree.path / edit.file
        original = (self.tree.root / edit.file)
        if path.is_file() and original.is_file() and path.read_text() != original.read_text():
            path.write_text(original.read_text())


def try_all(tree: CopyOfTree, chosen: list[edits.Edit], seconds: float, keep: bool) -> list[tuple[str, edits.Edit, float]]:
    tree.take()
    tree.refresh()
    if problem := tree.configure():
        raise RuntimeError(f'the tree cannot be configured:\n{last_lines(problem)}')
    trials = Trials(tree, seconds)
    trials.prepare(chosen)
    rows = []
    # Edits of one test and file follow each other, so that each step builds what the last one broke and one file more.
    order = sorted(chosen, key=lambda edit: (edit.test, edit.file))
    for number, edit in enumerate(order, 1):
        began = time.monotonic()
        outcome = trials.try_edit(edit)
        rows.append((outcome, edit, time.monotonic() - began))
        print(f'[{number}/{len(order)}] {outcome}: {edit.name}')
        if not (keep and number == len(order)):
            trials.take_back(edit)
    return rows


def last_lines(text: str) -> str:
    return '\n'.join('    ' + line for line in text.rstrip().split('\n')[-SHOWN_LINES_MAX:])
