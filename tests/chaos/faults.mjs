// What is done to a gateway and its Redis. Each fault: how the gateway is started (nothing where this machine cannot),
// what is done at each turn, and what has to be waited for before the books are made.
import {spawnSync} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pass} from 'node:timers/promises';

import {until} from '../e2e/harness/deadlines.mjs';
import {Gateway, patience} from '../e2e/harness/gateway.mjs';
import {command} from '../e2e/harness/redis_server.mjs';

const plain = {config: {drain_timeout: '10s'}};
const spooling = {config: {...plain.config, spool: {max_bytes: '64MiB'},
                           sources: {github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}], answer_deadline: '2s'}}}};

async function restart(gateway) {
  await gateway.stop('SIGKILL');
  await gateway.launch();
}

async function killRedis(gateway) {
  const pid = gateway.redisPid();
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  await until('another Redis is there', () => ![undefined, pid].includes(gateway.redisPid()), 30_000 * patience);
}

async function stopRedisFor(gateway, ms, meanwhile = async () => {}) {
  const pid = gateway.redisPid();
  if (pid === undefined) return;
  process.kill(pid, 'SIGSTOP');
  await pass(ms);
  await meanwhile();
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // It ended with its gateway.
  }
}

// What waits on the disk has to reach Redis first.
const spoolEmptied = (gateway) => until('the spool is empty', async () => {
  const samples = await gateway.scrape();
  return samples.value('signalbox_spool_entries') === 0;
}, 60_000 * patience);

// The gateway with its data on a small file system of its own, which needs the right to mount one.
async function onSmallDisk(setting, megabytes) {
  const disk = mkdtempSync(join(tmpdir(), 'signalbox-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]);
  if (mounted.status !== 0) {
    rmdirSync(disk);
    return undefined;
  }
  const gateway = await Gateway.start({...setting, config: {...setting.config, data_dir: join(disk, 'data')}});
  gateway.disk = disk;
  return gateway;
}

// Takes all room that is left, for two seconds.
async function fillDisk(gateway) {
  const ballast = join(gateway.disk, 'ballast');
  const file = openSync(ballast, 'w');
  const block = Buffer.alloc(64 * 1024, 1);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  await pass(2_000);
  rmSync(ballast);
}

async function unmount(gateway) {
  await gateway.stop('SIGKILL').catch(() => {});
  // The kernel ends its Redis with it, a moment later.
  await until('nobody uses the disk', () => spawnSync('umount', [gateway.disk]).status === 0, 10_000 * patience);
  rmdirSync(gateway.disk);
}

export const faults = [
  {name: 'gateway killed', start: () => Gateway.start(plain), disturb: restart},
  {name: 'redis killed', start: () => Gateway.start(plain), disturb: killRedis},
  {name: 'both killed', start: () => Gateway.start(plain), disturb: killBoth},
  {name: 'redis stopped', start: () => Gateway.start(plain),
   disturb: (gateway, turn, {long}) => stopRedisFor(gateway, long ? [500, 3_000, 10_000][turn % 3] : [300, 1_500][turn % 2])},
  {name: 'gateway killed while redis is stopped', start: () => Gateway.start(plain),
   disturb: (gateway) => stopRedisFor(gateway, 300, () => gateway.stop('SIGKILL')).then(() => gateway.launch())},
  {name: 'redis killed while it rewrites its file', start: () => Gateway.start(plain), disturb: killInRewrite},
  {name: 'spool, redis stopped', start: () => Gateway.start(spooling), settled: spoolEmptied,
   disturb: (gateway, _, {long}) => stopRedisFor(gateway, long ? 9_000 : 4_000)},
  {name: 'spool, both killed', start: () => Gateway.start(spooling), settled: spoolEmptied, disturb: killBoth},
  {name: 'disk full', needs: 'a file system of its own needs the right to mount one', start: () => onSmallDisk(plain, 48), disturb: fillDisk,
   end: unmount},
  {name: 'spool, disk full', needs: 'a file system of its own needs the right to mount one', start: () => onSmallDisk(spooling, 96),
   settled: spoolEmptied, disturb: fillDisk, end: unmount},
  {name: 'SIGTERM', start: () => Gateway.start(plain), disturb: terminate},
  {name: 'reloads', start: () => Gateway.start(plain), disturb: (gateway) => reloads(gateway, 10)},
];

async function killBoth(gateway) {
  const pid = gateway.redisPid();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await restart(gateway);
}

async function killInRewrite(gateway) {
  await command({path: join(gateway.directory, 'data', 'redis.sock')}, 'BGREWRITEAOF');
  await killRedis(gateway);
}

async function terminate(gateway) {
  const {code} = await gateway.stop('SIGTERM');
  if (code !== 0) throw new Error(`SIGTERM: exit ${code}`);
  await gateway.launch();
}

async function reloads(gateway, times) {
  for (let i = 0; i < times; ++i) {
    gateway.child.kill('SIGHUP');
    await pass(50);
  }
}
