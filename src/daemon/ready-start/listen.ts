import type { RexaError } from '../../protocol/errors.ts';
import type { FindUid, PlainPeer } from '../plain-peers/check-peer.ts';
import { listenPlain, type PlainListener } from '../plain-peers/listen-plain.ts';
import { type ReadyStartService, serveReadyStart } from './session.ts';

/** What the log and the audit are told. */
export interface ReadyStartReport {
  handleAccepted(peer: PlainPeer): void;
  /** A connection or a command was refused, or a conversation was ended for cause. */
  handleRefused(peer: PlainPeer, error: RexaError): void;
  handleCommand(peer: PlainPeer, line: string): void;
}

export interface ReadyStartListenOptions {
  /** A loopback address or `localhost`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly service: ReadyStartService;
  readonly maxPeers: number;
  readonly report: ReadyStartReport;
  /** By default what the system says. */
  readonly findUid?: FindUid;
}

/** What this protocol lacks, in one warning at the start of the daemon. */
export function warnOfReadyStart(url: string, platform: NodeJS.Platform = process.platform): string {
  const who = platform === 'linux' ? 'every process of this user' : 'EVERY USER OF THIS MACHINE';
  return `WARNING: ${url} has NO AUTHENTICATION and NO ENCRYPTION: ${who} can run commands through it`;
}

/**
 * Listens for Ready/Start peers.
 * @throws RexaError READY_NOT_LOOPBACK, LISTEN_FAILED
 */
export function listenReadyStart({
  service,
  report,
  ...options
}: ReadyStartListenOptions): Promise<PlainListener> {
  return listenPlain({
    scheme: 'ready',
    ...options,
    serve(socket, peer) {
      report.handleAccepted(peer);
      return serveReadyStart(socket, service, {
        handleCommand: (line) => report.handleCommand(peer, line),
        handleRefusal: (error) => report.handleRefused(peer, error),
      });
    },
    handleRefused: report.handleRefused,
  });
}
