import path from 'node:path';
import { usageError } from '../../command-line/usage-error.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { readByteText } from '../../protocol/byte-text.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_INCLUDE_DEPTH } from '../limits.ts';
import { isRexaAddress, lowerName } from './address-of.ts';
import { invalid } from './config-error.ts';
import { type ConfigLine, readConfigLine } from './config-line.ts';
import { expandCommand, expandHostName, expandPath, makeTokens, type TokenSource } from './expand-path.ts';
import { globPaths } from './glob-paths.ts';
import { KNOWN_OPENSSH } from './known-version.ts';
import { decideMatch, type MatchFacts } from './match-line.ts';
import { matchesHostLine } from './patterns.ts';
import { readConfigText } from './read-text.ts';
import { runCondition } from './run-condition.ts';

/** Where a line comes from: the file of `-F`, or one of those that ssh reads by default. */
export type LineOrigin = 'given' | 'user' | 'system';

/** A line of a file, and where it is. */
export interface PlacedLine extends ConfigLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly origin: LineOrigin;
  /** Whether its block applies to the host. A line that does not apply is checked all the same. */
  readonly isActive: boolean;
}

/** What the files have said so far, as conditions and tokens need it. */
export interface ConfigView
  extends Partial<Pick<TokenSource, 'user' | 'port' | 'hostKeyAlias' | 'proxyJump'>> {
  readonly canonicalizeHostname?: 'yes' | 'always' | 'no';
  readonly hostName?: string;
  readonly tag?: string;
  readonly sessionType?: MatchFacts['sessionType'];
}

/** Who the files are read for. */
export interface ConfigReader {
  /** HOST as it was written. */
  readonly host: string;
  /** The command behind HOST. */
  readonly command: string;
  /** The port where none is said. */
  readonly defaultPort: number;
  view(): ConfigView;
  /**
   * Takes a line that is neither Host, Match nor Include.
   * @throws RexaError with a sentence about the line
   */
  take(line: PlacedLine): void;
  /** @throws RexaError SSH_CONFIG_INVALID */
  findCanonicalName(name: string): string;
  /** Takes over the final name of the host before the files are read again. @param isCompleted by CanonicalizeHostname */
  fixHostName(name: string, isCompleted: boolean): void;
  /** Is told of each line that is wrong: `FILE line N: …`, as ssh words it. */
  fail(message: string): void;
  /** Is told what ssh tells at this level of `-v`. */
  log(level: 1 | 2 | 3, message: string): void;
}

/** One reading of the files. */
interface Pass {
  readonly reader: ConfigReader;
  /** What `Host` is compared with. */
  readonly host: string;
  readonly isFinal: boolean;
  wantsFinal: boolean;
}

/** A file that is being read. */
interface OpenFile {
  readonly pass: Pass;
  readonly origin: LineOrigin;
  readonly file: string;
  readonly depth: number;
  /** Whether nothing in it can apply, since its Include is in a block that does not. */
  readonly isDead: boolean;
  isActive: boolean;
}

const SYSTEM_FOLDER = '/etc/ssh';

/**
 * Reads the files of ssh_config(5): that of `-F`, or the user's and then the system's. They are read a second time if a
 * `Match final` asks for it.
 * @param file of `-F`; `none`: no file; undefined: the default ones
 * @throws RexaError SSH_CONFIG_INVALID, after each wrong line was told to the reader
 */
export function readSshConfig(file: string | undefined, reader: ConfigReader): void {
  const first: Pass = { reader, host: reader.host, isFinal: false, wantsFinal: false };
  readAll(file, first);
  const { canonicalizeHostname = 'no' } = reader.view();
  if (!first.wantsFinal && canonicalizeHostname === 'no') return;
  const given = lowerName(currentHost(first));
  const name = isRexaAddress(given) ? given : reader.findCanonicalName(given);
  reader.log(1, 're-parsing configuration');
  reader.fixHostName(name, name !== given);
  readAll(file, { reader, host: name, isFinal: true, wantsFinal: false });
}

function readAll(given: string | undefined, pass: Pass): void {
  if (given?.toLowerCase() === 'none') return;
  const start = { pass, depth: 0, isDead: false, isActive: true };
  if (given !== undefined) {
    readFile({ ...start, file: given, origin: 'given' });
    return;
  }
  readFile({ ...start, file: path.join(homeFolder(), '.ssh', 'config'), origin: 'user' });
  readFile({ ...start, file: path.join(SYSTEM_FOLDER, 'ssh_config'), origin: 'system' });
}

