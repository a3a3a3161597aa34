// What can go wrong with a Redis, done to a real one under load. Afterwards the books must balance: each acknowledged
// event is stored once, and each of its messages is read once.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pass} from 'node:timers/promises';

import {audit, runDisturbed} from './harness/audit.mjs';
import {until} from './harness/deadlines.mjs';
import {Gateway, patience} from './harness/gateway.mjs';
import {pullRequest} from './harness/github.mjs';
import {Load} from './harness/load.mjs';
import {freePorts} from './harness/ports.mjs';
import {RedisProxy, RedisServer} from './harness/redis_server.mjs';
import {after, before, beforeEach, test} from './harness/test.mjs';

const count = Number(process.env.SIGNALBOX_E2E_FAULT_DELIVERIES ?? 600);
const deadlines = {sources: {github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], answer_deadline: '2s'}}};

let redis;
const others = [];  // ended with the tests, whatever became of them
let proxy;
let gateway;
let firstNumber = 1;
before(async () => {
  redis = await RedisServer.start();
  proxy = await RedisProxy.start({path: redis.socket});
  gateway = await Gateway.start({config: {redis: {url: proxy.url}, ...deadlines}});
});
beforeEach(() => { firstNumber += 100_000; });
after(async () => {
  await gateway?.destroy();
  await proxy?.destroy();
  for (const server of [redis, ...others]) await server?.destroy();
});

const ready = async () => (await gateway.call('GET', '/readyz', {as: null})).status === 200;
const verbose = async () => (await gateway.call('GET', '/readyz?verbose', {as: null})).text;
const deliver = (number) => gateway.deliver('pull_request', pullRequest(number), {id: `one-${number}`});

// A load during which `disturb` is done three times, then the audit.
async function underLoad(disturb, {deliveries = count} = {}) {
  const load = new Load(gateway, deliveries, {firstNumber});
  await runDisturbed(gateway, load, [0.2, 0.5, 0.8], disturb);
  await audit(gateway, load);
  return load;
}

// `config` for as long as `meanwhile` takes.
async function withSetting(name, value, back, meanwhile) {
  await redis.command('CONFIG', 'SET', name, value);
  try {
    await meanwhile();
  } finally {
    await redis.command('CONFIG', 'SET', name, back);
  }
}

// While `fault` lasts a delivery is refused for this reason after its deadline and leaves nothing; afterwards it is taken.
async function refusedWhile(fault, reason) {
  const number = firstNumber + 90_000;
  await fault(async () => {
    const answer = await deliver(number);
    assert.equal(answer.status, 503, answer.text);
    assert.equal(answer.json.reason, reason);
    assert.ok(Number(answer.headers['retry-after']) > 0);
  });
  await until('taken again', async () => (await deliver(number)).status === 200, 20_000 * patience);
  const messages = await gateway.drainMailbox();
  assert.equal(messages.filter(({data}) => data.delivery === `one-${number}`).length, 1);
}

test('flushed scripts come back', () => underLoad(() => redis.command('SCRIPT', 'FLUSH')));

test('a long script and a pause only delay', async () => {
  await underLoad(async () => {
    await redis.command('CONFIG', 'SET', 'busy-reply-threshold', '50');
    await redis.command('EVAL', "local t = redis.call('TIME') local till = t[1] * 1000 + t[2] / 1000 + 700 " +
                                "repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 > till return 1", '0');
    await redis.command('CLIENT', 'PAUSE', '500', 'ALL');
  });
});

test('kill -9 with commands in the pipeline, and the loading of a restart', async () => {
  const load = await underLoad(() => redis.restart());
  assert.equal(load.acknowledged.size, count);
});

test('a server that hangs is waited for, and given up at the deadline', async () => {
  await underLoad(async () => {
    redis.signal('SIGSTOP');
    await pass(700);
    redis.signal('SIGCONT');
  });
  await refusedWhile(async (meanwhile) => {
    redis.signal('SIGSTOP');
    await meanwhile();
    redis.signal('SIGCONT');
  }, 'store_unavailable');
});

test('lost replies are unknown outcomes, tried again and there once', async () => {
  const before = proxy.cut;
  const load = await underLoad(async () => { proxy.cuts += 3; });
  assert.ok(proxy.cut >= before + 9, 'replies were cut');
  assert.equal(load.attempts, count, 'and no sender had to know');
});

test('full memory refuses, and takes again when there is room', async () => {
  await refusedWhile((meanwhile) => withSetting('maxmemory', '1', '0', async () => {
    await meanwhile();
    await gateway.says(/OOM/);
  }), 'store_refused');
  await underLoad(async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await pass(300);
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
  });
});

