// Peers that send as fast as they can, one for each I/O thread and more: webhooks, probes, agents, reloads and SIGTERM go on beside them.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import net from 'node:net';

import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {after, before, test} from './harness/test.mjs';

const answerMs = 2_000 * patience;  // what others may wait; without turns it is for ever
const floodMs = 1_000 * patience;
let gateway;
let number = 5000;

before(async () => {
  gateway = await Gateway.start({config: {
    drain_timeout: `${8_000 * patience}ms`,
    hooks: {listen: '127.0.0.1:0', request_timeout: `${20_000 * patience}ms`},
  }});
  // The floods come from the same address, which must have signed once: a stranger that floods has to wait.
  await gateway.deliver('pull_request', pullRequest(++number));
  await gateway.call('GET', '/v1/inbox');
});
after(() => gateway.destroy());

// Writes `first`, then `rest` again and again; reads and forgets what comes. Opens the next connection where the gateway closes one.
class Flood {
  constructor(port, first, rest, connections = 4) {
    this.rest = Buffer.from(rest);
    this.sent = 0;
    this.sockets = new Set();
    for (let i = 0; i < connections; ++i) this.open(port, first);
  }

  open(port, first) {
    const socket = net.connect(port, '127.0.0.1');
    this.sockets.add(socket);
    const pump = () => {
      while (!socket.destroyed && socket.writable && socket.write(this.rest)) this.sent += this.rest.length;
    };
    socket.on('connect', () => { socket.write(first); pump(); });
    socket.on('drain', () => { this.sent += this.rest.length; pump(); });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (!this.over) this.open(port, first);
    });
  }

  stop() {
    this.over = true;
    for (const socket of this.sockets) socket.destroy();
  }
}

async function timed(call) {
  const began = performance.now();
  const answer = await call();
  return {answer, ms: performance.now() - began};
}

// What others see while it lasts.
async function othersAreServed(claim) {
  const calls = {
    webhook: () => gateway.deliver('pull_request', pullRequest(++number)),
    livez: () => gateway.isUp().then((up) => ({status: up ? 200 : 0})),
    readyz: () => gateway.readiness(),
    inbox: () => gateway.call('GET', '/v1/inbox'),
  };
  const end = performance.now() + floodMs;
  for (let rounds = 0; rounds < 3 || performance.now() < end; ++rounds) {
    for (const [name, call] of Object.entries(calls)) {
      const {answer, ms} = await timed(call);
      assert.equal(answer.status, 200, `${claim}: ${name}`);
      assert.ok(ms < answerMs, `${claim}: ${name} took ${ms} ms`);
    }
  }
}

const chunkedHead = 'POST /hooks/github HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const floods = {
  'requests': ['hooksPort', '', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000)],
  'unsigned webhooks': ['hooksPort', '', 'POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}'.repeat(1000)],
  'chunks of one byte': ['hooksPort', chunkedHead, '1\r\nx\r\n'.repeat(8000)],
  'chunks with extensions': ['hooksPort', chunkedHead, `1;a=${'b'.repeat(100)}\r\nx\r\n`.repeat(500)],
  'empty lines': ['hooksPort', '', '\r\n'.repeat(30_000)],
  'bodies': ['hooksPort', 'POST /hooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 25000000\r\n\r\n', 'x'.repeat(60_000)],
  'probes': ['apiPort', '', 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000)],
  'guessed tokens': ['apiPort', '', 'GET /v1/inbox HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abcdefghijklmnopqrst\r\n\r\n'.repeat(1000)],
};

for (const [claim, [port, first, rest]] of Object.entries(floods)) {
  test(`others are served beside a flood of ${claim}`, async () => {
    const flood = new Flood(gateway[port], first, rest);
    try {
      await until('the flood flows', () => flood.sent > 200_000);
      await othersAreServed(claim);
    } finally {
      flood.stop();
    }
  });
}

test('a reload is taken, and SIGTERM ends the process with status 0, in the middle of a flood', async () => {
  const [port, first, rest] = floods.requests;
  const flood = new Flood(gateway[port], first, rest);
  try {
    await until('the flood flows', () => flood.sent > 200_000);
    writeFileSync(`${gateway.directory}/rules/rules.yaml`, 'rules: []\n');
    gateway.child.kill('SIGHUP');
    await until('the threads use the new rules', async () => (await gateway.deliver('pull_request', pullRequest(++number))).json.messages === 0);
    const before = performance.now();
    const {code} = await gateway.stop('SIGTERM');
    assert.equal(code, 0, gateway.log.slice(-2000));
    assert.ok(performance.now() - before < 8_000 * patience);
  } finally {
    flood.stop();
  }
});
