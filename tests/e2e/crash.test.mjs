// The gateway and its Redis are killed in the middle of load. Afterwards the books must balance: each acknowledged
// event is stored once, and each of its messages is read once.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {until} from './deadlines.mjs';
import {Gateway, isRunning, patience} from './gateway.mjs';
import {Load, Reader, allEvents} from './load.mjs';

const count = Number(process.env.SIGNALBOX_E2E_CRASH_DELIVERIES ?? 2000);
const roundsMax = 60;
let gateway;

before(async () => { gateway = await Gateway.start({config: {drain_timeout: '10s'}}); });
after(() => gateway.destroy());

// Runs the load, calling `disturb` once at each of the given shares of it, then sends the rest until all is acknowledged.
async function runDisturbed(load, shares, disturb) {
  const marks = shares.map((share) => Math.floor(load.deliveries.length * share));
  const disturbances = [];
  for (let round = 0; load.missing.length > 0; ++round) {
    assert.ok(round < roundsMax, `${load.missing.length} deliveries still not acknowledged`);
    await load.run((acknowledged) => {
      if (marks.length > 0 && acknowledged >= marks[0]) {
        marks.shift();
        disturbances.push(disturb());
      }
    });
    await Promise.all(disturbances);
    await until('ready again', async () => (await gateway.call('GET', '/readyz', {as: null}).catch(() => ({}))).status === 200,
                30_000 * patience);
  }
  assert.equal(marks.length, 0, 'every disturbance took place');
}

// `certain` are the messages that a reader acknowledged during the load. Where the gateway died between its
// acknowledgement and the answer, the reader cannot know: the causes of those are `unsure`, and may be gone or still there.
async function audit(load, {certain, unsure} = {certain: new Map(), unsure: new Set()}) {
  assert.deepEqual(load.contradictions, [], 'a delivery was acknowledged as two events');
  const ids = new Set(load.deliveries.map(({id}) => id));
  const stored = (await allEvents(gateway)).filter(({delivery}) => ids.has(delivery));
  assert.equal(stored.length, load.deliveries.length, 'each delivery is stored once');
  const eventOf = new Map(stored.map(({delivery, id}) => [delivery, id]));
  for (const [delivery, event] of load.acknowledged) assert.equal(eventOf.get(delivery), event);

  const left = await gateway.drainMailbox();
  for (const {id} of left) assert.ok(!certain.has(id), 'a message came back after it was acknowledged');
  const causes = [...certain.values(), ...left.map(({causationid}) => causationid)];
  assert.equal(new Set(causes).size, causes.length, 'a message was read twice');
  const read = new Set(causes);
  assert.deepEqual([...eventOf.values()].filter((event) => !read.has(event) && !unsure.has(event)), [], 'a message was never read');
  const events = new Set(eventOf.values());
  assert.deepEqual(causes.filter((event) => !events.has(event)), [], 'a message of no event');
}

test('kill -9 of the gateway loses and doubles nothing', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, count, {firstNumber: 1});
  await runDisturbed(load, [0.2, 0.5, 0.8], async () => {
    await gateway.stop('SIGKILL');
    await gateway.launch();
  });
  assert.ok(load.attempts > count, 'some deliveries had to be sent again');
  await audit(load);
});

test('kill -9 of Redis loses and doubles nothing', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, count, {firstNumber: 100_001});
  await runDisturbed(load, [0.2, 0.5, 0.8], async () => {
    const pid = gateway.redisPid();
    process.kill(pid, 'SIGKILL');
    await until('another Redis is there', () => ![undefined, pid].includes(gateway.redisPid()), 30_000 * patience);
  });
  await audit(load);
});

test('what a reader acknowledged stays acknowledged when both are killed', {timeout: 300_000 * patience}, async () => {
  const load = new Load(gateway, Math.floor(count / 4), {firstNumber: 200_001});
  const reader = new Reader(gateway);
  let turn = 0;
  await runDisturbed(load, [0.3, 0.6], async () => {
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
  await audit(load, reader);
});

test('a gateway started after kill -9 never opens the data of a Redis that still runs', async () => {
  const pid = gateway.redisPid();
  await gateway.stop('SIGKILL');
  await gateway.launch();
  assert.notEqual(gateway.redisPid(), pid);
  assert.ok(!isRunning(pid), 'the old Redis is gone');
});
