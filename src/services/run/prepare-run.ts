import { isUtf8 as isUtf8Bytes } from 'node:buffer';
import path from 'node:path';
import type { RunFilters } from '../../process/conduct/filters.ts';
import type { StartRequest } from '../../process/runner/runner.ts';
import { wordBinary } from '../../process/runner/words.ts';
import { defaultInputErrors } from '../../protocol/input-errors.ts';
import { describeWord, readWord, type WireWord, type Word } from '../../protocol/word.ts';
import {
  chooseEncoding,
  type EncodingChoice,
  inputEncoding,
  resolveHost,
} from '../../transcode/choose-encoding.ts';
import { encodeCommand, type TextCommand } from '../../transcode/encode-command.ts';
import { containsAscii, type Encoding, UTF8 } from '../../transcode/encoding.ts';
import { baseEnvironment, loginShell, mergeEnvironment } from './environment.ts';
import type { ResolvedRequest, RunRights } from './resolve-request.ts';
import { createRunFilters } from './run-filters.ts';
import type { LineGuard } from './shell-line.ts';

/** A request with everything decided: what to start, and how to read and write its streams. */
export interface PreparedRun extends RunFilters {
  /** All but the mark of its processes. */
  readonly start: Omit<StartRequest, 'runId'>;
}

/** What is known of the host that commands run on. */
export interface CommandHost {
  /** The name of the encoding that `host` means. */
  readonly encoding: string;
  readonly lines: LineGuard;
}

/**
 * Decides everything about a run before anything of it happens.
 * @throws RexaError ENVIRONMENT_REFUSED, ENCODING_UNKNOWN, UNMAPPABLE, LINE_MISREAD
 */
export async function prepareRun(
  request: ResolvedRequest,
  rights: RunRights,
  { encoding: hostEncoding, lines }: CommandHost,
): Promise<PreparedRun> {
  const output = await chooseEncoding(request.encoding.output, hostEncoding);
  const input = await chooseEncoding(request.encoding.input, hostEncoding);
  const words = await wordEncoding(input, hostEncoding);
  const isUtf8 = inputEncoding(input).kind === 'utf8';
  const command = encodeForHost(readCommand(request, rights, isUtf8), 'line' in request.command, words);
  if ('line' in request.command)
    await checkLine(request.command.line, rights, { words, lines, shell: command });
  return {
    start: {
      ...command,
      stdin: request.stdin === 'stream' ? 'pipe' : 'none',
      ...(request.stderr === 'stdout' ? { stderr: 'stdout' } : {}),
      ...readStdio(request.stdio ?? {}),
      ...(request.terminal === undefined ? {} : { terminal: { ...request.terminal, isUtf8 } }),
    },
    ...createRunFilters(
      output,
      input,
      request.encoding.inputErrors ?? defaultInputErrors(request.terminal !== undefined),
    ),
  };
}

/** What a request says of descriptors above 0, in the runner's words. */
function readStdio(
  stdio: NonNullable<ResolvedRequest['stdio']>,
): Pick<StartRequest, 'discarded' | 'descriptors'> {
  const discarded = OUTPUTS.filter((_, index) => stdio[index + 1] === 'null');
  const descriptors = Object.entries(stdio)
    .filter(([number, kind]) => Number(number) > OUTPUTS.length && kind === 'stream')
    .map(([number]) => Number(number));
  return {
    ...(discarded.length === 0 ? {} : { discarded }),
    ...(descriptors.length === 0 ? {} : { descriptors }),
  };
}

/** The descriptors 1 and 2. */
const OUTPUTS = ['stdout', 'stderr'] as const;

/** Bytes of a client are what it has written for that shell: only text may gain a meaning by its encoding. */
async function checkLine(
  line: WireWord,
  { forcedCommand }: RunRights,
  { words, lines, shell }: { words: Encoding; lines: LineGuard; shell: StartWords },
): Promise<void> {
  // What the host has in its files is bytes already
  if (forcedCommand !== null) return lines.check({ text: forcedCommand, encoding: UTF8, shell });
  if (typeof line === 'string') await lines.check({ text: line, encoding: words, shell });
}

/** A command as it was asked for; its folder is relative to the home folder. */
type AskedCommand = TextCommand & Pick<StartRequest, 'argv0'>;

