"""The servers that the gateway is compared with, each as much of a receiver of webhooks as it can be."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NGINX_MODULES = pathlib.Path('/usr/lib/nginx/modules')
NODE_MODULES = HERE / 'node_modules'
INSTALL_DEADLINE_S = 600


@dataclasses.dataclass
class Place:
    """Where one peer runs."""
    directory: pathlib.Path
    port: int
    redis: object     # a processes.Redis, which all peers share
    script: str       # digest of append_once.lua, which that Redis has loaded
    secret: str
    program: object   # finds a program of the build


class Peer:
    name = title = ''
    appends = True    # one message for each delivery, into the list `<name>:messages`
    needs = ()        # paths and commands without which it is left out

    def missing(self):
        return [str(need) for need in self.needs if not (shutil.which(need) if isinstance(need, str) else need.exists())]

    def prepare(self, place):
        """Writes the files that it needs."""

    def command(self, place):
        raise NotImplementedError

    def environment(self, place):
        return {**os.environ, 'PEER_SECRET': place.secret, 'PEER_REDIS': str(place.redis.socket), 'PEER_SCRIPT': place.script}


class Epoll(Peer):
    name, title = 'epoll', 'raw epoll, HMAC, JSON, one script'

    def command(self, place):
        return [place.program('bench/sb_bench_epoll'), place.port, place.redis.socket, HERE / 'append_once.lua', self.name]


class Bare(Peer):
    name, title, appends = 'bare', 'Beast string_body, only answers', False

    def command(self, place):
        return [place.program('bench/sb_bench_bare'), place.port]


class Nginx(Peer):
    name, title = 'nginx', 'nginx + lua, HMAC, cjson, one script'
    needs = ('nginx', NGINX_MODULES / 'ngx_http_lua_module.so', pathlib.Path('/usr/share/lua/5.1/cjson'))

    def prepare(self, place):
        text = (HERE / 'nginx.conf').read_text()
        for name, value in {'MODULES': NGINX_MODULES, 'DIRECTORY': place.directory, 'PEERS': HERE, 'PORT': place.port}.items():
            text = text.replace(f'@{name}@', str(value))
        (place.directory / 'nginx.conf').write_text(text)

    def command(self, place):
        return ['nginx', '-e', 'stderr', '-p', place.directory, '-c', place.directory / 'nginx.conf']


class Octokit(Peer):
    name, title = 'octokit', '@octokit/webhooks on node, ioredis'
    needs = ('node', NODE_MODULES / '@octokit/webhooks', NODE_MODULES / 'ioredis')

    def command(self, place):
        return ['node', HERE / 'octokit.mjs', place.port]


class Webhook(Peer):
    """Debian's `webhook` knows no store. Its command does not exist here, so what is left is checking the signature and the rule."""
    name, title, appends = 'webhook', 'adnanh/webhook, no command', False
    needs = ('webhook',)
    waits = False

    def command_to_run(self, place):
        return str(place.directory / 'no-such-command')

    def prepare(self, place):
        signed = {'match': {'type': 'payload-hmac-sha256', 'secret': place.secret, 'parameter': {'source': 'header', 'name': 'X-Hub-Signature-256'}}}
        rule = {'match': {'type': 'regex', 'regex': '.+/.+', 'parameter': {'source': 'payload', 'name': 'repository.full_name'}}}
        hook = {
            'id': 'github', 'execute-command': self.command_to_run(place), 'trigger-rule': {'or': [{'and': [signed, rule]}]},
            'trigger-signature-soft-failures': True, 'trigger-rule-mismatch-http-response-code': 401,
            'include-command-output-in-response': self.waits,
            'pass-arguments-to-command': [{'source': 'header', 'name': 'X-GitHub-Delivery'}, {'source': 'header', 'name': 'X-Hub-Signature-256'},
                                          {'source': 'header', 'name': 'X-GitHub-Event'}, {'source': 'payload', 'name': 'repository.full_name'}],
        }
        hooks = place.directory / 'hooks.json'
        hooks.touch(mode=0o600)
        hooks.write_text(json.dumps([hook]))

    def command(self, place):
        return ['webhook', '-hooks', place.directory / 'hooks.json', '-ip', '127.0.0.1', '-port', place.port]


class WebhookCommand(Webhook):
    name, title, appends, waits = 'webhook-command', 'adnanh/webhook, a command appends', True, True

    def command_to_run(self, place):
        return place.program('bench/sb_bench_append')


ALL = (Epoll(), Bare(), Nginx(), Octokit(), Webhook(), WebhookCommand())


def install():
    """Debian packages and npm packages by name; what cannot be had is said, and its peers are left out."""
    if any(peer.missing() for peer in ALL if not isinstance(peer, Octokit)):
        attempt('Debian packages', [ROOT / 'deploy/install-packages', 'peers'])
    lock, installed = HERE / 'package-lock.json', NODE_MODULES / '.package-lock.json'
    if shutil.which('npm') and not (installed.exists() and installed.stat().st_mtime > lock.stat().st_mtime):
        if attempt('npm packages', ['npm', '--prefix', HERE, 'ci', '--no-audit', '--no-fund', '--loglevel=error']):
            installed.touch()


def attempt(what, command):
    try:
        subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S)
        return True
    except (subprocess.SubprocessError, OSError) as error:
        why = (getattr(error, 'stderr', '') or str(error)).strip().splitlines()
        print(f'{what} could not be installed: {why[-1] if why else error}', file=sys.stderr)
        return False
