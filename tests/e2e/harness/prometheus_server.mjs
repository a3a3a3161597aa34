// A real Prometheus that watches one gateway by the configuration of deploy/prometheus, on a free port, with a storage
// directory of its own. tests/run unpacks the program beside promtool.
import {spawn, spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

import {until, within} from './deadlines.mjs';
import {patience, root} from './gateway.mjs';
import {request} from './http_client.mjs';

export const promtool = process.env.SIGNALBOX_PROMTOOL ?? join(root, 'build/tools/usr/bin/promtool');
const prometheus = join(dirname(promtool), 'prometheus');
export const shipped = join(root, 'deploy/prometheus');

// What promtool answers: {status, text}.
export function runPromtool(args, input = '') {
  if (!existsSync(promtool)) throw new Error(`no promtool at ${promtool}; tests/run fetches it`);
  const {status, stdout, stderr} = spawnSync(promtool, args, {input, encoding: 'utf8', cwd: shipped});
  return {status, text: stdout + stderr};
}

export class Prometheus {
  // `gateway` with `gateway.ca` is scraped through TLS.
  static async start(gateway) {
    if (!existsSync(prometheus)) throw new Error(`no prometheus at ${prometheus}; tests/run fetches it`);
    const server = new Prometheus(mkdtempSync(join(tmpdir(), 'signalbox-prometheus-')));
    server.writeConfig(gateway);
    try {
      await server.launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  constructor(directory) {
    this.directory = directory;
    this.log = '';
  }

  // The shipped configuration, for this gateway and impatient.
  writeConfig(gateway) {
    let text = readFileSync(join(shipped, 'scrape.yaml'), 'utf8')
      .replaceAll(/: 15s$/gm, ': 1s')
      .replace('127.0.0.1:8081', `127.0.0.1:${gateway.apiPort}`);
    if (gateway.ca) {
      text = text.replace('# scheme: https', 'scheme: https')
        .replace('# tls_config: {ca_file: ca.crt, server_name: signalbox.internal}', 'tls_config: {ca_file: ca.crt, server_name: localhost}');
      writeFileSync(join(this.directory, 'ca.crt'), gateway.ca);
    }
    this.configFile = join(this.directory, 'scrape.yaml');
    writeFileSync(this.configFile, text);
    copyFileSync(join(shipped, 'alerts.yaml'), join(this.directory, 'alerts.yaml'));
  }

  async launch() {
    this.child = spawn(prometheus, [`--config.file=${this.configFile}`, `--storage.tsdb.path=${join(this.directory, 'data')}`,
                                    '--web.listen-address=127.0.0.1:0'], {stdio: ['ignore', 'pipe', 'pipe']});
    this.exited = new Promise((done) => this.child.once('close', done));
    let gone = false;
    this.exited.then(() => { gone = true; });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => { this.log += text; });
    this.url = await until('Prometheus says where it listens', () => {
      if (gone) throw new Error(`Prometheus ended at once:\n${this.log}`);
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(this.log)?.[1];
      return address && `http://${address}`;
    }, 30_000 * patience);
    await until('Prometheus is ready', async () => (await request(`${this.url}/-/ready`)).status === 200, 30_000 * patience);
  }

  async get(path) {
    const {status, json, text} = await request(this.url + path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return json.data;
  }

  // An instant query: [{labels, value}].
  async query(promql) {
    const {result} = await this.get(`/api/v1/query?query=${encodeURIComponent(promql)}`);
    return result.map(({metric, value}) => ({labels: metric, value: Number(value[1])}));
  }

  // Waits until the query has one sample with this value, or one that the function accepts.
  async untilValue(promql, expected) {
    const good = typeof expected === 'function' ? expected : (value) => value === expected;
    let seen;
    return until(`${promql} is ${expected}`, async () => {
      seen = await this.query(promql);
      return seen.length === 1 && good(seen[0].value) ? seen[0] : undefined;
    }, 30_000 * patience).catch((error) => { throw new Error(`${error.message}; last ${JSON.stringify(seen)}`); });
  }

  async stop() {
    if (this.child?.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    if (this.child) await within('Prometheus ends', this.exited, 30_000 * patience);
    rmSync(this.directory, {recursive: true, force: true});
  }
}
