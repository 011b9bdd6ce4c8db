import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authenticateKey, type LoginRules } from '../../auth/authenticate-key.ts';
import type { AuthenticationStep } from '../../auth/authenticator.ts';
import { parseIpAddress } from '../../auth/ip-address.ts';
import { type Endpoint, type Principal, showEndpoint } from '../../auth/principal.ts';
import { PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL } from '../../auth/proof.ts';
import type { Link } from '../../link/link.ts';
import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import { HELLO_TIMEOUT_MS } from '../../protocol/limits.ts';
import { ALPN_PROTOCOL } from '../../protocol/version.ts';
import { noteRead } from '../../runtime/read-garbage.ts';
import { refusedEnvironment } from '../../services/run/authorize.ts';
import { tlsTransport } from '../../transports/tls.ts';
import type { Departure } from '../door/door.ts';
import type { Expulsion, Reception, Visit } from '../door/reception.ts';
import { TLS_GARBAGE_BYTES } from '../limits.ts';
import type { HostIdentity } from './host-identity.ts';
import type { ListenContext } from './listener.ts';
import { showHostKeys } from './show-host-keys.ts';

/** What all connections of a listener have in common. */
export interface TlsContext extends Pick<ListenContext, 'daemon' | 'log' | 'audit'> {
  readonly identity: HostIdentity;
  readonly reception: Reception;
  readonly rules: LoginRules;
}

/** Ends of a connection before its login that say nothing against its peer. */
const NOBODYS_FAULT: readonly ErrorCode[] = [
  'CONNECTIONS_EXHAUSTED',
  'HELLO_TIMEOUT',
  'INTERNAL',
  'LOGIN_REFUSED',
  'SHUTTING_DOWN',
];

/** Takes a TCP connection through TLS and its client's login. Whatever goes wrong concerns its peer alone. */
export function acceptTls(raw: Socket, context: TlsContext): void {
  raw.on('error', () => {});
  /** Once there is a link, it has the last word. */
  let link: Link | null = null;
  /** What its end is taken for, if it comes now. */
  let departure: Departure = 'left';

  function expel(why: Expulsion): void {
    // The daemon itself ends the links, with the reason
    if (why === 'closing' && link !== null) return;
    if (link === null || why !== 'too-late') raw.destroy();
    else void link.leave(new RexaError('HELLO_TIMEOUT', [HELLO_TIMEOUT_MS]));
  }

  const visit = context.reception.receive(raw, expel);
  if (visit === null) return;
  const socket = new TLSSocket(raw, {
    isServer: true,
    secureContext: context.identity.context,
    ALPNProtocols: [ALPN_PROTOCOL],
    requestCert: false,
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (link !== null || error.code?.startsWith('ERR_SSL') !== true) return;
    departure = 'nonsense';
    context.audit.turnAway({
      source: showEndpoint(endpoint(raw.remoteAddress, raw.remotePort)),
      reason: `no TLS 1.3 with ALPN ${ALPN_PROTOCOL}`,
      code: error.code,
    });
  });
  // No client half-closes during a handshake.
  socket.once('end', () => {
    if (link === null) socket.destroy();
  });
  raw.once('close', () => {
    visit.leave(departure);
    noteRead(TLS_GARBAGE_BYTES);
  });
  socket.once('secure', () => {
    if (socket.alpnProtocol !== ALPN_PROTOCOL) {
      departure = 'nonsense';
      context.audit.turnAway({
        source: showEndpoint(endpoint(raw.remoteAddress, raw.remotePort)),
        reason: `no ALPN ${ALPN_PROTOCOL}`,
      });
      socket.destroy();
      return;
    }
    visit.advance('secured');
    link = serveStranger(socket, visit, context, (how) => (departure = how));
  });
}

/** Hands a connection to the daemon, which asks who it is. */
function serveStranger(
  socket: TLSSocket,
  visit: Visit,
  context: TlsContext,
  handleDeparture: (how: Departure) => void,
): Link {
  const source = endpoint(socket.remoteAddress, socket.remotePort);
  const exporter = socket.exportKeyingMaterial(PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL, Buffer.alloc(0));
  const authentication = authenticateKey(context.rules, {
    exporter,
    alpn: ALPN_PROTOCOL,
    connection: { source, host: endpoint(socket.localAddress, socket.localPort) },
  });
  const hostKeys = showHostKeys(context.identity, exporter);
  let isKnown = false;

  function handleStep(step: AuthenticationStep): void {
    if (step.kind === 'refused') handleDeparture('refused');
    if (step.kind === 'chosen') visit.advance('chosen');
    if (step.kind !== 'admitted') return;
    isKnown = true;
    warnOfEnvironment(step.principal, context);
  }
  const link = context.daemon.serve(tlsTransport(socket), authentication, { handleStep, hostKeys });
  void link.peer.then((peer) => {
    if (peer !== null) visit.leave('logged-in');
  });
  void link.ended.then((end) => {
    if (isKnown || end.kind !== 'failed' || NOBODYS_FAULT.includes(end.error.code)) return;
    handleDeparture('nonsense');
    context.audit.turnAway({ source: showEndpoint(source), reason: end.error.message, code: end.error.code });
  });
  return link;
}

function warnOfEnvironment({ rights, proof }: Principal, { log }: TlsContext): void {
  const names = refusedEnvironment(rights);
  if (names.length === 0 || proof.kind !== 'key') return;
  log.warn('environment= is not set where no client may set it either', { where: proof.where, names });
}

/** IPv4 inside IPv6 is shown, and matched, as IPv4. */
function endpoint(address = '', port = 0): Endpoint {
  return { address: parseIpAddress(address)?.text ?? address, port };
}
