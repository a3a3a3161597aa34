"""The gateway as benches start it: one source of GitHub's, one agent, rules that match."""
import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import urllib.request

import processes

CONFIG = """site: bench
{threads}
hooks: {{listen: "127.0.0.1:0", max_connections: 20000, idle_timeout: 10m{tls}}}
api: {{listen: "127.0.0.1:0"}}
redis: {redis}
data_dir: {directory}/data
drain: {{delay: 0s}}
log: {{level: warning}}
sources: {{github: {{connector: github, secrets: [{{env: BENCH_SECRET}}]}}}}
agents: {{reviewer: {{tokens: [{{env: BENCH_TOKEN}}]}}}}
mailboxes: {{max_messages: 10000000}}
rules: [rules.yaml]
"""
# Matches every event.
RULE = """rules:
  - name: tell
    events: [github]
    send: [{to: reviewer, kind: assign, task: review, summary: 'Look at ${event.type} of ${body.repository.full_name}'}]
"""
# One that does not: of its kind there may be a thousand.
OTHER_RULE = """  - name: other-{number}
    events: [github.pull_request.opened, github.pull_request.synchronize]
    match:
      repository: {{full_name: ["acme/service-{number}", {{prefix: "acme/team-{number}-"}}]}}
      pull_request: {{draft: [false], base: {{ref: [main, {{prefix: "release-{number}/"}}]}}, changed_files: [{{numeric: ["<=", {number}]}}]}}
    send: [{{to: reviewer, kind: assign, task: review, summary: 'Review ${{body.pull_request.title}}'}}]
"""


class Gateway:
    """Started by start(); ports, secrets and the process."""

    @classmethod
    @contextlib.contextmanager
    def start(cls, program, directory, environment=None, redis='embedded', threads=1, rules=1, tls=None, processors=None):
        """`threads` 0 leaves the number to the gateway; `tls` is (certificate, key)."""
        directory = pathlib.Path(directory)
        directory.mkdir(exist_ok=True)
        shutil.rmtree(directory / 'data', ignore_errors=True)
        with_tls = f', tls: {{certificate: {tls[0]}, key: {tls[1]}}}' if tls else ''
        (directory / 'signalbox.yaml').write_text(CONFIG.format(
            directory=directory, redis=redis, tls=with_tls, threads=f'threads: {threads}' if threads else ''))
        (directory / 'rules.yaml').write_text(RULE + ''.join(OTHER_RULE.format(number=number) for number in range(1, rules)))
        gateway = cls()
        gateway.secret, gateway.token = secrets.token_hex(32), secrets.token_hex(32)
        own = {**(environment or os.environ), 'BENCH_SECRET': gateway.secret, 'BENCH_TOKEN': gateway.token}
        log = directory / 'log'
        with log.open('w+') as file, processes.running([program, 'serve', '--config', directory / 'signalbox.yaml'], own,
                                                       processors=processors, log=file) as process:
            def ports():
                return re.search(r'hooks +https?://127\.0\.0\.1:(\d+)(?:.*\n)*?.*api +http://127\.0\.0\.1:(\d+)', log.read_text())
            found = processes.wait_for('the gateway', ports, process, log.read_text)
            gateway.port, gateway.api_port = int(found.group(1)), int(found.group(2))
            gateway.pid = process.pid
            yield gateway

    def messages(self):
        """How many the agent's mailbox holds."""
        inbox = json.loads(self.ask('/v1/inbox?max=1'))
        return sum(inbox[state] for state in ('ready', 'leased', 'waiting', 'dead'))

    def open_connections(self):
        return int(re.search(r'^signalbox_open_connections\{listener="hooks"\} (\d+)', self.ask('/metrics'), re.MULTILINE).group(1))

    def ask(self, path):
        request = urllib.request.Request(f'http://127.0.0.1:{self.api_port}{path}', headers={'Authorization': f'Bearer {self.token}'})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
