// What many teams write: the middleware of @octokit/webhooks on node:http, and ioredis behind it.
//
//   PEER_SECRET=… PEER_REDIS=<unix socket> node octokit.mjs <port>
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

import {createNodeMiddleware, Webhooks} from '@octokit/webhooks';
import {Redis} from 'ioredis';

const MARK_SECONDS = 259200;
const MESSAGE_BYTES = 930;  // as long as the gateway's own

const redis = new Redis({path: process.env.PEER_REDIS});
redis.defineCommand('appendOnce', {numberOfKeys: 3, lua: readFileSync(new URL('append_once.lua', import.meta.url), 'utf8')});

const silent = () => {};
const log = {debug: silent, info: silent, warn: silent, error: console.error};
const webhooks = new Webhooks({secret: process.env.PEER_SECRET, log});

// A handler is not given the body as it was signed: the second mark is of the delivery too, so that Redis does as much.
webhooks.onAny(async ({id, name, payload}) => {
  const {action, repository, sender} = payload;
  const message = JSON.stringify({
    event: name, delivery: id, action, repository: repository.full_name, id: repository.id, private: repository.private,
    sender: sender.login, sender_id: sender.id, sender_type: sender.type,
  });
  const filled = message.padEnd(MESSAGE_BYTES, repository.html_url);
  await redis.appendOnce(`octokit:id:${id}`, `octokit:body:${id}`, 'octokit:messages', MARK_SECONDS, filled);
});

const server = createServer(createNodeMiddleware(webhooks, {path: '/hooks/github', log}));
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
