"""The gateway and its peers side by side: all run at once, the load goes to them in turn in short slices, so that what the
machine does beside it strikes all of them; each round gives a ratio, and the median of the ratios is what to quote."""
import contextlib
import dataclasses
import pathlib
import secrets
import statistics
import sys
import tempfile

import load
import processes
from gateway import Gateway
from peers import peers, proof

GATEWAY = 'gateway'
BASE = 'epoll'
UNCHECKED = 'bare'  # answers all that comes: a floor for that reason, and a proof that the proof can fail
DELIVERIES_PER_SLICE = 10_000_000  # numbers, of which a slice uses the first


@dataclasses.dataclass
class Size:
    rounds: int = 9
    seconds: float = 1.2
    connections: int = 64


TINY = Size(rounds=1, seconds=0.05, connections=4)


@dataclasses.dataclass
class Server:
    name: str
    title: str
    port: int
    pid: int
    secret: str
    redis: processes.Redis
    count: object = None      # of messages that it appended
    slices: list = dataclasses.field(default_factory=list)


class Comparison:
    def __init__(self, program, environment, size, only_installed=False):
        self.program, self.environment, self.size = program, environment, size
        self.left_out = {}
        self.numbers = 0
        # Servers have one processor to themselves; what drives them and what stores for them shares another.
        self.servers_at, self.others_at = processes.two_processors(needed=size is not TINY)
        if not only_installed:
            peers.install()
        if 'SIGNALBOX_OCTOKIT_EXAMPLES' not in environment:
            examples = peers.NODE_MODULES / '@octokit/webhooks-examples/api.github.com/index.json'
            if examples.exists() and not only_installed:
                self.environment = {**environment, 'SIGNALBOX_OCTOKIT_EXAMPLES': str(examples)}

    def run(self):
        """One dictionary a server."""
        with tempfile.TemporaryDirectory(prefix='signalbox-bench-') as directory, contextlib.ExitStack() as stack:
            servers = self.start(pathlib.Path(directory), stack)
            self.prove(servers)
            for number in range(-1, self.size.rounds):
                for server in servers if number % 2 else servers[::-1]:
                    one = self.slice(server, self.size.seconds if number >= 0 else self.size.seconds / 2)
                    if number >= 0:
                        server.slices.append(one)
            return [row(server, servers) for server in servers]

    def prove(self, servers):
        for server in servers:
            try:
                proof.prove(server.title, server.port, server.secret, server.count)
            except proof.NotAPeer:
                if server.name != UNCHECKED:
                    raise
            else:
                if server.name == UNCHECKED:
                    sys.exit('the proof accepts a server that checks nothing')

    def start(self, directory, stack):
        store = stack.enter_context(processes.Redis.start(directory / 'peers-redis', self.others_at))
        script = store.ask('SCRIPT', 'LOAD', (peers.HERE / 'append_once.lua').read_text())
        secret = secrets.token_hex(32)
        servers = []
        for peer in peers.ALL:
            if missing := peer.missing():
                self.left_out[peer.title] = f'not installed: {", ".join(missing)}'
                continue
            place = peers.Place(directory / peer.name, processes.free_port(), store, script, secret, self.program)
            servers.append(self.start_peer(peer, place, stack))
        own_redis = stack.enter_context(processes.Redis.start(directory / 'gateway-redis', self.others_at))
        gateway = stack.enter_context(Gateway.start(self.program('gateway/signalbox'), directory / 'gateway', self.environment,
                                                    redis=f'{{url: "unix://{own_redis.socket}"}}', processors=self.servers_at))
        servers.append(Server(GATEWAY, 'signalbox', gateway.port, gateway.pid, gateway.secret, own_redis, gateway.messages))
        return servers

    def start_peer(self, peer, place, stack):
        place.directory.mkdir()
        peer.prepare(place)
        log = stack.enter_context((place.directory / 'log').open('w+'))
        process = stack.enter_context(processes.running(peer.command(place), peer.environment(place), self.servers_at, place.directory, log))
        processes.wait_for(peer.title, lambda: processes.listens(place.port), process, (place.directory / 'log').read_text)
        count = (lambda: int(place.redis.ask('LLEN', f'{peer.name}:messages'))) if peer.appends else None
        return Server(peer.name, peer.title, place.port, process.pid, place.secret, place.redis, count)

    def slice(self, server, seconds):
        """Drives one server for a while; what one request cost. Every answer must be a message, and every message an answer."""
        before = server.count() if server.count else 0
        own, store = processes.family_cpu_us(server.pid), processes.cpu_us(server.redis.pid)
        said = self.drive(server, seconds)
        own, store = processes.family_cpu_us(server.pid) - own, processes.cpu_us(server.redis.pid) - store
        requests = said['requests']
        if server.count and server.count() - before != requests:
            raise proof.NotAPeer(f'{server.title}: {requests} answers, {server.count() - before} messages')
        server.redis.ask('FLUSHALL')  # so that no store is larger than another's, nor than this machine bears
        busy = own / said['seconds'] / 1e6
        return {'cpu_us': own / requests, 'redis_us': store / requests if server.count else 0, 'per_second': said['per_second'],
                'p99_us': said['p99_us'], 'load_us': said['cpu_us'], 'body_bytes': said['body_bytes'], 'busy': busy}

    def drive(self, server, seconds):
        self.numbers += DELIVERIES_PER_SLICE
        return load.drive(self.program, self.environment, server.secret, self.others_at, f'{server.title}: the load', port=server.port,
                          connections=self.size.connections, first=self.numbers, seconds=seconds)


def row(server, servers):
    base = next(other for other in servers if other.name == BASE)
    median = lambda key: statistics.median(one[key] for one in server.slices)
    return {'bench': 'peers', 'case': server.title, 'name': server.name, 'cpu_us_min': min(one['cpu_us'] for one in server.slices),
            'cpu_us_median': median('cpu_us'), 'cpu_ratio': quartiles(server, base, 'cpu_us'), 'redis_us_median': median('redis_us'),
            'per_second': median('per_second'), 'per_second_ratio': quartiles(server, base, 'per_second'), 'p99_us': median('p99_us'),
            'busy': median('busy'), 'load_us': median('load_us'), 'body_bytes': median('body_bytes'),
            'slices': [{key: round(value, 3) for key, value in one.items()} for one in server.slices]}


def quartiles(server, base, key):
    """Lower quartile, median and upper quartile of the rounds' ratios."""
    ratios = sorted(one[key] / other[key] for one, other in zip(server.slices, base.slices))
    return [ratios[(len(ratios) - 1) * quarter // 4] for quarter in (1, 2, 3)]
