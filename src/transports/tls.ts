import type { TLSSocket } from 'node:tls';
import type { Transport } from '../link/transport.ts';
import { REKEY_BYTES } from './limits.ts';
import { createSocketTransport } from './socket-transport.ts';

/** A secured TLS 1.3 socket as a transport. */
export function tlsTransport(socket: TLSSocket): Transport {
  return createSocketTransport(socket, {
    liveness: 'own',
    renewAfterBytes: REKEY_BYTES,
    exportSecret: (label, context, bytes) => socket.exportKeyingMaterial(bytes, label, Buffer.from(context)),
  });
}
