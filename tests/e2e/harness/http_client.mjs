// HTTP as clients speak it: whole requests through node:http, and raw bytes through a socket for what no
// well-behaved client would send.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

import {within} from './deadlines.mjs';

const answerDeadlineMs = 20_000;

// One request, one answer: {status, headers, text, json}. `body` may be an array of chunks, which are then
// sent with Transfer-Encoding: chunked. `ca`: whom to trust with an https URL; `cert`, `key`: what to show.
export function request(url, {method = 'GET', headers = {}, body, agent, ca, cert, key} = {}) {
  const answer = new Promise((resolve, reject) => {
    const chunked = Array.isArray(body);
    const length = body === undefined || chunked ? {} : {'content-length': Buffer.byteLength(body)};
    const sent = (url.startsWith('https:') ? https : http).request(url, {method, headers: {...length, ...headers}, agent, ca, cert, key}, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({status: response.statusCode, headers: response.headers, text, get json() { return JSON.parse(text); }});
      });
    });
    sent.on('error', reject);
    for (const chunk of chunked ? body : []) sent.write(chunk);
    sent.end(chunked ? undefined : body);
  });
  return within(`an answer to ${method} ${url}`, answer, answerDeadlineMs);
}

// Connections that are kept for the next request.
export function keptConnections({ca, ...options} = {}) {
  return ca ? new https.Agent({keepAlive: true, ca, ...options}) : new http.Agent({keepAlive: true, ...options});
}

// A connection whose bytes the test writes itself. Answers are read by `answer()`, in order.
export class RawConnection {
  static async open(port) {
    const socket = net.connect(port, '127.0.0.1');
    await within('a connection', new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    }));
    return new RawConnection(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.wake = () => {};
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, data]);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  // Errors of writing to a closed connection end the connection; the answer was read or never comes.
  write(bytes) {
    this.socket.write(bytes, () => {});
    return this;
  }

  // The next whole answer, interim ones (1xx) included; nothing when the gateway closed without one.
  async answer(deadlineMs = answerDeadlineMs) {
    return within('an answer on a raw connection', (async () => {
      for (;;) {
        const parsed = parseAnswer(this.received);
        if (parsed) {
          this.received = this.received.subarray(parsed.bytes);
          return parsed;
        }
        if (this.ended) return undefined;
        await new Promise((resolve) => { this.wake = resolve; });
      }
    })(), deadlineMs);
  }

  async closed(deadlineMs = answerDeadlineMs) {
    await within('the gateway closes the connection', (async () => {
      while (!this.ended) await new Promise((resolve) => { this.wake = resolve; });
    })(), deadlineMs);
  }

  close() {
    this.socket.destroy();
  }
}

// An answer with Content-Length or without a body; the gateway sends no other.
function parseAnswer(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine, ...lines] = buffer.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const length = Number(headers['content-length'] ?? 0);
  if (buffer.length < end + 4 + length) return undefined;
  const text = buffer.subarray(end + 4, end + 4 + length).toString('utf8');
  return {status, headers, text, bytes: end + 4 + length, get json() { return JSON.parse(text); }};
}
