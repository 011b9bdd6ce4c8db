import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { RexaError } from '../../protocol/errors.ts';
import { ALPN_PROTOCOL } from '../../protocol/version.ts';

/**
 * Speaks TLS 1.3 over a connection. Whose certificate it is is not judged here, and nothing of ours has been written: both
 * are for whoever gets the socket, which is paused.
 * @param shown what the host is called in messages
 * @throws RexaError CONNECT_FAILED; whatever the signal was aborted with
 */
export function secure(stream: Duplex, shown: string, signal: AbortSignal): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const { connect } = process.getBuiltinModule('node:tls');
  const options: ConnectionOptions = {
    socket: stream,
    minVersion: 'TLSv1.3',
    ALPNProtocols: [ALPN_PROTOCOL],
    // The verdict is ours: no authority makes a host that is not known trusted, and the list of them is dear to load
    ca: [],
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  };
  const socket: TLSSocket = connect(options);
  if (!(stream instanceof process.getBuiltinModule('node:net').Socket)) passRef(socket, stream);

  function fail(error: unknown): void {
    socket.on('error', () => {});
    socket.destroy();
    reject(error);
  }
  const abort = (): void => fail(signal.reason);
  const failHandshake = (error: Error): void => fail(failed(shown, error));
  const handleClose = (): void => fail(failed(shown, new Error(CLOSED)));

  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  socket.once('error', failHandshake);
  socket.once('close', handleClose);
  socket.once('secureConnect', () => {
    signal.removeEventListener('abort', abort);
    socket.off('close', handleClose);
    if (socket.alpnProtocol !== ALPN_PROTOCOL)
      return failHandshake(new Error(`it speaks TLS, and not ${ALPN_PROTOCOL} over it: is that a rexad?`));
    socket.off('error', failHandshake);
    socket.pause();
    resolve(socket);
  });
  return promise;
}

/** What carries the bytes keeps the process alive, or does not: TLS itself has no handle then. */
function passRef(socket: TLSSocket, stream: Duplex & { ref?(): unknown; unref?(): unknown }): void {
  socket.ref = () => {
    stream.ref?.();
    return socket;
  };
  socket.unref = () => {
    stream.unref?.();
    return socket;
  };
}

/** A door that is shut says nothing. */
const CLOSED =
  'it closed the connection during the handshake; a rexad does so for some minutes where too many logins were refused before';
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNRESET: CLOSED,
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers there does not speak TLS',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it does not speak TLS 1.3',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it does not speak TLS 1.3',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'it speaks TLS, and not rexa/1 over it: is that a rexad?',
};

/** The texts behind these codes are the library's own, and never the peer's. */
function failed(shown: string, cause: NodeJS.ErrnoException): RexaError {
  return new RexaError('CONNECT_FAILED', [shown, MEANINGS[cause.code ?? ''] ?? cause.message], { cause });
}
