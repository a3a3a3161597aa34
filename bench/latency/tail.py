"""How long a webhook takes at half of the load that the gateway can bear, without coordinated omission: requests are sent by
the clock, and their time counts from when they were due, so that a stall delays all that came meanwhile."""
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import processes
from gateway import Gateway


@dataclasses.dataclass
class Size:
    rounds: int = 7
    saturated_s: float = 2.0
    seconds: float = 4.0
    connections: int = 64


TINY = Size(rounds=1, saturated_s=0.05, seconds=0.1, connections=4)


def measure(program, environment, tiny=False):
    """Two rows: as fast as answers come, and at half of that rate. The median round counts."""
    size = TINY if tiny else Size()
    servers_at, others_at = processes.two_processors(needed=not tiny)
    with tempfile.TemporaryDirectory(prefix='signalbox-bench-') as directory:
        directory = pathlib.Path(directory)
        with processes.Redis.start(directory / 'redis', others_at) as redis, \
             Gateway.start(program('gateway/signalbox'), directory / 'gateway', environment, redis=f'{{url: "unix://{redis.socket}"}}', processors=servers_at) as gateway:
            load = Load(program('bench/sb_bench_ingest'), environment, gateway, size, others_at)
            load(size.saturated_s)  # warms up
            saturated, half = [], []
            for _ in range(size.rounds):
                saturated.append(load(size.saturated_s))
                half.append(load(size.seconds, saturated[-1]['per_second'] / 2))
    return [row('saturated', 'as fast as answers come', saturated), row('half', 'half of that, by the clock', half)]


class Load:
    def __init__(self, program, environment, gateway, size, processors):
        self.processors = processors
        self.command = [program, '--port', str(gateway.port), '--connections', str(size.connections)]
        self.environment = {**environment, 'SIGNALBOX_BENCH_SECRET': gateway.secret}
        self.first = 0

    def __call__(self, seconds, per_second=0.0):
        self.first += 10_000_000
        ran = subprocess.run([*self.command, '--seconds', str(seconds), '--per-second', str(per_second), '--first', str(self.first)], env=self.environment,
                             capture_output=True, text=True, timeout=300, preexec_fn=lambda: os.sched_setaffinity(0, self.processors))
        if ran.returncode != 0:
            sys.exit(f'the load failed: {ran.stderr or ran.stdout}')
        return json.loads(ran.stdout)


def row(name, case, rounds):
    median = {key: statistics.median(one[key] for one in rounds) for key in ('per_second', 'p50_us', 'p99_us', 'p999_us', 'max_us')}
    return {'bench': 'latency', 'case': case, 'name': name, **median, 'p99s_us': sorted(one['p99_us'] for one in rounds)}
