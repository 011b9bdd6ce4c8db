import { usageError } from '../../command-line/usage-error.ts';
import { isRexaAddress } from './address-of.ts';
import { applyRow, isIgnored } from './apply-line.ts';
import { type FindName, findCanonicalName } from './canonical-name.ts';
import { checkHostName } from './check-host-name.ts';
import { DEFAULT_PORT } from './expand-settings.ts';
import { findKeyword } from './keywords/find-keyword.ts';
import { type PlacedLine, readSshConfig } from './read-config.ts';
import { createDraft, type Draft, recordOrigins } from './settings.ts';

/** What the files of ssh are read for. */
export interface FileChoice {
  /** The file of `-F`; undefined: the default ones. */
  readonly file: string | undefined;
  /** The command behind HOST. */
  readonly command: string;
  /** Whether `Port` of the default files applies, too. */
  readonly usesPort: boolean;
  /** Finds an address for CanonicalizeHostname. Default: asks the system. */
  readonly findName?: FindName | undefined;
  /** Is told of each line that is wrong. */
  fail(message: string): void;
}

/** Keywords about ways to log in. rexa has one, so that they could only be refused. */
const WAYS_TO_LOG_IN: readonly string[] = ['PreferredAuthentications', 'PubkeyAuthentication'];

/**
 * Applies the files of ssh_config(5). An address of rexa is checked where a command gets it: it may have blanks.
 * @throws RexaError SSH_CONFIG_INVALID; USAGE, before any file is read, for a HOST that is no name
 */
export function applyFiles(draft: Draft, host: string, choice: FileChoice): void {
  const { settings } = draft;
  if (!isRexaAddress(host)) checkHostName(host);
  readSshConfig(choice.file, {
    host,
    command: choice.command,
    defaultPort: DEFAULT_PORT,
    view: () => settings,
    findCanonicalName: (name) => findCanonicalName(name, settings, choice.findName),
    take: (line) => applyFileLine(draft, line, choice.usesPort),
    fixHostName(name, isCompleted) {
      draft.hasFinalName = true;
      draft.isNamed = settings.hostName !== undefined || isCompleted;
      const [origin] = draft.origins.get('canonicalizeHostname') ?? [];
      settings.hostName = name;
      // Where a configuration of rexa precedes that setting, it precedes the name, too
      if (isCompleted && origin !== undefined) draft.origins.set('hostName', [origin]);
    },
    fail: choice.fail,
    log: (_, message) => void draft.traces.push(message),
  });
}

function applyFileLine(draft: Draft, line: PlacedLine, usesPort: boolean): void {
  const found = findKeyword(line.keyword);
  const place = `${line.file} line ${line.line}`;
  if (found === null) {
    const small = line.keyword.toLowerCase();
    if (!isIgnored(draft, small)) throw usageError(`Bad configuration option: ${small}`);
    draft.traces.push(`${place}: Ignored unknown option "${small}"`);
    return;
  }
  const { keyword, row } = found;
  const isDefault = line.origin !== 'given';
  // What the default files say of these is about sshd
  const isAboutSshd = WAYS_TO_LOG_IN.includes(keyword) || (keyword === 'Port' && !usesPort);
  const applies = line.isActive && !(isDefault && isAboutSshd);
  // A line that does not apply is checked all the same, as ssh does
  const target = applies ? draft : createDraft();
  const writing = { name: `keyword ${keyword}`, place, isDefault };
  if (!applies && (row.fate === 'refused' || WAYS_TO_LOG_IN.includes(keyword))) return;
  // What refuses the connection in a block that does not apply is checked only
  if (!applies && keyword === 'RefuseConnection') return;
  recordOrigins(target, { place, isDefault }, () => applyRow(target, keyword, row, line, writing));
}
