// A store that lost what was acknowledged is not taken for a new one, a store that takes no writes is not ready, and a
// data directory that somebody else prepared is not opened.
import assert from 'node:assert/strict';
import {chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {until} from './harness/deadlines.mjs';
import {Gateway, isRunning, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {freePorts} from './harness/ports.mjs';
import {RedisServer, command} from './harness/redis_server.mjs';
import {after, test} from './harness/test.mjs';

const owned = [];
after(async () => {
  for (const each of owned) await each.destroy();
});
async function start(options) {
  const gateway = await Gateway.start(options);
  owned.push(gateway);
  return gateway;
}

const verbose = async (gateway) => (await gateway.call('GET', '/readyz?verbose', {as: null})).text;
const ready = async (gateway) => (await gateway.call('GET', '/readyz', {as: null})).status === 200;
const rewound = async (gateway) =>
  Number(/^signalbox_store_rewound_total (\S+)$/m.exec((await gateway.call('GET', '/metrics', {as: null})).text)[1]);
const deliver = (gateway, number) => gateway.deliver('pull_request', pullRequest(number), {id: `loss-${number}`});
const data = (gateway, ...parts) => join(gateway.directory, 'data', ...parts);
const markOf = (gateway) => Number(/^count (\d+)$/m.exec(readFileSync(data(gateway, 'store-mark'), 'utf8'))[1]);

async function marked(gateway, more) {
  const before = markOf(gateway);
  await more();
  await until('a mark is left', () => markOf(gateway) > before, 20_000 * patience);
}

async function refuses(gateway, pattern) {
  await assert.rejects(() => gateway.launch(), (error) => pattern.test(error.message));
  assert.deepEqual(await gateway.exited, {code: 1, signal: null});
}

test('an embedded store that is gone or shorter refuses the start, and says how to go on', {timeout: 120_000 * patience}, async () => {
  const gateway = await start();
  await until('the first mark', () => existsSync(data(gateway, 'store-mark')));
  await marked(gateway, () => deliver(gateway, 1));
  await gateway.stop();
  const early = mkdtempSync(join(tmpdir(), 'signalbox-backup-'));
  const [file] = readdirSync(data(gateway, 'appendonlydir')).filter((name) => name.endsWith('.incr.aof'));
  writeFileSync(join(early, file), readFileSync(data(gateway, 'appendonlydir', file)));
  await gateway.launch();
  for (const number of [2, 3]) await marked(gateway, () => deliver(gateway, number));
  await gateway.stop();

  renameSync(data(gateway, 'appendonlydir'), join(early, 'all'));
  await refuses(gateway, /the store is empty, and held what was acknowledged until .*--allow-empty-store/s);
  await refuses(gateway, /the store is empty/);  // nor the second time
  rmSync(data(gateway, 'appendonlydir'), {recursive: true});
  renameSync(join(early, 'all'), data(gateway, 'appendonlydir'));
  await gateway.launch();
  assert.equal((await gateway.drainMailbox()).length, 3);
  await gateway.stop();

  writeFileSync(data(gateway, 'appendonlydir', file), readFileSync(join(early, file)));
  await refuses(gateway, /the store has gone back to .*appendonlydir back from a backup/s);
  gateway.flags = ['--allow-empty-store'];
  await gateway.launch();
  await gateway.says(/store accepted/);
  assert.equal((await deliver(gateway, 4)).status, 200);
  await gateway.stop();
  gateway.flags = [];
  await gateway.launch();  // what is there now is the store
  rmSync(early, {recursive: true});
});

test('what Redis cuts off its file is said', {timeout: 60_000 * patience}, async () => {
  const gateway = await start();
  await deliver(gateway, 1);
  const redis = gateway.redisPid();
  await gateway.stop('SIGKILL');
  await until('Redis is gone', () => !isRunning(redis));
  const [file] = readdirSync(data(gateway, 'appendonlydir')).filter((name) => name.endsWith('.incr.aof'));
  const path = data(gateway, 'appendonlydir', file);
  truncateSync(path, statSync(path).size - 3);
  gateway.flags = ['--allow-empty-store'];
  await gateway.launch();
  await gateway.says(/level=error msg="store rewound".*Truncating the AOF/);
  assert.match(await verbose(gateway), /\[!\] store: store_rewound: Redis has cut .*Truncating/);
  assert.equal(await rewound(gateway), 1);
  const {code, out} = gateway.cli('doctor');
  assert.match(out, /bad +gateway\.store/);
  assert.equal(code, 1);
});

test('a store of our own that goes back while we look is rewound, and taken all the same', {timeout: 60_000 * patience}, async () => {
  const redis = await RedisServer.start();
  owned.push(redis);
  const gateway = await start({config: {redis: {url: redis.url}}});
  assert.equal((await deliver(gateway, 1)).status, 200);
  assert.match(await verbose(gateway), /\[\+\] store: nothing that was acknowledged has gone/);
  await redis.command('FLUSHALL');
  await gateway.says(/level=error msg="store rewound"/);
  assert.match(await verbose(gateway), /\[!\] store: store_rewound: the store is empty/);
  assert.equal(await rewound(gateway), 1);
  assert.ok(await ready(gateway));
  assert.equal((await deliver(gateway, 2)).status, 200);
});

const refusals = {
  replica: [['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE'], /READONLY|replica/],
  memory: [['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], /OOM/],
  replicas: [['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0'], /NOREPLICAS/],
};

test('a store that takes no writes is not ready, with a spool by the spool, which takes at once', {timeout: 180_000 * patience}, async () => {
  const redis = await RedisServer.start();
  owned.push(redis);
  const without = await start({config: {redis: {url: redis.url}}});
  const spooled = await start({config: {redis: {url: `${redis.url}?db=1`}, spool: {max_bytes: '1MiB'}}});
  let number = 100;
  for (const [name, [begin, end, said]] of Object.entries(refusals)) {
    await redis.command(...begin);
    await until(`${name}: not ready`, async () => !await ready(without), 20_000 * patience);
    assert.match(await verbose(without), new RegExp(`\\[-\\] redis: .*(${said.source})`));
    await until('it is said', async () => said.test(await verbose(spooled)));
    assert.ok(await ready(spooled));
    assert.match(await verbose(spooled), /\[\+\] redis: .*webhooks go to the spool/);
    const began = performance.now();
    assert.equal((await deliver(spooled, ++number)).json.status, 'deferred');
    assert.ok(performance.now() - began < 4_000 * patience, 'the first is given up after a second of "no"');
    const second = performance.now();
    for (let i = 0; i < 10; ++i) assert.equal((await deliver(spooled, ++number)).json.status, 'deferred');
    assert.ok(performance.now() - second < 3_000 * patience, 'and the others at once');
    await redis.command(...end);
    await until('ready', () => ready(without), 20_000 * patience);
    await until('taken by Redis again', async () => (await deliver(spooled, ++number)).json.status === 'accepted', 20_000 * patience);
  }
});

test('a node of a cluster that does not have the slot is said, and senders are told no address', {timeout: 120_000 * patience}, async () => {
  const [here, there] = await freePorts(2);
  const node = (port) => RedisServer.start({port, 'cluster-enabled': 'yes', bind: '127.0.0.1', 'cluster-port': port + 1 > 65_535 ? port - 1 : 0});
  const nodes = [await node(here), await node(there)];
  owned.push(...nodes);
  await nodes[1].command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await nodes[0].command('CLUSTER', 'MEET', '127.0.0.1', String(there));
  const moved = await until('the other node has the slots', async () => {
    const answer = await command({path: nodes[0].socket}, 'GET', 'x').then(() => '', ({message}) => message);
    return /^MOVED/.test(answer) && answer;
  }, 30_000 * patience);
  assert.match(moved, new RegExp(`127.0.0.1:${there}`));
  const gateway = new Gateway(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
  owned.push(gateway);
  const github = {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], answer_deadline: '1s'};
  gateway.writeConfig({redis: {url: `redis://127.0.0.1:${here}`}, sources: {github}}, 'rules: []\n');
  const launched = gateway.launch().catch(() => {});
  await gateway.says(/redis not ready.*does not have our slot.*MOVED/);
  assert.match(await verbose(gateway), /\[-\] redis: .*does not have our slot/);
  const refused = await deliver(gateway, 1);
  assert.deepEqual([refused.status, refused.json.reason], [503, 'store_refused']);
  assert.match(refused.json.detail, /MOVED/);
  assert.doesNotMatch(refused.text, /127\.0\.0\.1/);
  assert.match(gateway.cli('doctor').out, /does not have our slot/);
  await gateway.stop();
  await launched;
});

test('a data directory that somebody else prepared is refused, and nothing outside of it is touched', {timeout: 60_000 * patience}, async () => {
  const gateway = await start();
  await gateway.stop();
  const victim = join(gateway.directory, 'victim');
  for (const name of ['lock', 'redis.log', 'store-mark.new']) {
    writeFileSync(victim, 'precious');
    rmSync(data(gateway, name), {force: true});
    symlinkSync(victim, data(gateway, name));
    await refuses(gateway, new RegExp(`${name} is a symbolic link`));
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.match(gateway.cli('doctor').out, /bad +data_dir .*symbolic link/s);
    rmSync(data(gateway, name));
  }
  chmodSync(data(gateway), 0o777);
  await refuses(gateway, /mode 0777\) may be written by other users.*chmod 0700/s);
  chmodSync(data(gateway), 0o700);
  await gateway.launch();
});
