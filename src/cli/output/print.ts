import { writeByteText } from '../../protocol/byte-text.ts';
import { EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { openStandardSink } from './standard-streams.ts';

/**
 * Writes a text of our own (byte text, see `readByteText`) to stdout and waits until it has left.
 * @returns the exit status: not 0 when the reader has closed it
 * @throws Error of the system, as on a full disk
 */
export async function print(text: string): Promise<number> {
  try {
    await openStandardSink(1).write(writeByteText(text));
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return EXIT_STDOUT_CLOSED;
    throw error;
  }
}
