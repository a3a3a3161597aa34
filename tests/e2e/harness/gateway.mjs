// One running gateway: the real binary with its own embedded Redis, in a directory of its own, on free ports.
import {spawn, spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {until, within} from './deadlines.mjs';
import {parseExposition} from './exposition.mjs';
import {deliveryHeaders} from './github.mjs';
import {keptConnections, request} from './http_client.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = process.env.SIGNALBOX_BINARY ?? join(root, 'build/dev/gateway/signalbox');
// Sanitizers slow the gateway down; ctest says by how much deadlines must stretch.
export const patience = Number(process.env.SIGNALBOX_E2E_PATIENCE ?? 1);

const startDeadlineMs = 20_000 * patience;
const stopDeadlineMs = 30_000 * patience;

const catchAllRule = `rules:
  - name: everything
    events: [github]
    send:
      - to: reviewer
        kind: event
        data: {type: '\${event.type}', delivery: '\${event.delivery}'}
`;

export class Gateway {
  // `config` is merged over the defaults, section by section; `rules` is the text of the one rules file.
  // `prepare` may put files beside the configuration before the gateway starts.
  // `flags` are of `signalbox serve`.
  static async start({config = {}, rules = catchAllRule, prepare = () => {}, flags = []} = {}) {
    const gateway = new Gateway(mkdtempSync(join(tmpdir(), 'signalbox-e2e-')));
    gateway.flags = flags;
    prepare(gateway);
    gateway.writeConfig(config, rules);
    try {
      await gateway.launch();
    } catch (error) {
      await gateway.destroy();
      throw error;
    }
    return gateway;
  }

  constructor(directory) {
    this.directory = directory;
    this.log = '';
    this.environment = {};
    this.flags = [];
    const secret = () => randomBytes(24).toString('hex');
    this.secrets = {GITHUB_WEBHOOK_SECRET: secret(), GITHUB_OLD_SECRET: secret(), REVIEWER_TOKEN: secret(), CODER_TOKEN: secret(),
                    OPERATOR_TOKEN: secret()};
    this.secret = this.secrets.GITHUB_WEBHOOK_SECRET;
    this.tokens = {reviewer: this.secrets.REVIEWER_TOKEN, coder: this.secrets.CODER_TOKEN, operator: this.secrets.OPERATOR_TOKEN};
  }

  writeConfig(config, rules) {
    const {hooks, api, ...others} = config;
    const whole = {
      site: 'e2e',
      threads: 2,
      hooks: {listen: '127.0.0.1:0', ...hooks},
      api: {listen: '127.0.0.1:0', ...api},
      redis: 'embedded',
      drain: {delay: '0s'},  // no balancer has to notice
      data_dir: join(this.directory, 'data'),
      sources: {github: {connector: 'github', secrets: [{env: 'GITHUB_WEBHOOK_SECRET'}, {env: 'GITHUB_OLD_SECRET'}]}},
      agents: {reviewer: {tokens: [{env: 'REVIEWER_TOKEN'}], topics: ['all']}, coder: {tokens: [{env: 'CODER_TOKEN'}], topics: ['all']}},
      operators: [{name: 'ops', tokens: [{env: 'OPERATOR_TOKEN'}]}],
      rules: ['rules/*.yaml'],
      ...others,
    };
    mkdirSync(join(this.directory, 'rules'));
    writeFileSync(join(this.directory, 'rules', 'rules.yaml'), rules);
    this.configFile = join(this.directory, 'signalbox.yaml');
    this.envFile = join(this.directory, 'env');
    // JSON is YAML.
    writeFileSync(this.configFile, JSON.stringify(whole, null, 1));
    writeFileSync(this.envFile, Object.entries(this.secrets).map(([name, value]) => `${name}=${value}\n`).join(''), {mode: 0o600});
  }

  async launch() {
    const before = this.log.length;
    const said = () => this.log.slice(before);
    this.child = spawn(binary, ['serve', '--config', this.configFile, '--env-file', this.envFile, ...this.flags],
                       {cwd: this.directory, env: {...process.env, ...this.environment}, stdio: ['ignore', 'pipe', 'pipe']});
    this.exited = new Promise((done) => this.child.once('close', (code, signal) => done({code, signal})));
    let gone = false;
    this.exited.then(() => { gone = true; });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => { this.log += text; });

    await until('the gateway says where it listens', () => {
      if (gone) throw new Error(`the gateway ended at once:\n${said()}`);
      this.hooksPort = portOf(said(), 'hooks');
      this.apiPort = portOf(said(), 'api');
      return this.hooksPort && this.apiPort;
    }, startDeadlineMs);
    this.hooks = urlOf(said(), 'hooks');
    this.api = urlOf(said(), 'api');
    await until('the gateway is ready', async () => (await this.readiness()).status === 200, startDeadlineMs);
  }

  // The log is written by a thread of its own: a line may come after the answer that it is about.
  says(pattern) {
    return until(`the log says ${pattern}`, () => pattern.test(this.log), 20_000 * patience);
  }

  // With an https listener: whose certificate to trust, and which one to show, if any.
  get trust() {
    return {ca: this.ca, ...this.client};
  }

  readiness() {
    return request(`${this.api}/readyz?verbose`, this.trust);
  }

  async scrape() {
    return parseExposition((await request(`${this.api}/metrics`, this.trust)).text);
  }

  isUp() {
    return request(`${this.api}/livez`, this.trust).then(() => true, () => false);
  }

  // Posts one delivery as GitHub would.
  deliver(event, body, {secret = this.secret, id, agent, source = 'github', headers = {}} = {}) {
    return request(`${this.hooks}/hooks/${source}`,
                   {method: 'POST', headers: {...deliveryHeaders(event, body, secret, {id}), ...headers}, body, agent, ...this.trust});
  }

  // A call of the private listener. `as` is reviewer, coder or operator; `body` is sent as JSON, `text` as it is.
  call(method, path, {as = 'reviewer', body, text, headers = {}, agent} = {}) {
    const json = body === undefined ? (text === undefined ? {} : {body: text}) : {body: JSON.stringify(body)};
    return request(this.api + path, {
      method, agent, ...this.trust, ...json,
      headers: {...(as ? {authorization: `Bearer ${this.tokens[as]}`} : {}), ...(json.body ? {'content-type': 'application/json'} : {}), ...headers},
    });
  }

  // Receives and acknowledges until the mailbox is empty: the messages, in the order in which they were given.
  async drainMailbox(as = 'reviewer') {
    const agent = keptConnections(this.trust);
    const messages = [];
    for (;;) {
      const received = (await this.call('POST', '/v1/inbox/receive', {as, agent, body: {max: 100}})).json;
      if (received.messages.length === 0) break;
      messages.push(...received.messages.map(({message}) => message));
      const receipts = received.messages.map(({receipt}) => receipt);
      const acked = await this.call('POST', '/v1/inbox/ack', {as, agent, body: {receipts}});
      if (acked.status !== 200) throw new Error(`ack: ${acked.status} ${acked.text}`);
    }
    agent.destroy();
    return messages;
  }

  // The command line, as it runs on the gateway's machine: it reads the gateway's own configuration, whose two
  // listeners were given free ports. The last argument may be {env, input, cwd}.
  cli(...args) {
    const {env, ...options} = typeof args.at(-1) === 'object' ? args.pop() : {};
    const {status, stdout, stderr} = spawnSync(binary, args, {...this.cliOptions(env), ...options, encoding: 'utf8', timeout: 20_000 * patience});
    return {code: status, out: stdout, err: stderr, get json() { return JSON.parse(stdout); }};
  }

  // The same while this process serves requests of its own.
  async cliAsync(...args) {
    const child = spawn(binary, args, {...this.cliOptions(), stdio: ['ignore', 'pipe', 'pipe']});
    const result = {out: '', err: ''};
    child.stdout.on('data', (text) => { result.out += text; });
    child.stderr.on('data', (text) => { result.err += text; });
    result.code = await within(args[0], new Promise((resolve) => child.once('close', resolve)), 20_000 * patience);
    return result;
  }

  cliOptions(env = {}) {
    return {cwd: this.directory,
            env: {PATH: process.env.PATH, HOME: this.directory, SIGNALBOX_CONFIG: this.configFile, SIGNALBOX_ENV_FILE: this.envFile,
                  SIGNALBOX__API__LISTEN: `127.0.0.1:${this.apiPort}`, SIGNALBOX__HOOKS__LISTEN: `127.0.0.1:${this.hooksPort}`, ...env}};
  }

  // The pid of the embedded redis-server, by its parent and name.
  redisPid() {
    return childrenOf(this.child.pid).find(({name}) => name.startsWith('redis-server'))?.pid;
  }

  async stop(signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return within(`the gateway ends after ${signal}`, this.exited, stopDeadlineMs);
  }

  async destroy() {
    if (this.child) await this.stop().catch(() => this.stop('SIGKILL'));
    rmSync(this.directory, {recursive: true, force: true});
  }
}

function urlOf(log, listener) {
  return new RegExp(`\\b${listener}\\b +(https?://127\\.0\\.0\\.1:\\d+)`).exec(log)?.[1];
}

function portOf(log, listener) {
  const url = urlOf(log, listener);
  return url ? Number(new URL(url).port) : undefined;
}

// Whether a process runs; one that ended and that nobody has waited for yet does not.
export function isRunning(pid) {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function childrenOf(pid) {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).flatMap((entry) => {
    try {
      const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'));
      return Number(parent) === pid ? [{pid: Number(entry), name}] : [];
    } catch {
      return [];  // ended while we looked
    }
  });
}

if (!existsSync(binary)) throw new Error(`no gateway at ${binary}: build it, or set SIGNALBOX_BINARY`);
