import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { makeTlsIdentity } from '../../../src/auth/tls-identity.ts';
import { connectSocket } from '../../../src/transports/connect-socket.ts';
import { openExecTransport } from '../../../src/transports/exec.ts';
import { tlsTransport } from '../../../src/transports/tls.ts';
import { unixTransport } from '../../../src/transports/unix.ts';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { listenTemporarily } from '../../fixtures/link/link-pair.ts';
import { describeTransport } from '../../fixtures/link/transport-conformance.ts';
import { openForwardingHost } from '../../fixtures/services/open-forward.ts';
import { startSocketServer } from '../../fixtures/socket-server.ts';

describeTransport('a Unix socket', async () => {
  const { socketPath, accept } = await listenTemporarily();
  const accepted = accept();
  const near = connectSocket({ path: socketPath, allowHalfOpen: true });
  const far = await accepted;
  onTestFinished(() => void near.destroy());
  return { near: unixTransport(near), far: unixTransport(far), cut: () => far.destroy() };
});

describeTransport('TLS', async () => {
  const identity = makeTlsIdentity(await fixtureSecret('ed25519'));
  const context = tls.createSecureContext({ ...identity, minVersion: 'TLSv1.3' });
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const raw = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const near = tls.connect({ socket: raw, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const [rawFar] = await accepted;
  const far = new tls.TLSSocket(rawFar, { isServer: true, secureContext: context });
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  await Promise.all([once(near, 'secureConnect'), once(far, 'secure')]);
  return { near: tlsTransport(near), far: tlsTransport(far), cut: () => rawFar.destroy() };
});

describeTransport('TLS over a stream of a jump host', async () => {
  const identity = makeTlsIdentity(await fixtureSecret('ed25519'));
  const context = tls.createSecureContext({ ...identity, minVersion: 'TLSv1.3' });
  const accepted = Promise.withResolvers<net.Socket>();
  const { place } = await startSocketServer(accepted.resolve);
  const stream = openForwardingHost().host.connect(place);
  const near = tls.connect({ socket: stream, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  const rawFar = await accepted.promise;
  const far = new tls.TLSSocket(rawFar, { isServer: true, secureContext: context });
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  await Promise.all([once(near, 'secureConnect'), once(far, 'secure')]);
  return { near: tlsTransport(near), far: tlsTransport(far), cut: () => rawFar.destroy() };
});

const RELAY = fileURLToPath(new URL('../../fixtures/link/stdio-relay.mjs', import.meta.url));

describeTransport('the stdin and stdout of a program', async () => {
  const { socketPath, accept } = await listenTemporarily();
  const accepted = accept();
  const near = await openExecTransport({
    words: [process.execPath, RELAY, socketPath],
    shown: 'relay',
    timeoutMs: 20_000,
    reportBefore() {},
    reportBehind() {},
  });
  const far = await accepted;
  onTestFinished(() => near.destroy());
  return { near, far: unixTransport(far), cut: () => far.destroy() };
});
