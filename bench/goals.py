"""What is wanted of the gateway, and what a run measured of it. One row for each goal; benches give values by the goal's key."""
import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Goal:
    key: str
    text: str
    at_most: bool
    must: float
    aim: float | None
    command: str  # what measures it


GOALS = (
    Goal('cpu_epoll', 'CPU per event, against raw epoll with HMAC, JSON and one script', True, 1.25, 1.0, 'peers'),
    Goal('cpu_bare', 'CPU per event, against Beast with string_body, which only answers', True, 2.2, 1.8, 'peers'),
    Goal('rate_nginx', 'requests a second, against nginx + lua', False, 4, 6, 'peers'),
    Goal('rate_octokit', 'requests a second, against @octokit/webhooks on node', False, 5, 8, 'peers'),
    Goal('rate_webhook', 'requests a second, against adnanh/webhook without a command', False, 10, 15, 'peers'),
    Goal('rate_webhook-command', 'requests a second, against adnanh/webhook with a command', False, 35, 50, 'peers'),
    Goal('redis', 'CPU of Redis per event, against the bare script', True, 1.5, 1.1, 'peers'),
    Goal('idle_connection', 'KB per idle keep-alive connection', True, 16, 8, 'idle'),
    Goal('allocations', 'allocations per event', True, 10, 0, 'ingest'),
    Goal('idle_plain', 'MB at 10,000 idle plain connections and 1,000 rules', True, 256, 100, 'idle'),
    Goal('idle_tls', 'MB at 10,000 idle TLS connections and 1,000 rules', True, 800, 300, 'idle'),
    Goal('p99', 'p99 in ms at half of the saturation load', True, 5, 2, 'latency'),
    Goal('verify', 'CPU of verifying, against the keyed HMAC', True, 1.05, None, 'verify'),
)


@dataclasses.dataclass(frozen=True)
class Measured:
    value: float
    note: str = ''


def judge(measured):
    """Rows for the goals of which something was measured."""
    rows = []
    for goal in GOALS:
        if goal.key in measured:
            value = measured[goal.key].value
            holds = lambda bound: value <= bound if goal.at_most else value >= bound
            verdict = 'aim met' if goal.aim is not None and holds(goal.aim) else 'met' if holds(goal.must) else 'MISSED'
            rows.append({'goal': goal.text, 'key': goal.key, 'must': goal.must, 'aim': goal.aim, 'at_most': goal.at_most, 'measured': round(value, 3),
                         'note': measured[goal.key].note, 'verdict': verdict, 'command': f'bench/run --only {goal.command}'})
    return rows


def of_rows(rows):
    """What these rows of benches say of goals, by the goals' keys."""
    named = {(row['bench'], row.get('name', row['case'])): row for row in rows}
    measured = {}
    if ('peers', 'gateway') in named:
        measured |= of_peers({name: row['slices'] for (bench, name), row in named.items() if bench == 'peers'})
    if row := named.get(('ingest', 'gateway')):
        measured['allocations'] = Measured(row['allocations'])
    if row := named.get(('verify', 'verify')):
        measured['verify'] = Measured(row['cpu_us_min'] / named['verify', 'floor: EVP_MAC, key kept']['cpu_us_min'])
    if row := named.get(('idle', 'plain')):
        measured['idle_connection'] = Measured(row['connection_kb'])
    for kind in ('plain', 'tls'):
        row = named.get(('idle', kind))
        if row and row['connections'] >= 10_000:
            measured[f'idle_{kind}'] = Measured(row['resident_mb'])
    if row := named.get(('latency', 'half')):
        measured['p99'] = Measured(row['p99_us'] / 1000)
    return measured


def of_peers(slices):
    """The gateway's ratio to each: medians of the ratios of the rounds. Beside a ratio of rates stands that of CPU, which says
    the same of a processor that nobody else uses."""
    def ratio(key, peer):
        return statistics.median(one[key] / other[key] for one, other in zip(slices['gateway'], slices[peer]))
    measured = {'cpu_epoll': Measured(ratio('cpu_us', 'epoll')), 'cpu_bare': Measured(ratio('cpu_us', 'bare')),
                'redis': Measured(ratio('redis_us', 'epoll'))}
    rivals = [name for name in slices if name not in ('gateway', 'epoll', 'bare')]
    return measured | {f'rate_{name}': Measured(ratio('per_second', name), f'{1 / ratio("cpu_us", name):.1f} by CPU') for name in rivals}
