// What Linear and Jira do: sign a body and post it. And gateways that have a source of each kind.
import {createHmac, randomBytes, randomUUID} from 'node:crypto';

import {binary} from './gateway.mjs';
import {spawnSync} from 'node:child_process';

const mac = (body, secret) => createHmac('sha256', secret).update(body).digest('hex');

export function linearHeaders(body, secret, {id = randomUUID()} = {}) {
  return {
    'user-agent': 'Linear-Webhook', 'accept-charset': 'utf-8', 'content-type': 'application/json; charset=utf-8',
    'linear-delivery': id, 'linear-event': 'Issue', 'linear-signature': mac(body, secret),
  };
}

export function jiraHeaders(body, secret, {id = randomUUID(), retry} = {}) {
  return {
    'user-agent': 'Atlassian Webhook HTTP Client', 'content-type': 'application/json; charset=utf-8', 'x-atlassian-webhook-identifier': id,
    'x-atlassian-webhook-flow': 'Primary', 'x-hub-signature': `sha256=${mac(body, secret)}`, ...(retry ? {'x-atlassian-webhook-retry': retry} : {}),
  };
}

export const newSecret = () => randomBytes(24).toString('hex');

// A body as this project's own samples have it, changed by `change`, of now unless `change` says otherwise.
let seed = 100;
export function sample(connector, type, change = () => {}) {
  const {status, stdout, stderr} = spawnSync(binary, ['sample', connector, type, '--seed', String(++seed)], {encoding: 'utf8'});
  if (status !== 0) throw new Error(stderr);
  const body = JSON.parse(stdout);
  body[connector === 'linear' ? 'webhookTimestamp' : 'timestamp'] = Date.now();
  change(body);
  return JSON.stringify(body);
}
