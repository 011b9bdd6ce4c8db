import { RexaError } from '../protocol/errors.ts';
import { encodeText } from './encode-text.ts';
import { containsAscii, type Encoding } from './encoding.ts';

/**
 * What to start, in text. What the host itself says (its home folder, its own environment) is given as bytes and is
 * not encoded.
 */
export interface TextCommand {
  readonly file: string | Uint8Array;
  readonly args: readonly (string | Uint8Array)[];
  /** An absolute path. */
  readonly cwd: string | Uint8Array;
  readonly environment: Readonly<Record<string, string | Uint8Array>>;
}

/** What to start, in the bytes that the program is to be given. */
export interface EncodedCommand {
  readonly file: Uint8Array;
  readonly args: readonly Uint8Array[];
  readonly cwd: Uint8Array;
  readonly environment: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
}

/**
 * The bytes of a command in its run's encoding.
 *
 * @param nameArgument how an error speaks of an argument: `argument 2`, or `the command line`
 * @throws RexaError ENCODING_WITHOUT_ASCII, ARGUMENT_INVALID for a NUL, UNMAPPABLE
 */
export function encodeCommand(
  command: TextCommand,
  encoding: Encoding,
  nameArgument = (index: number): string => `argument ${index + 1}`,
): EncodedCommand {
  if (!containsAscii(encoding)) throw new RexaError('ENCODING_WITHOUT_ASCII', [encoding.name]);

  function encode(part: string | Uint8Array, what: string): Uint8Array {
    const bytes = typeof part === 'string' ? encodeText(part, encoding, what) : part;
    if (bytes.includes(0)) throw new RexaError('ARGUMENT_INVALID', [what]);
    return bytes;
  }

  return {
    file: encode(command.file, 'the program'),
    args: command.args.map((argument, index) => encode(argument, nameArgument(index))),
    cwd: encode(command.cwd, 'the working directory'),
    environment: Object.entries(command.environment).map(([name, value]) => {
      const what = `the environment variable ${name}`;
      return [encode(name, what), encode(value, what)] as const;
    }),
  };
}
