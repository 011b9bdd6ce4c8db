import { writeByteText } from '../../protocol/byte-text.ts';
import { openStandardSink } from './standard-streams.ts';

/**
 * Writes a text of our own (byte text, see `readByteText`) to stdout and waits until it has left.
 * @returns false when the reader has closed it
 * @throws Error of the system, as on a full disk
 */
export async function writeStandardOutput(text: string): Promise<boolean> {
  try {
    await openStandardSink(1).write(writeByteText(text));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return false;
    throw error;
  }
}
