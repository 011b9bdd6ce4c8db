import net from 'node:net';
import type { LoginRules } from '../../auth/authenticate-key.ts';
import { openAuthorizedKeys } from '../../auth/authorized-keys.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { causedBy } from '../../protocol/caused-by.ts';
import { RexaError } from '../../protocol/errors.ts';
import { accountName } from '../../services/run/environment.ts';
import { formatTlsAddress, type TlsAddress } from '../../transports/tls-address.ts';
import { createReception } from '../door/reception.ts';
import { TCP_KEEPALIVE_MS } from '../limits.ts';
import { acceptTls } from './accept-tls.ts';
import { openHostIdentity } from './host-identity.ts';
import type { ListenContext, Listener, LoginSources } from './listener.ts';

/** sshd's settings look like ours; a user who relies on them must learn that they do not apply here. */
const SSHD_CONFIG_WARNING =
  'sshd_config is NOT read: AllowUsers, DenyUsers, ForceCommand, PermitRootLogin and the like do not hold for rexad; only the options in authorized_keys do';

/**
 * Listens over TLS 1.3 for clients that prove a key; the host's key is made if there is none.
 * @throws RexaError ADDRESS_INVALID for one with a pin, LISTEN_FAILED, and as openHostIdentity
 */
export async function listenTls(address: TlsAddress, context: ListenContext): Promise<Listener> {
  if (address.pin !== null) {
    const url = formatTlsAddress(address);
    throw new RexaError('ADDRESS_INVALID', [url, 'a pin is for clients; the key of this host is a file']);
  }
  const { log, audit, daemon, login } = context;
  async function load({ hostKeys, hostCertificate, authorizedKeys, revokedKeys }: LoginSources) {
    const identity = await openHostIdentity(hostKeys, hostCertificate);
    const { certificateProblem: problem } = identity;
    if (problem !== null) log.warn(problem.message, { code: problem.code, hostCertificate });
    const rules: LoginRules = {
      account: accountName(),
      hostKey: identity.publicKey,
      keys: openAuthorizedKeys({
        files: authorizedKeys,
        revokedKeys,
        home: homeFolder(),
        report: ({ message, code }) => log.warn(message, { code }),
      }),
    };
    return { identity, rules };
  }

  let loaded = await load(login);
  const reception = createReception({ log, audit });
  // Of a client that said that it is stopped nothing is heard: its system answers for it, as long as there is one.
  const server = net.createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEPALIVE_MS,
  });
  server.on('connection', (socket) => acceptTls(socket, { daemon, log, audit, ...loaded, reception }));
  await listen(server, address);
  const url = formatTlsAddress({ host: address.host, port: (server.address() as net.AddressInfo).port });
  const { identity, rules } = loaded;
  const { fingerprint, file, isNew } = identity;
  log.info(isNew ? 'this host has a new key' : "this host's key", { fingerprint, file, url });
  log.warn(SSHD_CONFIG_WARNING, { account: rules.account, authorizedKeys: login.authorizedKeys });
  // What is wrong with the files is better heard now than with the first login.
  await rules.keys.read();
  return {
    url,
    get fingerprint() {
      return loaded.identity.fingerprint;
    },
    async load(files) {
      const next = await load(files);
      await next.rules.keys.read();
      return () => {
        loaded = next;
      };
    },
    async close(_deadline, drained) {
      await drained;
      server.close();
      reception.close();
    },
    release: () => undefined,
  };
}

async function listen(server: net.Server, { host, port }: TlsAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
  } catch (cause) {
    throw causedBy('LISTEN_FAILED', cause, formatTlsAddress({ host, port }));
  }
  server.on('error', () => {});
}
