// A redis-server of the test's own, beside the one that a gateway may embed: by TCP, TLS or unix socket, to be
// stopped, killed, filled up and started again.
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import net from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pass} from 'node:timers/promises';

import {until, within} from './deadlines.mjs';

const startDeadlineMs = 20_000;
const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync) ?? 'redis-server';

export class RedisServer {
  // `settings` are of redis.conf; `shell` runs before the server in its own process, as `ulimit -f 100`.
  static async start(settings = {}, {shell = 'true', directory} = {}) {
    const server = new RedisServer(settings, shell, directory);
    await server.launch();
    return server;
  }

  constructor(settings, shell, directory) {
    this.ownDirectory = !directory;
    this.directory = directory ?? mkdtempSync(join(tmpdir(), 'signalbox-redis-'));
    this.socket = join(this.directory, 'redis.sock');
    this.settings = {unixsocket: this.socket, port: '0', dir: this.directory, appendonly: 'yes', appendfsync: 'always', save: '',
                     'maxmemory-policy': 'noeviction', 'enable-protected-configs': 'yes', ...settings};
    this.shell = shell;
  }

  async launch() {
    const flags = Object.entries(this.settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.child = spawn('/bin/sh', ['-c', `${this.shell}; exec "$0" "$@"`, program, ...flags], {stdio: 'ignore'});
    this.exited = new Promise((done) => this.child.once('exit', done));
    if (this.settings.unixsocket) await until('Redis answers', () => this.command('PING').then(() => true, () => false), startDeadlineMs);
  }

  get url() {
    return `unix://${this.socket}`;
  }

  signal(name) {
    this.child.kill(name);
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async restart() {
    await this.kill();
    rmSync(this.socket, {force: true});
    await this.launch();
  }

  // One command on a connection of its own. Errors of Redis are thrown as text.
  command(...words) {
    return command({path: this.socket}, ...words);
  }

  // A connection that stays, for commands when no other one is let in: a function of the command's words.
  async stay() {
    const socket = net.connect({path: this.socket});
    this.staying = [...(this.staying ?? []), socket];
    const say = (...words) => new Promise((done) => {
      socket.once('data', done);
      socket.write(encode(words));
    });
    await say('PING');
    return say;
  }

  async destroy() {
    for (const socket of this.staying ?? []) socket.destroy();
    if (this.child.exitCode === null) {
      this.child.kill('SIGCONT');
      await this.kill();
    }
    if (this.ownDirectory) rmSync(this.directory, {recursive: true, force: true});
  }
}

const encode = (words) => `*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('');

export function command(address, ...words) {
  const socket = net.connect(address);
  const answer = new Promise((resolve, reject) => {
    let text = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed')));
    socket.on('data', (bytes) => {
      text += bytes;
      const line = text.slice(0, text.indexOf('\r\n'));
      if (!text.includes('\r\n')) return;
      if (line.startsWith('-')) reject(new Error(line.slice(1)));
      else if (!line.startsWith('$') || line === '$-1' || text.length >= line.length + 2 + Number(line.slice(1)) + 2) {
        resolve(line.startsWith('$') ? text.slice(line.length + 2, -2) : line.slice(1));
      }
    });
    socket.write(encode(words));
  });
  return within(words[0], answer, 15_000).finally(() => socket.destroy());
}

// Passes bytes to a Redis, whose address may change; cuts replies when told to.
export class RedisProxy {
  static async start(address) {
    const proxy = new RedisProxy(address);
    await new Promise((done) => proxy.server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  constructor(address) {
    this.address = address;
    this.cuts = 0;           // replies to swallow, each with its connection
    this.cut = 0;            // swallowed so far
    this.firstWordMs = 0;    // the server may speak first: what it says to whom it turns away is lost once it is written to
    this.sockets = new Set();
    this.server = net.createServer((client) => {
      const redis = net.connect(this.address);
      this.sockets.add(client).add(redis);
      const end = () => { client.destroy(); redis.destroy(); };
      for (const socket of [client, redis]) socket.on('error', end).on('close', end);
      const heard = pass(this.firstWordMs);
      client.on('data', async (bytes) => {
        if (this.firstWordMs > 0) await heard;
        if (redis.writable) redis.write(bytes);
      });
      redis.on('data', (bytes) => {
        // Replies to scripts only: a greeting that is lost teaches nothing.
        if (this.cuts > 0 && /^[:*]/.test(bytes.toString('latin1'))) {
          --this.cuts;
          ++this.cut;
          return end();
        }
        client.write(bytes);
      });
    });
  }

  get url() {
    return `redis://127.0.0.1:${this.server.address().port}`;
  }

  // Further connections go there, and those that are open end.
  moveTo(address) {
    this.address = address;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async destroy() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
