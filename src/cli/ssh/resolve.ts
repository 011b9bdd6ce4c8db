import type { SaidWord } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { settleNames } from '../../config/ssh/expand-settings.ts';
import { FORWARD_SETTINGS } from '../../config/ssh/forward-spec.ts';
import {
  createDraft,
  type Draft,
  listRemarks,
  type Origin,
  recordOrigins,
  type SshSettings,
} from '../../config/ssh/settings.ts';
import { readUser } from '../../config/ssh/values.ts';
import { readDestination } from './destination.ts';
import { LETTERS } from './letters.ts';

/** What all words before the command come to. */
export interface ResolvedWords {
  /** HOST without user and port. */
  readonly host: string;
  readonly settings: SshSettings;
  /** What should be known of options that were taken and change nothing. */
  readonly remarks: readonly string[];
  /** Lines for `-v`. */
  readonly traces: readonly string[];
  /** Where each setting was made. */
  readonly origins: ReadonlyMap<keyof SshSettings, readonly Origin[]>;
}

const COMMAND_LINE: Origin = { place: 'command line', isDefault: false };

/**
 * Puts options and HOST together, in their order, and then the files of ssh.
 * @param applyFiles adds what the files say; default: nothing
 * @throws RexaError USAGE for what is unknown, wrong or refused, and without a HOST; SSH_CONFIG_INVALID
 */
export function resolveWords(
  said: readonly SaidWord[],
  applyFiles: (draft: Draft, host: string) => void = () => undefined,
): ResolvedWords {
  const draft = createDraft();
  let host: string | null = null;
  for (const each of said) {
    recordOrigins(draft, COMMAND_LINE, () => {
      host = applyWord(draft, each) ?? host;
    });
  }
  if (host === null) throw usageError('a HOST is missing: rexa ssh HOST COMMAND...');
  applyFiles(draft, host);
  return settle(draft, host);
}

/** Applies one word. @returns HOST without user and port, if it is that */
function applyWord(draft: Draft, word: SaidWord): string | null {
  if (word.kind === 'option') {
    LETTERS[word.name]?.(draft, word.value ?? '');
    return null;
  }
  const { user, port, host } = readDestination(word.text);
  // An option before HOST counts before what HOST says
  if (user !== null && draft.settings.user === undefined) {
    draft.settings.user = readUser(user);
    draft.isUserLiteral = true;
  }
  if (port !== null) draft.settings.port ??= port;
  return host;
}

function settle(draft: Draft, host: string): ResolvedWords {
  const { stdioForward } = draft.settings;
  // As in ssh, -W stands for all three
  if (stdioForward !== undefined) {
    draft.clearsForwardings ??= true;
    draft.settings.exitOnForwardFailure ??= true;
    draft.settings.sessionType = 'none';
  }
  if (draft.clearsForwardings === true)
    for (const name of Object.values(FORWARD_SETTINGS)) delete draft.settings[name];
  settleNames(draft, host);
  return {
    host,
    settings: draft.settings,
    remarks: listRemarks(draft),
    traces: draft.traces,
    origins: draft.origins,
  };
}
