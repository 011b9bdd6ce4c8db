import { text } from 'node:stream/consumers';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_AUTHORIZED_KEYS_BYTES } from '../../protocol/limits.ts';
import { openStandardInput } from '../output/standard-streams.ts';

/** All of stdin. @throws RexaError AUTH_FILE_TOO_LARGE */
export async function readStdin(): Promise<string> {
  const whole = await text(openStandardInput());
  if (whole.length > MAX_AUTHORIZED_KEYS_BYTES)
    throw new RexaError('AUTH_FILE_TOO_LARGE', ['stdin', MAX_AUTHORIZED_KEYS_BYTES]);
  return whole;
}

/** The lines that say something, without comments. */
export function listLines(whole: string): readonly string[] {
  return whole
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
