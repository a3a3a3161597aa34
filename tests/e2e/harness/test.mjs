// node:test with a limit for each test and each hook, so that none can hang: `--test-timeout` limits a whole file.
// What needs longer says so, as {timeout: …}.
import * as node from 'node:test';

export const testLimitMs = 60_000 * Number(process.env.SIGNALBOX_E2E_PATIENCE ?? 1);

// `name` is missing for hooks, `options` may be.
const limited = (make) => (...given) => {
  const body = given.pop();
  const options = typeof given.at(-1) === 'object' ? given.pop() : {};
  const all = {timeout: testLimitMs, ...options};
  return given.length > 0 ? make(given[0], all, body) : make(body, all);
};

export const test = limited(node.test);
export const after = limited(node.after);
export const afterEach = limited(node.afterEach);
export const before = limited(node.before);
export const beforeEach = limited(node.beforeEach);
export const describe = node.describe;
