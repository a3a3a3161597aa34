"""The load: sb_bench_ingest against one server, from a processor of its own."""
import json
import os
import subprocess
import sys

DEADLINE_S = 300


def drive(program, environment, secret, processors, title='the load', **options):
    """What it printed. Options are those of sb_bench_ingest, with `_` for `-`; ends the run where an answer was not good."""
    words = [program('bench/sb_bench_ingest')]
    for name, value in options.items():
        words += [f'--{name.replace("_", "-")}', str(value)]
    ran = subprocess.run(words, env={**environment, 'SIGNALBOX_BENCH_SECRET': secret}, capture_output=True, text=True, timeout=DEADLINE_S,
                         preexec_fn=lambda: os.sched_setaffinity(0, processors))
    if ran.returncode != 0:
        sys.exit(f'{title} failed: {ran.stderr or ran.stdout}')
    return json.loads(ran.stdout)
