// Load with disturbances: everything is sent until all of it is acknowledged, and then once more.
import {patience} from '../e2e/harness/gateway.mjs';
import {until} from '../e2e/harness/deadlines.mjs';

const roundsMax = 60;

const ready = (gateway) => until('the gateway is ready again', async () => {
  const answer = await gateway.call('GET', '/readyz', {as: null}).catch(() => ({}));
  return answer.status === 200;
}, 60_000 * patience);

// Calls disturb(turn) `times` times, at equal shares of the load. How long the slowest answer took, in milliseconds.
export async function disturbed(gateway, load, times, disturb) {
  const marks = Array.from({length: times}, (_, i) => Math.floor((load.deliveries.length * (i + 1)) / (times + 1)));
  const disturbances = [];
  let failure;
  let turn = 0;
  let slowestMs = 0;
  const send = load.send.bind(load);
  load.send = async (...given) => {
    const began = performance.now();
    await send(...given);
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - began));
  };
  for (let round = 0; load.missing.length > 0; ++round) {
    if (round === roundsMax) throw new Error(`${load.missing.length} deliveries are still not acknowledged`);
    await load.run((acknowledged) => {
      if (marks.length === 0 || acknowledged < marks[0]) return;
      marks.shift();
      disturbances.push(disturb(turn++).catch((error) => { failure = error; }));
    });
    await Promise.all(disturbances);
    if (failure) throw failure;
    await ready(gateway);
  }
  if (marks.length > 0) throw new Error('not every disturbance took place');
  await load.sendAgain();
  return slowestMs;
}