test('a replica refuses, and the primary that it becomes takes again', async () => {
  await refusedWhile(async (meanwhile) => {
    await redis.command('REPLICAOF', '127.0.0.1', '1');
    try {
      await meanwhile();
    } finally {
      await redis.command('REPLICAOF', 'NO', 'ONE');
    }
  }, 'store_refused');
});

test('too few replicas refuse', () => refusedWhile((meanwhile) => withSetting('min-replicas-to-write', '1', '0', meanwhile), 'store_refused'));

test('a snapshot that cannot be written refuses', async () => {
  const gone = mkdtempSync(join(tmpdir(), 'signalbox-gone-'));
  await refusedWhile(async (meanwhile) => {
    await redis.command('CONFIG', 'SET', 'dir', gone);
    rmdirSync(gone);
    await redis.command('CONFIG', 'SET', 'save', '3600 1000000');
    await redis.command('BGSAVE');
    await until('the snapshot failed', async () => /rdb_last_bgsave_status:err/.test(await redis.command('INFO', 'persistence')), 20_000);
    try {
      await meanwhile();
      await gateway.says(/MISCONF/);
    } finally {
      await redis.command('CONFIG', 'SET', 'save', '');
      await redis.command('CONFIG', 'SET', 'dir', redis.directory);
    }
  }, 'store_refused');
});

test('a password that is changed is named and never told', async () => {
  const inside = await redis.stay();
  await inside('CONFIG', 'SET', 'requirepass', 'sesame-sesame');
  proxy.moveTo({path: redis.socket});
  await until('NOAUTH is named', async () => /NOAUTH/.test(await verbose()), 20_000 * patience);
  assert.ok(!await ready());
  assert.equal((await deliver(firstNumber)).json.reason, 'store_unavailable');
  await inside('CONFIG', 'SET', 'requirepass', '');
  await until('ready', ready, 20_000 * patience);
  assert.doesNotMatch(gateway.log, /sesame/);
});

test('too many clients are named', async () => {
  const inside = await redis.stay();
  await inside('CONFIG', 'SET', 'maxclients', '1');
  proxy.firstWordMs = 200;
  proxy.moveTo({path: redis.socket});
  try {
    await until('the limit is named', async () => /max number of clients/.test(await verbose()), 20_000 * patience);
  } finally {
    proxy.firstWordMs = 0;
    await inside('CONFIG', 'SET', 'maxclients', '1000');
  }
  await until('ready', ready, 20_000 * patience);
});

// An append-only file that may not grow beyond a size, as on a full disk; `prlimit` gives it room again.
for (const fsync of ['everysec', 'always']) {
  test(`an append-only file that cannot be written loses nothing that was acknowledged, fsync ${fsync}`, async () => {
    const small = await RedisServer.start({appendfsync: fsync}, {shell: 'trap "" XFSZ; ulimit -S -f 500'});
    const source = {...deadlines.sources.github, answer_deadline: '500ms'};
    const own = await Gateway.start({config: {redis: {url: small.url}, sources: {github: source}}});
    try {
      const load = new Load(own, 300, {firstNumber});
      await load.run();
      assert.ok(load.acknowledged.size > 0 && load.missing.length > 0, 'some were taken before the disk was full');
      const verdict = fsync === 'always' ? /no connection to Redis|not answer/ : /MISCONF/;
      await own.says(verdict);
      if (fsync === 'always') {  // Redis ends itself rather than go on
        await small.exited;
        small.shell = 'true';
        rmSync(small.socket, {force: true});
        await small.launch();
      } else {
        execFileSync('prlimit', ['--pid', String(small.child.pid), '--fsize=unlimited']);
      }
      await runDisturbed(own, load, [], () => {});
      await audit(own, load);
    } finally {
      await own.destroy();
      await small.destroy();
    }
  });
}

test('a fail-over to another server loses nothing', async () => {
  const next = await RedisServer.start();
  others.push(next);
  const [port, nextPort] = await freePorts(2);
  await redis.command('CONFIG', 'SET', 'port', String(port));
  await next.command('CONFIG', 'SET', 'port', String(nextPort));
  await next.command('REPLICAOF', '127.0.0.1', String(port));
  await until('the replica follows', async () => /master_link_status:up/.test(await next.command('INFO', 'replication')), 20_000 * patience);
  const load = new Load(gateway, count, {firstNumber});
  await runDisturbed(gateway, load, [0.4], async () => {
    // Coordinated: writes pause until the replica has all of them.
    await redis.command('FAILOVER', 'TO', '127.0.0.1', String(nextPort));
    await until('the roles are changed', async () => /role:master/.test(await next.command('INFO', 'replication')), 20_000 * patience);
    proxy.moveTo({path: next.socket});
  });
  await audit(gateway, load);
  others.push(redis);
  redis = next;
});
