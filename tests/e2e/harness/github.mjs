// What GitHub does: signs a body, names the event in headers, posts. And the payloads that it is known to send.
import {createHash, createHmac, randomUUID} from 'node:crypto';
import {createRequire} from 'node:module';

export const signature = (body, secret) => 'sha256=' + createHmac('sha256', secret).update(body).digest('hex');

// The headers of a delivery, as GitHub sends them.
export function deliveryHeaders(event, body, secret, {id = randomUUID(), contentType = 'application/json'} = {}) {
  return {
    'user-agent': 'GitHub-Hookshot/044aadd',
    'accept': '*/*',
    'content-type': contentType,
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '292430182',
    'x-hub-signature': 'sha1=' + createHmac('sha1', secret).update(body).digest('hex'),
    'x-hub-signature-256': signature(body, secret),
  };
}

// The 329 payloads of @octokit/webhooks-examples: {event, action, body} with the body as text. Five of them are
// in there twice; a space behind the second makes it another delivery, not a replay.
export function examples() {
  const index = createRequire(import.meta.url)('@octokit/webhooks-examples');
  const seen = new Set();
  return index.flatMap(({name, examples: payloads}) => payloads.map((payload) => {
    let body = JSON.stringify(payload);
    while (seen.has(body)) body += ' ';
    seen.add(body);
    return {event: name, action: payload.action, body};
  }));
}

// A pull request that never was, small, unique by its number: for load, where the body's shape matters little.
export function pullRequest(number, repository = 'acme/api') {
  const [owner, name] = repository.split('/');
  return JSON.stringify({
    action: 'opened',
    number,
    pull_request: {
      id: 1_000_000 + number, node_id: `PR_${number}`, number, state: 'open', draft: false, title: `Change ${number}`,
      updated_at: '2026-11-22T10:00:00Z',
      html_url: `https://github.com/${repository}/pull/${number}`, author_association: 'MEMBER',
      user: {login: 'mona', id: 7, type: 'User'}, labels: [], changed_files: 3,
      head: {ref: `change-${number}`, sha: createHash('sha1').update(String(number)).digest('hex')},
      base: {ref: 'main', sha: '0'.repeat(40)},
    },
    repository: {id: 186853002, node_id: 'R_1', name, full_name: repository, private: false,
                 owner: {login: owner, id: 1, type: 'Organization'}, html_url: `https://github.com/${repository}`},
    sender: {login: 'mona', id: 7, type: 'User'},
  });
}
