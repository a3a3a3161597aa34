// The log as operators meet it: bounded in a flood, in its three forms, and one line a change of state.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {until, within} from './harness/deadlines.mjs';
import {binary, Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {keptConnections, request} from './harness/http_client.mjs';
import {after, before, test} from './harness/test.mjs';

const deadlineMs = 20_000 * patience;
let gateway;
let number = 0;

before(async () => { gateway = await Gateway.start({config: {hooks: {unverified_rate: 'off'}}}); });  // a flood that no rate ends
after(() => gateway.destroy());

const linesSince = (at) => gateway.log.slice(at).split('\n').filter((line) => line.startsWith('time='));
const field = (line, name) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];

// Another `serve` with the same configuration, or a changed one; what it printed, and its end.
function serve({config = (whole) => whole, env = {}} = {}) {
  const file = join(gateway.directory, `other-${++number}.yaml`);
  const whole = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
  config(whole);
  writeFileSync(file, JSON.stringify(whole));
  const child = spawn(binary, ['serve', '--config', file, '--env-file', gateway.envFile],
                      {cwd: gateway.directory, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']});
  const run = {child, out: '', err: ''};
  child.stdout.on('data', (text) => { run.out += text; });
  child.stderr.on('data', (text) => { run.err += text; });
  const end = new Promise((done) => child.once('close', done));
  run.ends = () => within('the end', end, 2 * deadlineMs);
  return run;
}

test('a flood of unsigned requests is a few lines and a number, and none is lost from the count', async () => {
  const agent = keptConnections({});
  const flood = 2000;
  const at = gateway.log.length;
  const began = performance.now();
  for (let i = 0; i < flood; i += 50) {
    await Promise.all(Array.from({length: 50}, () => request(`${gateway.hooks}/hooks/github`, {method: 'POST', body: '{}', agent})));
  }
  agent.destroy();
  const about = () => linesSince(at).filter((line) => field(line, 'reason') === 'signature_missing');
  const told = () => about().reduce((sum, line) => sum + Number(field(line, 'count') ?? 1), 0);
  await until('all are told', () => told() === flood, deadlineMs);
  const seconds = (performance.now() - began) / 1000;
  assert.ok(about().length <= 20 + 2 * seconds + 3, `${about().length} lines in ${seconds} s`);
  assert.match(about().at(-1), /level=warning msg="more refused" listener=hooks reason=signature_missing count=\d+$/);
});

test('a token in a URL is not logged, nor any empty field', async () => {
  const at = gateway.log.length;
  const token = gateway.tokens.reviewer;
  for (const path of [`/v1/inbox?token=${token}`, `/v1/inbox?${token}`, `/v1/inbox?agent=${token}`, `/v1/${token}`, `/livez?token=${token}`]) {
    for (const as of [null, 'reviewer', 'operator']) await gateway.call('GET', path, {as});
  }
  await gateway.says(/msg="request refused" listener=api reason=\S+ .*route="GET \/v1\/inbox" query=agent caller=ops/);
  assert.ok(!gateway.log.slice(at).includes(token));
  assert.ok(!gateway.log.includes('=""'), 'an empty field');
});

test('log.format json is one object a line', async () => {
  const other = await Gateway.start({config: {log: {format: 'json'}}});
  try {
    await other.deliver('pull_request', pullRequest(++number));
    await other.says(/"msg":"delivery"/);
    const lines = other.log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    assert.ok(lines.length >= 3);
    for (const line of lines) assert.deepEqual(Object.keys(line).slice(0, 3), ['time', 'level', 'msg']);
    assert.equal(lines.find(({msg}) => msg === 'delivery').status, 'accepted');
  } finally {
    await other.destroy();
  }
});

test('people on a terminal get short lines in colour, unless they want none', async () => {
  for (const [env, colour] of [[{}, true], [{NO_COLOR: '1'}, false], [{TERM: 'dumb'}, false]]) {
    const file = join(gateway.directory, `terminal-${++number}.yaml`);
    const whole = JSON.parse(readFileSync(gateway.configFile, 'utf8'));
    whole.data_dir = join(gateway.directory, `terminal-data-${number}`);
    writeFileSync(file, JSON.stringify(whole));
    const command = `timeout -s TERM 3 '${binary}' serve --config '${file}' --env-file '${gateway.envFile}'`;
    const {stdout} = spawnSync('script', ['-qec', command, '/dev/null'],
                               {env: {...process.env, TERM: 'xterm-256color', ...env}, encoding: 'utf8', timeout: deadlineMs, stdio: ['ignore', 'pipe', 'pipe']});
    assert.equal(/\u001b\[\d+m/.test(stdout), colour, stdout);
    const plain = stdout.replaceAll(/\u001b\[\d*(;\d+)?m/g, '').replaceAll('\r\n', '\n');
    assert.match(plain, /^\d\d:\d\d:\d\d redis ready /m);
    assert.match(plain, /^signalbox \S+ serves site 'e2e' with 1 rules$/m);
    assert.ok(!plain.includes('time='), plain);
  }
});

test('a start that fails is told once', async () => {
  const run = serve({config: (whole) => {
    whole.data_dir = join(gateway.directory, 'another');
    whole.api.listen = `127.0.0.1:${gateway.apiPort}`;
  }});
  assert.equal(await run.ends(), 1);
  assert.equal((run.out + run.err).match(/cannot listen on/g).length, 1, run.out + run.err);
  assert.ok(!run.out.includes('serves'));
});

test('a second gateway says at once who holds the data, and ends with that', async () => {
  const run = serve();
  const began = performance.now();
  await until('it says so', () => /waiting for the lock of data_dir.*held by process \d+/.test(run.err), deadlineMs);
  assert.ok(performance.now() - began < 5000 * patience);
  assert.equal(await run.ends(), 1);
  assert.ok(!run.out.includes('serves'));
});

test('without Redis it says that it waits, not that it serves, in a few lines', async () => {
  const run = serve({config: (whole) => {
    whole.redis = {socket: join(gateway.directory, 'nobody.sock')};
    whole.data_dir = join(gateway.directory, 'third');
  }});
  try {
    await until('it says where it listens', () => /api +http/.test(run.out), deadlineMs);
    assert.match(run.out, /^signalbox \S+ waits for redis at .*nobody\.sock; until then webhooks are answered 503$/m);
    const port = /api +http:\/\/127\.0\.0\.1:(\d+)/.exec(run.out)[1];
    for (let looks = 0; looks < 4; ++looks) {  // each takes a second: the watch asks once in one
      const before = await request(`http://127.0.0.1:${port}/metrics`);
      await until('time passes', async () => (await request(`http://127.0.0.1:${port}/metrics`)).headers.date !== before.headers.date, deadlineMs);
    }
    assert.ok(!run.out.includes('serves'));
    const about = run.err.split('\n').filter((line) => /msg="redis/.test(line));
    assert.ok(about.length <= 3, run.err);
  } finally {
    run.child.kill('SIGTERM');
    await run.ends();
  }
});
