import type { SaidWord } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { readDestination } from './destination.ts';
import { expandHostName } from './expand-settings.ts';
import { LETTERS } from './letters.ts';
import { createDraft, type SshSettings } from './settings.ts';

/** What all words before the command come to. */
export interface ResolvedWords {
  /** HOST without user and port. */
  readonly host: string;
  readonly settings: SshSettings;
  /** What should be known of options that were taken and change nothing. */
  readonly remarks: readonly string[];
  /** Lines for `-v`. */
  readonly traces: readonly string[];
}

/**
 * Puts options and HOST together, in the order that they stand in.
 * @throws RexaError USAGE for what is unknown, wrong or refused, and without a HOST
 */
export function resolveWords(said: readonly SaidWord[]): ResolvedWords {
  const draft = createDraft();
  let host: string | null = null;
  for (const each of said) {
    if (each.kind === 'option') {
      LETTERS[each.name]?.(draft, each.value ?? '');
    } else {
      const { user, port, ...destination } = readDestination(each.text);
      host = destination.host;
      // An option in front of HOST counts before what HOST says
      if (user !== null) draft.settings.user ??= user;
      if (port !== null) draft.settings.port ??= port;
    }
  }
  if (host === null) throw usageError('a HOST is missing: rexa ssh HOST COMMAND...');
  const [forwarding] = draft.forwardings;
  if (forwarding !== undefined && draft.clearsForwardings !== true) {
    throw usageError(`${forwarding} is not supported: rexa has no forwarding`);
  }
  const { controlMaster, hostName, sessionType } = draft.settings;
  if (sessionType === 'none' && (controlMaster === 'yes' || controlMaster === 'ask')) {
    throw usageError(
      '-M with -N is not supported: rexa does not share connections; leave it out, each call connects',
    );
  }
  if (hostName !== undefined) draft.settings.hostName = expandHostName(host, hostName);
  const remarks = [...draft.remarks.values()].filter((text) => text !== null);
  return { host, settings: draft.settings, remarks, traces: draft.traces };
}
