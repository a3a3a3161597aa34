"""Resident memory of the gateway while connections are idle: in all, and what each of them takes."""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

import processes
from gateway import Gateway

WANTED = 10_000
TINY = 40
RULES = 1_000
OWN_FILES = 500  # of a process, beside its connections


def measure(program, environment, tiny=False):
    """One row for plain connections and one for TLS."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = TINY if tiny else WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard - OWN_FILES)
    with tempfile.TemporaryDirectory(prefix='signalbox-bench-') as directory:
        directory = pathlib.Path(directory)
        certificate = make_certificate(directory)
        return [measure_one(program, environment, directory / name, most, tls) for name, tls in {'plain': None, 'tls': certificate}.items()]


def measure_one(program, environment, directory, most, tls):
    # The first tenth warms up: what later ones add is what a connection takes.
    stops = [most // 10, most]
    with Gateway.start(program('gateway/signalbox'), directory, environment, threads=0, rules=RULES, tls=tls) as gateway:
        started = processes.resident_bytes(gateway.pid)
        command = [program('bench/sb_bench_idle'), '--port', gateway.port, *(['--tls'] if tls else []), *stops]
        resident = []
        with subprocess.Popen([str(word) for word in command], env={**environment, 'SIGNALBOX_BENCH_SECRET': gateway.secret},
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            for stop in stops:
                line = client.stdout.readline()
                if not line or json.loads(line)['open'] != stop:
                    sys.exit('idle connections could not be opened')
                if gateway.open_connections() != stop:
                    sys.exit(f'{gateway.open_connections()} connections are open, not {stop}')
                resident.append(processes.resident_bytes(gateway.pid))
                client.stdin.write('\n')
                client.stdin.flush()
    fewer = '' if most in (TINY, WANTED) else ', as many as the limit of open files allows'
    return {'bench': 'idle', 'case': f'{most:,} {"TLS" if tls else "plain"} connections, {RULES:,} rules{fewer}', 'name': 'tls' if tls else 'plain', 'connections': most,
            'started_mb': started / 1e6, 'resident_mb': resident[1] / 1e6, 'connection_kb': (resident[1] - resident[0]) / (stops[1] - stops[0]) / 1e3}


def make_certificate(directory):
    certificate, key = directory / 'certificate.pem', directory / 'key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
                    '-keyout', key, '-out', certificate], check=True, capture_output=True, timeout=30)
    return certificate, key
