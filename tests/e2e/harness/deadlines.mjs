// Waiting with a deadline. No test waits for a fixed time: it waits until something is so.
import {setTimeout as pause} from 'node:timers/promises';

const pollMs = 20;

// The first value of `condition` that is neither undefined nor false.
export async function until(what, condition, deadlineMs = 10_000) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(pollMs);
  }
}

// The promise's value, or an error naming `what` when it does not come in time.
export async function within(what, promise, deadlineMs = 10_000) {
  const abort = new AbortController();
  const late = pause(deadlineMs, undefined, {signal: abort.signal}).then(() => {
    throw new Error(`not within ${deadlineMs} ms: ${what}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
  }
}
