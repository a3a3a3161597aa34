"""How long a webhook takes at half of the load that the gateway can bear, without coordinated omission: requests are sent by
the clock, and their time counts from when they were due, so that a stall delays all that came meanwhile."""
import dataclasses
import itertools
import pathlib
import statistics
import tempfile

import load
import processes
from gateway import Gateway


@dataclasses.dataclass
class Size:
    rounds: int = 7
    saturated_s: float = 2.0
    seconds: float = 4.0
    connections: int = 64


DELIVERIES_A_ROUND = 10_000_000  # more than any sends: no number comes twice
TINY = Size(rounds=1, saturated_s=0.05, seconds=0.1, connections=4)


def measure(program, environment, tiny=False):
    """Two rows: as fast as answers come, and at half of that rate. The median round counts."""
    size = TINY if tiny else Size()
    servers_at, others_at = processes.two_processors(needed=not tiny)
    with tempfile.TemporaryDirectory(prefix='signalbox-bench-') as directory:
        directory = pathlib.Path(directory)
        with processes.Redis.start(directory / 'redis', others_at) as redis, \
             Gateway.start(program('gateway/signalbox'), directory / 'gateway', environment, redis=f'{{url: "unix://{redis.socket}"}}', processors=servers_at) as gateway:
            numbers = itertools.count(DELIVERIES_A_ROUND, DELIVERIES_A_ROUND)
            drive = lambda seconds, per_second=0.0: load.drive(program, environment, gateway.secret, others_at, port=gateway.port, connections=size.connections,
                                                               seconds=seconds, per_second=per_second, first=next(numbers))
            drive(size.saturated_s)  # warms up
            saturated, half = [], []
            for _ in range(size.rounds):
                saturated.append(drive(size.saturated_s))
                half.append(drive(size.seconds, saturated[-1]['per_second'] / 2))
    return [row('saturated', 'as fast as answers come', saturated), row('half', 'half of that, by the clock', half)]


def row(name, case, rounds):
    median = {key: statistics.median(one[key] for one in rounds) for key in ('per_second', 'p50_us', 'p99_us', 'p999_us', 'max_us')}
    return {'bench': 'latency', 'case': case, 'name': name, **median, 'p99s_us': sorted(one['p99_us'] for one in rounds)}
