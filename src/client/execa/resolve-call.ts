import { inspect } from 'node:util';
import type { RunOptions } from '../run-types.ts';
import type { ExecaOptions } from './execa-options.ts';

/** What is run, in rexa's words. */
interface CallWords {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: Partial<RunOptions>;
}

/** execa's encodings that are about bytes, not about text: what the command writes is not to be changed. */
const BYTE_ENCODINGS: readonly string[] = [
  'buffer',
  'hex',
  'base64',
  'base64url',
  'latin1',
  'ascii',
  'utf16le',
];

/** @throws TypeError with the codes of Node's own */
export function resolveCallWords(file: string, args: readonly string[], options: ExecaOptions): CallWords {
  checkKinds(file, options);
  const { shell, argv0, hostEncoding, id, lifetime, preferLocal, localDirectory, forceKillAfterDelay } =
    options;
  const output =
    (hostEncoding as string | undefined) ?? (BYTE_ENCODINGS.includes(options.encoding) ? 'binary' : 'host');
  const called = shell ? ['-c', file] : args;
  return {
    file: shell ? (shell === true ? '/bin/sh' : shell) : file,
    args: called,
    options: {
      encoding: output,
      inputEncoding: (hostEncoding as string | undefined) ?? 'host',
      argv0: argv0 as RunOptions['argv0'],
      id: id as RunOptions['id'],
      lifetime: lifetime as RunOptions['lifetime'],
      localPrograms: preferLocal ? String(localDirectory) : undefined,
      forceKillAfterDelay: forceKillAfterDelay === false ? undefined : forceKillAfterDelay,
    },
  };
}

/** As Node's own spawn has it. */
function checkKinds(file: string, { argv0, detached, windowsHide, shell, uid, gid }: ExecaOptions): void {
  if (file.length === 0)
    throw nodeError('ERR_INVALID_ARG_VALUE', "The argument 'file' cannot be empty. Received ''");
  const wanted: readonly (readonly [name: string, value: unknown, kinds: readonly string[]])[] = [
    ['argv0', argv0, ['string']],
    ['detached', detached, ['boolean']],
    ['windowsHide', windowsHide, ['boolean']],
    ['shell', shell, ['boolean', 'string']],
    ['uid', uid, ['int32']],
    ['gid', gid, ['int32']],
  ];
  for (const [name, value, kinds] of wanted) {
    if (value === undefined || value === null || kinds.includes(typeof value)) continue;
    throw nodeError(
      'ERR_INVALID_ARG_TYPE',
      `The "options.${name}" property must be of type ${kinds.join(' or ')}. Received type ${typeof value} (${inspect(value)})`,
    );
  }
}

/** An error as Node's own functions throw it. */
export function nodeError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

/** As Node has it: undefined takes a variable away, all others are text. */
export function resolveEnvironment(env: ExecaOptions['env']): Record<string, string | undefined> {
  // Inherited ones count too, as in Node
  const variables: [string, string | undefined][] = [];
  for (const name in env) variables.push([name, env[name] === undefined ? undefined : String(env[name])]);
  return Object.fromEntries(variables);
}
