import { RexaError } from '../protocol/errors.ts';
import type { ByMark } from './detect.ts';
import { BINARY, type Encoding, resolveEncoding, UTF8 } from './encoding.ts';

/** What a request means by its encoding, looked up. */
export type EncodingChoice = {
  /** Whether a byte order mark is given out, too. */
  readonly keepsMark: boolean;
} & (
  | { readonly mode: 'host' | 'option'; readonly encoding: Encoding }
  | {
      readonly mode: 'auto';
      /** What is preferred, and what stdin and arguments are written in. */
      readonly host: Encoding;
      readonly others: readonly Encoding[];
      readonly byMark: readonly ByMark[];
    }
);

/** Behind the name of an encoding: its byte order mark is kept. */
const KEEPING_MARK = /\+bom$/i;

/**
 * Looks up what a request asks for: `host`, `auto`, `binary`, or a name; with `+bom` behind it a byte order mark is kept.
 *
 * @param hostName the name of the host's own encoding
 * @throws RexaError ENCODING_UNKNOWN
 */
export async function chooseEncoding(asked: string, hostName: string): Promise<EncodingChoice> {
  const keepsMark = KEEPING_MARK.test(asked);
  const option = asked.replace(KEEPING_MARK, '');
  if (option === 'host') return { mode: 'host', encoding: await resolveHost(hostName), keepsMark };
  if (option !== 'auto') return { mode: 'option', encoding: await resolveEncoding(option), keepsMark };
  const host = await resolveHost(hostName);
  const others = [UTF8, await resolveEncoding('gb18030')].filter(({ name }) => name !== host.name);
  const byMark = [
    { mark: Buffer.of(0xef, 0xbb, 0xbf), encoding: UTF8 },
    { mark: Buffer.of(0xff, 0xfe), encoding: await resolveEncoding('utf16le') },
    { mark: Buffer.of(0xfe, 0xff), encoding: await resolveEncoding('utf16be') },
  ];
  return { mode: 'auto', host, others, byMark, keepsMark };
}

/** Bytes are passed as they are where the host's charset is not supported: its log has said so. */
export async function resolveHost(name: string): Promise<Encoding> {
  try {
    return await resolveEncoding(name);
  } catch (error) {
    if (error instanceof RexaError) return BINARY;
    throw error;
  }
}

/** What stdin, arguments, environment and paths are written in: under `auto` the host's encoding. */
export function inputEncoding(choice: EncodingChoice): Encoding {
  return choice.mode === 'auto' ? choice.host : choice.encoding;
}
