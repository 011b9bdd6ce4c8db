import type { ConversationEnd, DaemonLimits, PeerRefusal } from '../../framing/ready-start-daemon.ts';
import { RexaError } from '../../protocol/errors.ts';
import { quoteBytes } from '../../runtime/quote-bytes.ts';

/** What of a refused read is shown in a log. */
const SHOWN_BYTES = 60;

/** Why the daemon closed on a peer, as the catalogue says it; null when the peer ended the conversation itself. */
export function describeEnd(end: ConversationEnd, limits: DaemonLimits): RexaError | null {
  switch (end.kind) {
    case 'exit':
    case 'peer-ended':
    case 'shutdown':
      return null;
    case 'idle':
      return new RexaError('READY_IDLE', [limits.idleMs]);
    case 'start-timeout':
      return new RexaError('READY_START_TIMEOUT', [limits.startTimeoutMs]);
    case 'refused':
      return describeRefusal(end, limits);
    default:
      return end satisfies never;
  }
}

/** What a read is that the daemon takes from nobody. */
const REFUSED_READS = {
  http: 'is HTTP',
  tls: 'is a TLS hello',
  nul: 'holds a NUL',
  'carriage-return': 'holds a carriage return that is no line end at its end',
} as const;

function describeRefusal({ reason, bytes }: PeerRefusal, limits: DaemonLimits): RexaError {
  switch (reason) {
    case 'too-long':
      return new RexaError('READY_READ_REFUSED', [`is more than ${limits.maxReadBytes} bytes`]);
    case 'queue-full':
      return new RexaError('READY_QUEUE_FULL', [limits.maxQueuedCommands]);
    case 'start-expected':
      return new RexaError('READY_START_EXPECTED', [quoteBytes(bytes, SHOWN_BYTES)]);
    case 'start-unasked':
      return new RexaError('READY_START_UNASKED');
    default:
      return new RexaError('READY_READ_REFUSED', [REFUSED_READS[reason]]);
  }
}
