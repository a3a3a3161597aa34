// The books of a load after something went wrong: each acknowledged event is stored once, and each of its messages is
// read once.
import assert from 'node:assert/strict';

import {until} from './deadlines.mjs';
import {patience} from './gateway.mjs';
import {allEvents} from './load.mjs';

const roundsMax = 60;

// Runs the load, calling `disturb` once at each of the given shares of it, then sends the rest until all is acknowledged.
export async function runDisturbed(gateway, load, shares, disturb) {
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
export async function audit(gateway, load, {certain, unsure} = {certain: new Map(), unsure: new Set()}) {
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
