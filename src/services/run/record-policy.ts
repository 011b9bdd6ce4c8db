import path from 'node:path';
import { homeFolder } from '../../places/home-folder.ts';
import { recordingsFolder } from '../../places/local-socket.ts';
import { RexaError } from '../../protocol/errors.ts';

/** Which terminals a daemon records: all, none, or those whose clients ask for it. */
export type RecordPolicy = 'always' | 'never' | 'client';

/**
 * Decides where a terminal is recorded.
 * @param asked the file that the client asks for; null: one that is named here; undefined: it does not ask
 * @param name what such a file is named after
 * @returns null: it is not recorded
 * @throws RexaError RECORDING_REFUSED
 */
export function chooseRecording(
  policy: RecordPolicy,
  asked: string | null | undefined,
  name: string,
): string | null {
  if (asked === undefined && policy !== 'always') return null;
  if (policy === 'never') throw new RexaError('RECORDING_REFUSED', []);
  if (typeof asked === 'string') return path.resolve(homeFolder(), asked);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return path.join(recordingsFolder(), `${name}-${time}-${process.pid}-${count++}.cast`);
}

/** Two terminals may begin in one second. */
let count = 0;
