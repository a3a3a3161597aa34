// signalbox receive --follow: messages as they come, and a clean end.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';

import {until, within} from '../harness/deadlines.mjs';
import {binary, Gateway, patience} from '../harness/gateway.mjs';
import {after, afterEach, before, test} from '../harness/test.mjs';

const deadlineMs = 20_000 * patience;
let gateway;
const started = [];

before(async () => { gateway = await Gateway.start(); });
after(() => gateway.destroy());
afterEach(async () => {
  for (const run of started.splice(0)) {
    run.child.kill('SIGKILL');
    const receipts = run.lines().map((line) => JSON.parse(line).receipt);
    if (receipts.length > 0) await gateway.call('POST', '/v1/inbox/nack', {body: {receipts}});
  }
  await gateway.drainMailbox('reviewer');
});

function follow(...args) {
  const child = spawn(binary, ['receive', '--follow', '--agent', 'reviewer', ...args], {...gateway.cliOptions(), stdio: ['ignore', 'pipe', 'pipe']});
  const run = {child, out: '', err: ''};
  started.push(run);
  child.stdout.on('data', (text) => { run.out += text; });
  child.stderr.on('data', (text) => { run.err += text; });
  const end = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  run.end = () => within('the end', end, deadlineMs);
  run.lines = () => run.out.split('\n').slice(0, -1);
  run.printed = (count) => until(`${count} lines`, () => run.lines().length >= count, deadlineMs);
  return run;
}

const send = (summary) => gateway.call('POST', '/v1/messages', {as: 'operator', body: {to: 'reviewer', kind: 'note', data: {summary}}});
const counts = async () => {
  const {ready, leased, waiting} = (await gateway.call('GET', '/v1/inbox')).json;
  return {ready, leased, waiting};
};

test('messages are printed as they come, one line each, and Ctrl-C ends it with 0', async () => {
  const run = follow('--json');
  await send('one');
  await run.printed(1);
  await send('two');
  await run.printed(2);
  run.child.kill('SIGINT');
  assert.equal(await run.end(), 0, run.err);
  const messages = run.lines().map((line) => JSON.parse(line));
  assert.deepEqual(messages.map(({message}) => message.data.summary), ['one', 'two']);
  assert.deepEqual(Object.keys(messages[0]), ['receipt', 'deliveries', 'message']);
  assert.equal((await counts()).leased, 2, 'what was printed stays leased');
});

test('with --ack each is finished once it is printed, so more come than are held at a time', async () => {
  const run = follow('--json', '--ack', '--max', '1');
  for (const summary of ['a', 'b', 'c']) await send(summary);
  await run.printed(3);
  await until('acknowledged', async () => Object.values(await counts()).every((count) => count === 0), deadlineMs);
  run.child.kill('SIGTERM');
  assert.equal(await run.end(), 0, run.err);
});

test('no more are held than --max says, and the rest is there for others', async () => {
  const run = follow('--json', '--max', '1');
  await send('first');
  await run.printed(1);
  await send('second');
  run.child.kill('SIGINT');
  assert.equal(await run.end(), 0, run.err);
  assert.equal(run.lines().length, 1);
  assert.deepEqual(await counts(), {ready: 1, leased: 1, waiting: 0});
});

test('what its reader did not take is given back', async () => {
  const run = follow('--json');
  await send('one');
  await run.printed(1);
  run.child.stdout.destroy();
  await send('two');
  assert.equal(await run.end(), 0, run.err);
  assert.deepEqual(await counts(), {ready: 1, leased: 1, waiting: 0});
  assert.match(run.err, /1 given back/);
});

test('what cannot be streamed ends at once with its reason', async () => {
  const refused = gateway.cli('receive', '--follow', {env: {SIGNALBOX_URL: gateway.api, SIGNALBOX_TOKEN: 'a-token-of-nobody'}});
  assert.equal(refused.code, 1);
  assert.match(refused.err, /401 unauthorized/);
  const away = gateway.cli('receive', '--follow', {env: {SIGNALBOX_URL: 'http://127.0.0.1:1', SIGNALBOX_TOKEN: 'a-token-of-nobody'}});
  assert.equal(away.code, 3);
  assert.equal(gateway.cli('receive', '--follow', '--wait', '1s').code, 2);
});

test('it goes on when the gateway was restarted in between', {timeout: 120_000 * patience}, async () => {
  const run = follow('--json');
  await send('before');
  await run.printed(1);
  const [hooks, api] = [gateway.hooksPort, gateway.apiPort];
  await gateway.stop();
  gateway.environment = {SIGNALBOX__HOOKS__LISTEN: `127.0.0.1:${hooks}`, SIGNALBOX__API__LISTEN: `127.0.0.1:${api}`};
  await gateway.launch();
  await send('after');
  await run.printed(2);
  run.child.kill('SIGINT');
  assert.equal(await run.end(), 0, run.err);
  assert.equal(JSON.parse(run.lines()[1]).message.data.summary, 'after');
});

test('it says that it waits, and Ctrl-C ends it at once', async () => {
  const run = follow();
  await until('it says so', () => /waiting for messages of reviewer; Ctrl-C ends/.test(run.err), deadlineMs);
  const began = performance.now();
  run.child.kill('SIGINT');
  assert.equal(await run.end(), 0, run.err);
  assert.ok(performance.now() - began < 2000 * patience, `${performance.now() - began} ms`);
});
