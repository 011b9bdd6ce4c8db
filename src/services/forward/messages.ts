import * as v from 'valibot';
import type { JsonObject } from '../../protocol/control.ts';
import { socketPlaceSchema } from '../../protocol/socket-place.ts';

/** The schema of what channels that a daemon opens have to name. */
export const grantSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(128));

/** The schema of a request for a connection from the host. */
export const directRequestSchema = v.object({ service: v.literal('direct'), to: socketPlaceSchema });

export type DirectRequest = v.InferOutput<typeof directRequestSchema>;

/** The schema of a request for a listener on the host; its connections come as channels that name the grant. */
export const listenRequestSchema = v.object({
  service: v.literal('listen'),
  at: socketPlaceSchema,
  grant: grantSchema,
});

/** Lists the grants that a request names, whatever its service: those of `listen`, and of a run with an agent. */
export function listGrants({ grant, agent }: JsonObject): readonly string[] {
  return [grant, agent].filter((each) => typeof each === 'string');
}

export type ListenRequest = v.InferOutput<typeof listenRequestSchema>;

/** The schema of what a daemon opens for each connection that it accepts. */
export const forwardedRequestSchema = v.object({
  service: v.literal('forwarded'),
  grant: v.string(),
  /** Where the connection comes from; null on a Unix socket. */
  from: v.nullable(socketPlaceSchema),
});

/** The schema of what a daemon sends on a `direct` channel: the connection is established. */
export const connectedSchema = v.object({ type: v.literal('connected') });

/** The schema of what a daemon sends on a `listen` channel: where it listens. */
export const listeningSchema = v.object({ type: v.literal('listening'), at: socketPlaceSchema });
