import type { SaidWord } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { settleNames } from '../../config/ssh/expand-settings.ts';
import { FORWARD_SETTINGS } from '../../config/ssh/forward-spec.ts';
import { checkJumpHost, readJumpHost } from '../../config/ssh/jump-host.ts';
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
  for (const jump of draft.settings.proxyJump ?? []) checkJumpHost(jump);
  applyFiles(draft, host);
  return settle(draft, host);
}

/** What words say of the host behind jump hosts alone. */
const NOT_OF_JUMPS = [
  'controlMaster',
  'controlPath',
  'controlPersistMs',
  'hostKeyAlias',
  'hostName',
  'port',
  'proxyCommand',
  'proxyJump',
  'remoteCommand',
  'tag',
  'user',
] as const satisfies readonly (keyof SshSettings)[];

/**
 * Puts together what holds for a jump host: the options, as far as they are not about the host behind it, and then the
 * files of ssh, which are read for the jump host by itself.
 * @param said the words for the host behind it
 * @throws RexaError as resolveWords
 */
export function resolveJump(
  said: readonly SaidWord[],
  jump: string,
  applyFiles: (draft: Draft, host: string) => void,
): ResolvedWords {
  const { user, host, port } = readJumpHost(jump);
  const draft = createDraft();
  for (const each of said)
    if (each.kind === 'option') recordOrigins(draft, COMMAND_LINE, () => void applyWord(draft, each));
  const { settings } = draft;
  for (const name of [...NOT_OF_JUMPS, ...Object.values(FORWARD_SETTINGS)]) delete settings[name];
  if (user !== null) settings.user = readUser(user);
  if (port !== null) settings.port = port;
  draft.isUserLiteral = user !== null;
  settings.sessionType = 'none';
  delete settings.stdioForward;
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
    draft.settings.clearAllForwardings ??= true;
    draft.settings.exitOnForwardFailure ??= true;
    draft.settings.sessionType = 'none';
  }
  if (draft.settings.clearAllForwardings === true)
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
