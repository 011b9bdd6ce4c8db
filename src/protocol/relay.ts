import * as v from 'valibot';
import { encodeHeader } from '../framing/encode.ts';
import { LINK } from '../framing/frame.ts';
import { encodeControl, type JsonObject } from './control.ts';
import { MAX_PROVENANCE_CHARACTERS } from './limits.ts';
import { recordOf } from './record.ts';
import { checkShape } from './shape.ts';

/**
 * The first line that a relay writes to stdout, when it is connected to the daemon. A client sends nothing before it has
 * read this line. The number is the version of the relay, not of the protocol.
 */
export const RELAY_PREAMBLE = 'rexad --stdio 1\n';

/** The rights that a relay grants: those of the user, or as restricted by the option `restrict` of authorized_keys. */
export const RELAY_RIGHTS = ['full', 'restrict'] as const;
export type RelayRights = (typeof RELAY_RIGHTS)[number];

/** What a relay reports about its client, before that client's hello; docs/protocol.md, 3. */
export interface RelayNote {
  readonly rights: RelayRights;
  /** Environment variables that outer programs set about the client. Not authenticated. */
  readonly provenance: Readonly<Record<string, string>>;
}

const text = v.pipe(v.string(), v.maxLength(MAX_PROVENANCE_CHARACTERS));
const noteSchema = v.object({
  rights: v.picklist(RELAY_RIGHTS),
  provenance: recordOf(text, text, 'a map of texts'),
});

/** Encodes the frame; returns its bytes in chunks. */
export function encodeRelayNote(note: RelayNote): Uint8Array[] {
  return encodeControl('relay', LINK, { ...note }).flatMap((frame) => [encodeHeader(frame), frame.payload]);
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readRelayNote(message: JsonObject): RelayNote {
  return checkShape(noteSchema, message, 'relay');
}
