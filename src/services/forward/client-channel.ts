import * as v from 'valibot';
import type { AskedHost } from '../../client/asked-host.ts';
import { describeEnd } from '../../client/describe-end.ts';
import type { ChannelEnd, LinkChannel } from '../../link/channel.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import { toldErrorSchema, toldTextSchema } from '../../protocol/told-text.ts';
import { connectedSchema } from './messages.ts';

/** A channel whose service answers with a message once it has begun. */
export interface BegunChannel<Answer> {
  readonly channel: LinkChannel;
  /** @throws RexaError what the daemon refused with, LINK_LOST */
  readonly begun: Promise<Answer>;
  /** Resolves at the channel's end with why it ended; null: as it should. Never rejects. */
  readonly ended: Promise<RexaError | null>;
}

/** Asks for a connection from the host. @throws RexaError CLOSED, CHANNELS_EXHAUSTED */
export function openDirect(host: AskedHost, to: SocketPlace): BegunChannel<unknown> {
  return openBegun(host, { service: 'direct', to }, connectedSchema);
}

/** Opens a channel, and waits for the message that it has begun. @throws RexaError CLOSED, CHANNELS_EXHAUSTED */
export function openBegun<Schema extends v.GenericSchema>(
  { address, link }: AskedHost,
  request: JsonObject,
  schema: Schema,
): BegunChannel<v.InferOutput<Schema>> {
  const channel = link.open(request, [0]);
  const begun = Promise.withResolvers<v.InferOutput<Schema>>();
  begun.promise.catch(() => undefined);
  channel.takeMessages((message) => {
    // What else comes, as of a drain, is not for this channel
    const read = v.safeParse(schema, message);
    if (read.success) begun.resolve(read.output);
  });
  const ended = channel.ended.then((end) => {
    const error = readEnd(end, address);
    begun.reject(error ?? new RexaError('CLOSED', ['channel']));
    return error;
  });
  return { channel, begun: begun.promise, ended };
}

const lastSchema = v.object({ error: v.optional(toldErrorSchema), reset: v.optional(toldTextSchema) });

/** Returns why a channel ended; null: as it should. */
function readEnd(end: ChannelEnd, address: string): RexaError | null {
  if (end.kind === 'link-ended') return describeEnd(end.end, address);
  const last = v.safeParse(lastSchema, end.last);
  if (!last.success) return new RexaError('CONTROL_WRONG_SHAPE', ['close', 'error']);
  const { error, reset } = last.output;
  if (error !== undefined) return toRexaError(error);
  return reset === undefined ? null : toRexaError({ code: 'FORWARD_RESET', message: reset });
}
