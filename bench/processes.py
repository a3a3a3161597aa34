"""Processes under test: started on a processor of their own, measured by the kernel's accounting, always ended."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

START_DEADLINE_S = 30
END_DEADLINE_S = 30
TICKS_PER_SECOND = os.sysconf('SC_CLK_TCK')


@contextlib.contextmanager
def running(command, environment=None, processors=None, directory=None, log=None, **more):
    """A started process, pinned if wanted; ended with SIGTERM, and if it does not end, killed."""
    def pin():
        if processors:
            os.sched_setaffinity(0, processors)
    process = subprocess.Popen([str(word) for word in command], env=environment, cwd=directory, preexec_fn=pin, stdin=subprocess.DEVNULL,
                               stdout=more.pop('stdout', log), stderr=subprocess.STDOUT if log else None, **more)
    try:
        yield process
    finally:
        end(process)


def two_processors(needed=True):
    """One for servers and one for what drives them and stores for them, as sets."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2 and needed:
        sys.exit('this bench needs two processors: one for the server, one for what drives it')
    return {allowed[0]}, {allowed[min(1, len(allowed) - 1)]}


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu_us(pid):
    """User and system time of all threads of a process, in microseconds."""
    total_ns = 0
    for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
        total_ns += int((task / 'schedstat').read_text().split()[0])
    return total_ns / 1000


def family_cpu_us(pid):
    """The same with all children, those that have ended included (in ticks of the kernel, as it knows them)."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    ended = (int(fields[13]) + int(fields[14])) * 1_000_000 / TICKS_PER_SECOND
    return cpu_us(pid) + ended + sum(family_cpu_us(child) for child in children_of(pid))


def children_of(pid):
    with contextlib.suppress(FileNotFoundError):
        return [int(child) for child in pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]
    return []


def resident_bytes(pid):
    return int(pathlib.Path(f'/proc/{pid}/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def wait_for(what, found, process=None, said=lambda: ''):
    """Until `found` gives something; that."""
    deadline = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        if result := found():
            return result
        time.sleep(0.02)
    sys.exit(f'{what} did not start:\n{said()}')


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port), timeout=1):
        return True
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Redis:
    """A redis-server on a unix socket that keeps nothing on the disk."""

    def __init__(self, path):
        self.socket = path

    @classmethod
    @contextlib.contextmanager
    def start(cls, directory, processors=None):
        directory.mkdir()
        path = directory / 'redis.sock'
        command = ['redis-server', '--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', directory]
        with (directory / 'log').open('w+') as log, running(command, processors=processors, log=log) as process:
            redis = cls(path)
            redis.pid = process.pid
            wait_for('redis-server', lambda: path.exists() and redis.ask('PING') == 'PONG', process, (directory / 'log').read_text)
            yield redis

    def ask(self, *words):
        """One command by redis-cli; its answer as text."""
        said = subprocess.run(['redis-cli', '-s', self.socket, *words], check=True, capture_output=True, text=True, timeout=30)
        return said.stdout.strip()
