import * as v from 'valibot';
import { socketPlaceSchema } from '../../protocol/socket-place.ts';

const listenSchema = v.union([
  v.object({ host: v.nullable(v.string()), port: v.number() }),
  v.object({ path: v.string() }),
]);

/** The schema of a forwarding as ssh's options ask for it. */
const specSchema = v.object({
  letter: v.picklist(['L', 'R', 'D']),
  from: listenSchema,
  to: v.nullable(socketPlaceSchema),
});

/** The schema of what a client asks of the process that shares its connection. */
export const shareRequestSchema = v.variant('ask', [
  /** To use the connection, if it is the one that the client would make. */
  v.object({ service: v.literal('share'), ask: v.literal('join'), key: v.string() }),
  v.object({ service: v.literal('share'), ask: v.picklist(['check', 'exit', 'stop']) }),
  v.object({ service: v.literal('share'), ask: v.picklist(['forward', 'cancel']), spec: specSchema }),
]);

export type ShareRequest = v.InferOutput<typeof shareRequestSchema>;

/** The schema of the answer. */
export const shareAnswerSchema = v.object({
  pid: v.number(),
  /** The port that was chosen for a forwarding. */
  allocatedPort: v.exactOptional(v.number()),
});

export type ShareAnswer = v.InferOutput<typeof shareAnswerSchema>;
