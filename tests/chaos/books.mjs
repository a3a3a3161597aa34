// What of a load was acknowledged, what of that is lost, and what is there twice.
import {allEvents} from '../e2e/harness/load.mjs';

// A delivery is lost that was acknowledged and is not stored, or whose message is not in the mailbox. One is doubled
// that was acknowledged as two events, is stored twice, or whose message is there twice.
export async function books(gateway, load) {
  const wanted = new Set(load.deliveries.map(({id}) => id));
  const stored = (await allEvents(gateway)).filter(({delivery}) => wanted.has(delivery));
  const eventsOf = grouped(stored, ({delivery}) => delivery);
  const messages = grouped(await gateway.drainMailbox(), ({causationid}) => causationid);
  let lost = 0;
  let doubled = load.contradictions.length;
  for (const [delivery, event] of load.acknowledged) {
    const events = eventsOf.get(delivery) ?? [];
    const read = (messages.get(event) ?? []).length;
    if (!events.some(({id}) => id === event) || read === 0) ++lost;
    if (events.length > 1 || read > 1) ++doubled;
  }
  return {acknowledged: load.acknowledged.size, lost, doubled};
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