/** @throws RexaError SSH_CONFIG_INVALID */
function readFile(open: OpenFile): void {
  const { file, pass, depth } = open;
  if (depth > MAX_INCLUDE_DEPTH) throw invalid('Too many recursive configuration includes');
  const bytes = readConfigText(file, { ...open, isIncluded: depth > 0 });
  if (bytes === null) return;
  pass.reader.log(1, `Reading configuration data ${file}`);
  let bad = 0;
  for (const [index, text] of readByteText(bytes).split('\n').entries()) {
    try {
      readLine(open, text, index + 1);
    } catch (error) {
      if (!(error instanceof RexaError) || error.code !== 'USAGE') throw error;
      pass.reader.fail(`${file} line ${index + 1}: ${error.message}`);
      bad++;
    }
  }
  // -F named rexa's configuration once
  const hint = /\.ya?ml$/i.test(file) ? '; --config names a configuration of rexa' : '';
  if (bad > 0) throw invalid(`${file}: terminating, ${bad} bad configuration options${hint}`);
}

/** @throws RexaError USAGE with a sentence about the line */
function readLine(open: OpenFile, text: string, line: number): void {
  const found = readConfigLine(text);
  if (found === null) return;
  const { pass, file, origin } = open;
  if (found.text === '') throw usageError(`no argument after keyword "${found.keyword.toLowerCase()}"`);
  switch (found.keyword.toLowerCase()) {
    case 'host':
      refuseEmpty(found);
      open.isActive = !open.isDead && matchesHostLine(found.words, pass.host);
      return;
    case 'match': {
      const { matches, wantsFinal } = decideMatch(found.words, factsOf(pass, `${file} line ${line}`));
      pass.wantsFinal ||= wantsFinal;
      open.isActive = !open.isDead && matches;
      return;
    }
    case 'include':
      refuseEmpty(found);
      for (const word of found.words) include(open, word, line);
      return;
    default:
      pass.reader.take({ ...found, file, line, origin, isActive: open.isActive });
  }
}

function refuseEmpty({ keyword, words }: ConfigLine): void {
  if (words.includes('')) throw usageError(`keyword ${keyword.toLowerCase()} empty argument`);
}

function include(open: OpenFile, word: string, line: number): void {
  const { pass, origin } = open;
  if (word.startsWith('~') && origin === 'system') throw usageError(`bad include path ${word}.`);
  const expanded = expandPath(word, tokensOf(pass));
  const base = origin === 'system' ? SYSTEM_FOLDER : path.join(homeFolder(), '.ssh');
  const files = globPaths(path.resolve(base, expanded));
  if (files.length === 0)
    pass.reader.log(1, `${open.file} line ${line}: include ${expanded} matched no files`);
  for (const file of files) {
    readFile({ ...open, file, depth: open.depth + 1, isDead: !open.isActive });
  }
}

/** The host as it is reached by what was read so far. */
function currentHost({ reader, isFinal }: Pick<Pass, 'reader' | 'isFinal'>): string {
  const { hostName } = reader.view();
  if (hostName === undefined) return reader.host;
  return isFinal ? hostName : expandHostName(reader.host, hostName);
}

function tokensOf(pass: Pass) {
  const { reader } = pass;
  const hostName = currentHost(pass);
  const { user, port = reader.defaultPort, hostKeyAlias = hostName, proxyJump } = reader.view();
  return makeTokens({ host: reader.host, hostName, port, user, hostKeyAlias, proxyJump });
}

function factsOf(pass: Pass, place: string): MatchFacts {
  const { reader, isFinal } = pass;
  const { tag = '', sessionType = 'default' } = reader.view();
  return {
    originalHost: reader.host,
    host: currentHost(pass),
    user: reader.view().user ?? tokensOf(pass)['u'] ?? '',
    tag,
    command: reader.command,
    sessionType,
    version: KNOWN_OPENSSH,
    isFinal,
    execute(command) {
      const expanded = expandCommand(command, tokensOf(pass));
      reader.log(1, `Executing command: '${expanded}'`);
      return runCondition(expanded, place);
    },
  };
}