type StartWords = Pick<StartRequest, 'file' | 'args' | 'cwd' | 'environment' | 'argv0' | 'shown'>;

function readCommand(request: ResolvedRequest, rights: RunRights, isUtf8: boolean): AskedCommand {
  const { terminal } = request;
  const base = { ...baseEnvironment(), ...(terminal && { TERM: terminal.term }) };
  const asked = { ...mergeEnvironment(base, request.env), ...rights.environment };
  const named = terminal && isUtf8 ? nameCharacters(asked) : asked;
  const cwd = readWord(request.cwd ?? '.');
  const environment =
    request.localPrograms === undefined ? named : addLocalPrograms(named, readWord(request.localPrograms));
  if ('line' in request.command) {
    return { file: loginShell(), args: ['-c', readWord(request.command.line)], cwd, environment };
  }
  if ('shell' in request.command) {
    const file = loginShell();
    // By this name a shell knows that it is for a login (bash(1), INVOCATION)
    return { file, args: [], cwd, environment, argv0: `-${path.basename(file)}` };
  }
  const [file = '', ...args] = request.command.argv.map(readWord);
  const titled = request.argv0 === undefined ? {} : { argv0: readWord(request.argv0) };
  return { file, args, cwd, environment, ...titled };
}

/** As npm has it: node_modules/.bin of a folder and of those above it stand in front of the PATH. */
function addLocalPrograms(environment: Record<string, Word>, folder: Word): Record<string, Word> {
  const folders = [wordBinary(resolveFolder(folder))];
  for (let up = path.dirname(folders[0] ?? '/'); up !== folders.at(-1); up = path.dirname(up))
    folders.push(up);
  const found = folders.map((each) => path.join(each, 'node_modules/.bin'));
  const others = wordBinary(environment['PATH'] ?? '');
  const PATH = Buffer.from([...found, ...(others === '' ? [] : [others])].join(path.delimiter), 'latin1');
  return { ...environment, PATH: isUtf8Bytes(PATH) ? PATH.toString() : PATH };
}

/** A host without a locale is one of UTF-8 to us; on a terminal its programs have to know it too. */
function nameCharacters(environment: Record<string, Word>): Record<string, Word> {
  const isNamed = ['LC_ALL', 'LC_CTYPE', 'LANG'].some((name) => environment[name]);
  return isNamed || process.platform !== 'linux' ? environment : { ...environment, LC_CTYPE: 'C.UTF-8' };
}

/**
 * What arguments, environment and folder are written in. UTF-16 and UTF-32 are for streams: no program is called in
 * them, so words are then written as the host's others are.
 */
async function wordEncoding(input: EncodingChoice, hostEncoding: string): Promise<Encoding> {
  if (containsAscii(inputEncoding(input))) return inputEncoding(input);
  const host = await resolveHost(hostEncoding);
  return containsAscii(host) ? host : UTF8;
}

/** The command in its encoding. */
function encodeForHost({ argv0, ...command }: AskedCommand, isLine: boolean, encoding: Encoding): StartWords {
  const encoded = encodeCommand(command, encoding, (index) =>
    isLine ? 'the command line' : `argument ${index + 1}`,
  );
  const named = argv0 === undefined ? {} : { argv0 };
  const environment = Object.entries(command.environment);
  const cwd = resolveFolder(command.cwd);
  // Text is given as UTF-8; half a character, which would be replaced, has just been refused
  if (encoding.kind === 'utf8' || encoding.kind === 'binary')
    return { ...command, ...named, cwd, environment };
  const shown = { file: describeWord(command.file), cwd: describeWord(cwd) };
  return { ...encoded, ...named, cwd: resolveFolder(encoded.cwd), shown };
}

/** The folder that is meant, from the account's home folder on, whatever HOME the client sets. Bytes are put together as such: in no charset are they a slash. */
function resolveFolder(cwd: Word): Word {
  const home = baseEnvironment()['HOME'] ?? '/';
  if (typeof home === 'string' && typeof cwd === 'string') return path.resolve(home, cwd);
  return Buffer.from(path.resolve(wordBinary(home), wordBinary(cwd)), 'latin1');
}
