// deploy/run as a newcomer meets it: it builds, generates secrets once, starts the gateway, and can be run again. Takes
// a release build; .ci/run calls it.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {until, within} from './harness/deadlines.mjs';
import {root} from './harness/gateway.mjs';
import {request} from './harness/http_client.mjs';
import {freePorts} from './harness/ports.mjs';
import {after, before, test} from './harness/test.mjs';

const buildDeadlineMs = 20 * 60_000;
const data = join(root, 'signalbox-data');
let home;
let environment;

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'signalbox-home-'));
  const [hooks, api] = await freePorts(2);
  environment = {...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: '', SIGNALBOX_BIN_DIR: home,
                 SIGNALBOX__HOOKS__LISTEN: `127.0.0.1:${hooks}`, SIGNALBOX__API__LISTEN: `127.0.0.1:${api}`};
  environment.api = `http://127.0.0.1:${api}`;
});
after(() => rmSync(home, {recursive: true, force: true}));

const deploy = (...args) => spawnSync(join(root, 'deploy/run'), args, {env: environment, encoding: 'utf8', timeout: buildDeadlineMs});

test('--build-only builds and prepares, and again changes nothing', {timeout: 2 * buildDeadlineMs}, () => {
  const first = deploy('--build-only');
  assert.equal(first.status, 0, first.stdout + first.stderr);
  const secrets = readFileSync(join(data, 'env'), 'utf8');
  assert.equal(statSync(data).mode & 0o777, 0o700);
  assert.equal(statSync(join(data, 'env')).mode & 0o777, 0o600);
  const values = [...secrets.matchAll(/^[A-Z_]+=([0-9a-f]{64})$/gm)].map(([, value]) => value);
  assert.equal(new Set(values).size, 4);
  for (const value of values) assert.ok(!(first.stdout + first.stderr).includes(value), 'a secret was printed');
  const found = spawnSync('signalbox', ['version'], {env: {...environment, PATH: home}, encoding: 'utf8'});
  assert.match(found.stdout, /^signalbox \d/, 'it is on the PATH');
  const completion = readFileSync(join(home, '.local/share/bash-completion/completions/signalbox'), 'utf8');
  assert.match(completion, /^complete -F _signalbox signalbox$/m);
  const second = deploy('--build-only');
  assert.equal(second.status, 0, second.stdout + second.stderr);
  assert.equal(readFileSync(join(data, 'env'), 'utf8'), secrets);
});

test('what is shipped is hardened', () => {
  const readelf = (...args) => spawnSync('readelf', ['--wide', ...args, join(root, 'build/release/gateway/signalbox')], {encoding: 'utf8', maxBuffer: 2 ** 26}).stdout;
  assert.match(readelf('--file-header'), /Type:\s+DYN/, 'position-independent');
  assert.match(readelf('--dynamic'), /FLAGS_1\)\s+Flags:.*\bNOW\b.*\bPIE\b/, 'BIND_NOW');
  const segments = readelf('--segments');
  assert.match(segments, /GNU_RELRO/);
  assert.match(segments, /GNU_STACK(\s+0x[0-9a-f]+){5}\s+RW\s/, 'a stack that is not executable');
  assert.doesNotMatch(segments, /LOAD.*RWE/);
  const symbols = readelf('--dyn-syms');
  assert.match(symbols, /__stack_chk_fail/, 'stack protector');
  assert.match(symbols, /__\w+_chk\b/, 'FORTIFY');
  // The note that marks a whole program needs start files that have it too, which Debian 12's have not.
  const entry = spawnSync('objdump', ['--disassemble=main', join(root, 'build/release/gateway/signalbox')], {encoding: 'utf8', maxBuffer: 2 ** 26}).stdout;
  if (process.arch === 'x64') assert.match(entry, /<main>:\s+\S+:\s+f3 0f 1e fa\s+endbr64/, 'control-flow protection');
});

test('it starts a gateway that takes a sample, and SIGTERM ends it with 0', {timeout: buildDeadlineMs}, async () => {
  const child = spawn(join(root, 'deploy/run'), {env: environment, stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said += text; });
  const exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({code, signal})));
  let gone;
  exited.then((exit) => { gone = exit; });
  try {
    await until('ready', async () => {
      if (gone) throw new Error(`it ended:\n${said}`);
      return (await request(`${environment.api}/readyz`).catch(() => ({}))).status === 200;
    }, buildDeadlineMs);
    const cli = (...args) => spawnSync(join(root, 'build/release/gateway/signalbox'), args, {env: environment, encoding: 'utf8', timeout: 20_000});
    const posted = cli('sample', 'github', 'pull_request.opened', '--post', 'github', '--json');
    assert.equal(posted.status, 0, posted.stderr);
    assert.equal(JSON.parse(posted.stdout).status, 'accepted');
    const {messages: [{receipt}]} = JSON.parse(cli('receive', '--agent', 'reviewer', '--json').stdout);
    assert.equal(cli('ack', receipt, '--agent', 'reviewer').status, 0);
    assert.match(said, /signalbox sample github pull_request\.opened --post github/, 'it says what to try next');
    for (const value of readFileSync(join(data, 'env'), 'utf8').match(/[0-9a-f]{64}/g)) assert.ok(!said.includes(value));
  } finally {
    child.kill('SIGTERM');
  }
  assert.deepEqual(await within('the end', exited, 30_000), {code: 0, signal: null});
});
