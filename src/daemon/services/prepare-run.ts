import path from 'node:path';
import type { RunFilters } from '../../process/conduct/filters.ts';
import type { StartRequest } from '../../process/runner/runner.ts';
import { defaultInputErrors } from '../../protocol/input-errors.ts';
import { baseEnvironment, loginShell, mergeEnvironment } from '../environment.ts';
import {
  chooseEncoding,
  type EncodingChoice,
  inputEncoding,
  resolveHost,
} from '../transcode/choose-encoding.ts';
import { encodeCommand, type TextCommand } from '../transcode/encode-command.ts';
import { containsAscii, type Encoding, UTF8 } from '../transcode/encoding.ts';
import type { RunRights } from './authorize.ts';
import { createRunFilters } from './run-filters.ts';
import type { SettledRequest } from './settle-request.ts';
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
  request: SettledRequest,
  rights: RunRights,
  { encoding: hostEncoding, lines }: CommandHost,
): Promise<PreparedRun> {
  const output = await chooseEncoding(request.encoding.output, hostEncoding);
  const input = await chooseEncoding(request.encoding.input, hostEncoding);
  const words = await wordEncoding(input, hostEncoding);
  const isUtf8 = inputEncoding(input).kind === 'utf8';
  const command = encodeForHost(request, rights, readCommand(request, rights, isUtf8), words);
  if ('line' in request.command) {
    // What the host has in its files is bytes already
    const encoding = rights.forcedCommand === null ? words : UTF8;
    await lines.check({ text: request.command.line, encoding, shell: command });
  }
  return {
    start: {
      ...command,
      stdin: request.stdin === 'stream' ? 'pipe' : 'none',
      ...(request.terminal === undefined ? {} : { terminal: { ...request.terminal, isUtf8 } }),
    },
    ...createRunFilters(
      output,
      input,
      request.encoding.inputErrors ?? defaultInputErrors(request.terminal !== undefined),
    ),
  };
}

/** What to start, in text. */
interface CommandText {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The name that it finds as its own where that is another one. */
  readonly argv0?: string;
}

type StartWords = Pick<StartRequest, 'file' | 'args' | 'cwd' | 'environment' | 'argv0' | 'shown'>;

function readCommand(request: SettledRequest, rights: RunRights, isUtf8: boolean): CommandText {
  const { terminal } = request;
  const base = { ...baseEnvironment(), ...(terminal && { TERM: terminal.term }) };
  const asked = { ...mergeEnvironment(base, request.env), ...rights.environment };
  const environment = terminal && isUtf8 ? nameCharacters(asked) : asked;
  const cwd = path.resolve(environment['HOME'] ?? '/', request.cwd ?? '.');
  if ('line' in request.command) {
    return { file: loginShell(), args: ['-c', request.command.line], cwd, environment };
  }
  if ('shell' in request.command) {
    const file = loginShell();
    // By this name a shell knows that it is for a login (bash(1), INVOCATION)
    return { file, args: [], cwd, environment, argv0: `-${path.basename(file)}` };
  }
  const [file = '', ...args] = request.command.argv;
  return { file, args, cwd, environment };
}

/** A host without a locale is one of UTF-8 to us; on a terminal its programs have to know it too. */
function nameCharacters(environment: Record<string, string>): Record<string, string> {
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

/** The command in the bytes of its encoding. */
function encodeForHost(
  request: SettledRequest,
  rights: RunRights,
  command: CommandText,
  encoding: Encoding,
): StartWords {
  const encoded = encodeCommand(keepHostWords(request, rights, command), encoding, (index) =>
    'line' in request.command ? 'the command line' : `argument ${index + 1}`,
  );
  const { file, cwd, argv0 } = command;
  // Text is given as UTF-8; half a character, which would be replaced, has just been refused
  if (encoding.kind === 'utf8' || encoding.kind === 'binary') {
    return { ...command, environment: Object.entries(command.environment) };
  }
  return { ...encoded, ...(argv0 === undefined ? {} : { argv0 }), shown: { file, cwd } };
}

/** What the host says is bytes already: only the client's words are encoded, and half a character is refused. */
function keepHostWords(request: SettledRequest, rights: RunRights, command: CommandText): TextCommand {
  const isText = (name: string, value: string): boolean =>
    Object.hasOwn(rights.environment, name) ? !value.isWellFormed() : Object.hasOwn(request.env, name);
  const environment = Object.entries(command.environment).map(
    ([name, value]) => [name, isText(name, value) ? value : Buffer.from(value)] as const,
  );
  return {
    file: 'argv' in request.command ? command.file : Buffer.from(command.file),
    args:
      rights.forcedCommand === null ? command.args : command.args.map((argument) => Buffer.from(argument)),
    cwd: request.cwd === undefined ? Buffer.from(command.cwd) : command.cwd,
    environment: Object.fromEntries(environment),
  };
}
