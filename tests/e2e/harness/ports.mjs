// Ports for servers that cannot choose one themselves.
import net from 'node:net';

// Below those that the kernel gives to outgoing connections, so that none of these takes one in between.
const [lowest, highest] = [10_000, 32_767];
const attemptsMax = 200;

const listen = (port) => new Promise((done) => {
  const server = net.createServer();
  server.once('error', () => done(null)).listen(port, '0.0.0.0', () => done(server));
});

// So many ports, each another, that nobody listens on. They are free again when this returns.
export async function freePorts(count) {
  const servers = [];
  for (let attempt = 0; servers.length < count; ++attempt) {
    if (attempt === attemptsMax) throw new Error('no port is free');
    const server = await listen(lowest + Math.floor(Math.random() * (highest + 1 - lowest)));
    if (server) servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
