import * as v from 'valibot';
import { encodeHeader } from '../framing/encode.ts';
import { LINK } from '../framing/frame.ts';
import { encodeControl, type JsonObject } from './control.ts';
import { MAX_PROVENANCE_CHARACTERS } from './limits.ts';
import { recordOf } from './record.ts';
import { checkShape } from './shape.ts';

/**
 * What a program writes to its stdout once it relays stdin and stdout to a daemon, and nothing before it: a client sends
 * nothing until it has read this. The number is that of the relay, not of the protocol behind it.
 */
export const RELAY_PREAMBLE = 'rexad --stdio 1\n';

/** What relays may leave of the rights of the daemon's own user. `restrict`: as the option of that name in authorized_keys. */
export const RELAY_RIGHTS = ['full', 'restrict'] as const;
export type RelayRights = (typeof RELAY_RIGHTS)[number];

/** What a relay says of the client behind it, before that client's hello; docs/protocol.md, 3. */
export interface RelayNote {
  readonly rights: RelayRights;
  /** What outer programs said of the client, by the names of their environment variables. Nobody has proven it. */
  readonly provenance: Readonly<Record<string, string>>;
}

const text = v.pipe(v.string(), v.maxLength(MAX_PROVENANCE_CHARACTERS));
const noteSchema = v.object({
  rights: v.picklist(RELAY_RIGHTS),
  provenance: recordOf(text, text, 'a map of texts'),
});

/** Its bytes on the wire, in order. */
export function encodeRelayNote(note: RelayNote): Uint8Array[] {
  return encodeControl('relay', LINK, { ...note }).flatMap((frame) => [encodeHeader(frame), frame.payload]);
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readRelayNote(message: JsonObject): RelayNote {
  return checkShape(noteSchema, message, 'relay');
}
