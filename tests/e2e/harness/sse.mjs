// A client of server-sent events, as https://html.spec.whatwg.org/#server-sent-events has them.
import http from 'node:http';

import {until, within} from './deadlines.mjs';

export class EventStream {
  // Opens POST /v1/inbox/receive as a stream. Once `answered`, `status` and `headers` are there.
  constructor(gateway, {as = 'reviewer', body = {}, agent} = {}) {
    this.events = [];
    this.comments = 0;
    this.text = '';
    this.ended = false;  // with its last chunk
    this.broken = false;
    const json = JSON.stringify(body);
    this.request = http.request(`${gateway.api}/v1/inbox/receive`, {
      method: 'POST', agent,
      headers: {authorization: `Bearer ${gateway.tokens[as]}`, accept: 'text/event-stream', 'content-type': 'application/json',
                'content-length': Buffer.byteLength(json)},
    });
    this.answered = within('a stream begins', new Promise((resolve, reject) => {
      this.request.once('error', reject);
      this.request.once('response', (response) => {
        this.response = response;
        this.status = response.statusCode;
        this.headers = response.headers;
        response.setEncoding('utf8');
        response.on('data', (text) => this.#read(text));
        response.once('end', () => { this.ended = true; });
        response.once('error', () => { this.broken = true; });
        resolve(this);
      });
    }));
    this.request.on('error', () => { this.broken = true; });
    this.request.end(json);
  }

  #read(text) {
    this.text += text;
    for (;;) {
      const end = this.text.indexOf('\n\n');
      if (end < 0) return;
      const lines = this.text.slice(0, end).split('\n');
      this.text = this.text.slice(end + 2);
      const event = {};
      for (const line of lines) {
        if (line.startsWith(':')) {
          this.comments += 1;
          continue;
        }
        const [, field, value] = /^(\w+): ?(.*)$/s.exec(line);
        event[field] = event[field] === undefined ? value : `${event[field]}\n${value}`;
      }
      if (event.data !== undefined) this.events.push({...event, data: JSON.parse(event.data)});
    }
  }

  // The first `count` events, once they are there.
  async first(count, deadlineMs = 10_000) {
    await until(`${count} events on a stream, of which there are ${this.events.length}`, () => this.events.length >= count, deadlineMs);
    return this.events.slice(0, count);
  }

  close() {
    this.request.destroy();
  }
}
