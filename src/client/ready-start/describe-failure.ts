import type { ClientFailure, ClientLimits } from '../../framing/ready-start-client.ts';
import type { CommandRefusal } from '../../framing/ready-start-command.ts';
import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import { quoteBytes } from '../../runtime/quote-bytes.ts';

/** What of the peer's words is shown in an error. */
const SHOWN_BYTES = 80;

/**
 * What the peer did wrong, as the catalogue says it.
 * @param cause what the system said of the connection, if anything
 */
export function describeFailure(
  failure: ClientFailure,
  limits: ClientLimits,
  cause: Error | null,
): RexaError {
  return new RexaError(...nameFailure(failure, limits), cause === null ? {} : { cause });
}

function nameFailure(
  failure: ClientFailure,
  limits: ClientLimits,
): [code: ErrorCode, details: readonly (string | number)[]] {
  switch (failure.kind) {
    case 'greeting-too-long':
      return ['READY_GREETING', ['without end', showBytes(failure.bytes)]];
    case 'greeting-unexpected':
      return ['READY_GREETING', ['otherwise than ?banner= says', showBytes(failure.bytes)]];
    case 'size-malformed':
      return ['READY_SIZE_INVALID', [showBytes(failure.bytes)]];
    case 'size-too-large':
      return ['READY_SIZE_TOO_LARGE', [showBytes(failure.bytes), limits.maxReplyBytes]];
    case 'reply-early':
      return ['READY_REPLY_EARLY', [showBytes(failure.bytes)]];
    case 'reply-short':
      return ['READY_REPLY_SHORT', [failure.gotBytes, failure.sizeBytes]];
    case 'reply-excess':
      return ['READY_REPLY_EXCESS', [failure.excessBytes, failure.sizeBytes]];
    case 'no-reply':
      return ['READY_REPLY_MISSING', [showSaid(failure.bytes)]];
    case 'unasked':
      return ['READY_UNASKED', [showBytes(failure.bytes)]];
    case 'stalled':
      return ['READY_STALLED', [showProgress(failure), limits.stallMs]];
    default:
      return failure satisfies never;
  }
}

const REFUSALS: Readonly<Record<Exclude<CommandRefusal, 'too-long'>, string>> = {
  blank: 'it is empty',
  nul: 'it holds a NUL',
  newline: 'it has more than one line, and the peer takes one',
  'carriage-return': 'it holds a carriage return',
  reserved: 'Start and exit are words of the wire itself',
};

/** Why a command may not be sent, as the catalogue says it. */
export function describeRefusal(
  refusal: CommandRefusal,
  commandBytes: number,
  limits: ClientLimits,
): RexaError {
  return refusal === 'too-long'
    ? new RexaError('READY_COMMAND_TOO_LONG', [commandBytes, limits.maxCommandBytes])
    : new RexaError('READY_COMMAND_REFUSED', [REFUSALS[refusal]]);
}

function showBytes(bytes: Uint8Array): string {
  return quoteBytes(bytes, SHOWN_BYTES);
}

function showSaid(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : `, after the peer had said ${showBytes(bytes)}`;
}

function showProgress({ gotBytes, sizeBytes }: ClientFailure & { kind: 'stalled' }): string {
  return sizeBytes === null ? 'a part of its Ready' : `${gotBytes} of ${sizeBytes} bytes of its reply`;
}
