import { VERSION } from '../protocol/version.ts';

/** What the daemon calls itself in its hello. */
export const REXAD_AGENT = `rexad/${VERSION}`;
