// Bounded load with a memory: which deliveries were acknowledged, and as which event. What was not is sent again
// under the same id, as an operator would have GitHub redeliver it.
import {until} from './deadlines.mjs';
import {pullRequest} from './github.mjs';
import {keptConnections} from './http_client.mjs';

export class Load {
  constructor(gateway, count, {firstNumber = 1, lanes = 16} = {}) {
    this.gateway = gateway;
    this.lanes = lanes;
    this.deliveries = Array.from({length: count}, (_, i) => ({id: `load-${firstNumber + i}`, number: firstNumber + i}));
    this.acknowledged = new Map();  // delivery id -> event id
    this.contradictions = [];
    this.attempts = 0;
  }

  get missing() {
    return this.deliveries.filter(({id}) => !this.acknowledged.has(id));
  }

  // Sends what is not acknowledged yet, each once, over keep-alive connections. `onAnswer(n)` sees the number of
  // acknowledged deliveries grow. Connection errors and 503 leave a delivery unacknowledged.
  async run(onAnswer = () => {}) {
    const agent = keptConnections({ca: this.gateway.ca, maxSockets: this.lanes});
    const queue = this.missing;
    await Promise.all(Array.from({length: this.lanes}, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await this.send(next, agent);
        onAnswer(this.acknowledged.size);
      }
    }));
    agent.destroy();
  }

  // Sends everything once more: a second event of a delivery is a contradiction.
  async sendAgain() {
    const agent = keptConnections({ca: this.gateway.ca, maxSockets: this.lanes});
    const queue = [...this.deliveries];
    await Promise.all(Array.from({length: this.lanes}, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await this.send(next, agent);
    }));
    agent.destroy();
  }

  async send({id, number}, agent) {
    ++this.attempts;
    let answer;
    try {
      answer = await this.gateway.deliver('pull_request', pullRequest(number), {id, agent});
    } catch (error) {
      if (error.code === undefined) throw error;  // no network error: a deadline of the test
      return;
    }
    if (answer.status === 503) return;
    if (answer.status !== 200) throw new Error(`${id}: ${answer.status} ${answer.text}`);
    const {event} = answer.json;
    const before = this.acknowledged.get(id);
    if (before && before !== event) this.contradictions.push({id, before, event});
    this.acknowledged.set(id, event);
  }
}

// Every event of the gateway, newest first.
export async function allEvents(gateway) {
  const events = [];
  let cursor = '';
  do {
    const answer = await gateway.call('GET', `/v1/events?max=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {as: 'operator'});
    if (answer.status !== 200) throw new Error(`events: ${answer.status} ${answer.text}`);
    events.push(...answer.json.events);
    cursor = answer.json.next;
  } while (cursor);
  return events;
}

// Reads a mailbox while deliveries come in, until told to stop; remembers what was acknowledged for certain.
export class Reader {
  constructor(gateway, as = 'reviewer') {
    this.gateway = gateway;
    this.as = as;
    this.certain = new Map();   // message id -> causing event; the gateway confirmed the acknowledgement
    this.unsure = new Set();    // causing events of messages whose acknowledgement was sent and not answered
    this.twice = [];            // handed out again after they were acknowledged for certain
    this.stopping = false;
    this.running = this.loop();
  }

  async loop() {
    const agent = keptConnections({ca: this.gateway.ca});
    while (!this.stopping) {
      try {
        await this.readOnce(agent);
      } catch (error) {
        if (error.code === undefined) throw error;
        await until('the gateway is back', () => this.stopping || this.gateway.isUp(), 60_000);
      }
    }
    agent.destroy();
  }

  async readOnce(agent) {
    const call = (path, body) => this.gateway.call('POST', path, {as: this.as, agent, body});
    const received = await call('/v1/inbox/receive', {max: 20, wait: '1s', visibility: '1s'});
    if (received.status !== 200) return;
    for (const {receipt, message} of received.json.messages) {
      if (this.certain.has(message.id)) this.twice.push(message.id);
      this.unsure.add(message.causationid);
      const acked = await call('/v1/inbox/ack', {receipts: [receipt]});
      if (acked.status === 503) continue;
      if (acked.status === 200) this.certain.set(message.id, message.causationid);
      this.unsure.delete(message.causationid);
    }
  }

  async stop() {
    this.stopping = true;
    await this.running;
  }
}
