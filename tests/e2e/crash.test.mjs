// The gateway and its Redis are killed in the middle of load. Afterwards the books must balance: each acknowledged
// event is stored once, and each of its messages is read once.
import assert from 'node:assert/strict';

import {audit, runDisturbed} from './harness/audit.mjs';
import {until} from './harness/deadlines.mjs';
import {Gateway, isRunning, patience} from './harness/gateway.mjs';
import {Load, Reader} from './harness/load.mjs';
import {after, before, test} from './harness/test.mjs';

const count = Number(process.env.SIGNALBOX_E2E_CRASH_DELIVERIES ?? 2000);
let gateway;

before(async () => { gateway = await Gateway.start({config: {drain_timeout: '10s'}}); });
after(() => gateway.destroy());

test('kill -9 of the gateway loses and doubles nothing', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, count, {firstNumber: 1});
  await runDisturbed(gateway, load, [0.2, 0.5, 0.8], async () => {
    await gateway.stop('SIGKILL');
    await gateway.launch();
  });
  assert.ok(load.attempts > count, 'some deliveries had to be sent again');
  await audit(gateway, load);
});

test('kill -9 of Redis loses and doubles nothing', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, count, {firstNumber: 100_001});
  await runDisturbed(gateway, load, [0.2, 0.5, 0.8], async () => {
    const pid = gateway.redisPid();
    process.kill(pid, 'SIGKILL');
    await until('another Redis is there', () => ![undefined, pid].includes(gateway.redisPid()), 30_000 * patience);
  });
  await audit(gateway, load);
});

test('what a reader acknowledged stays acknowledged when both are killed', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, Math.floor(count / 4), {firstNumber: 200_001});
  const reader = new Reader(gateway);
  let turn = 0;
  await runDisturbed(gateway, load, [0.3, 0.6], async () => {
    if (turn++ % 2 === 0) {
      process.kill(gateway.redisPid(), 'SIGKILL');
    } else {
      await gateway.stop('SIGKILL');
      await gateway.launch();
    }
  });
  await reader.stop();
  assert.deepEqual(reader.twice, []);
  assert.ok(reader.certain.size > 0, 'the reader read during the load');
  await until('leases that nobody holds any more run out', async () => {
    const {leased} = (await gateway.call('GET', '/v1/inbox')).json;
    return leased === 0;
  }, 20_000 * patience);
  await audit(gateway, load, reader);
});

test('a gateway started after kill -9 never opens the data of a Redis that still runs', async () => {
  const pid = gateway.redisPid();
  await gateway.stop('SIGKILL');
  await gateway.launch();
  assert.notEqual(gateway.redisPid(), pid);
  assert.ok(!isRunning(pid), 'the old Redis is gone');
});
