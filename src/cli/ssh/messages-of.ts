import fs from 'node:fs';
import type { LogLevel, SshSettings } from '../../config/ssh/settings.ts';
import { createMessages, type MessageOptions, type Messages } from '../output/messages.ts';
import { openOutputFile } from '../output/output-file.ts';

const LEVELS: Readonly<Record<LogLevel, Pick<MessageOptions, 'q' | 'v'>>> = {
  QUIET: { q: true, v: 0 },
  FATAL: { q: true, v: 0 },
  ERROR: { q: true, v: 0 },
  INFO: { q: false, v: 0 },
  VERBOSE: { q: false, v: 1 },
  DEBUG: { q: false, v: 1 },
  DEBUG1: { q: false, v: 1 },
  DEBUG2: { q: false, v: 2 },
  DEBUG3: { q: false, v: 3 },
};

/**
 * How much is said, and where to.
 * @param file of `-E`: appended to
 * @throws RexaError USAGE for a file that cannot be written
 */
export function messagesOf(
  { logLevel = 'INFO' }: Pick<SshSettings, 'logLevel'>,
  color: MessageOptions['color'],
  file: string | undefined,
): Messages {
  const level = LEVELS[logLevel];
  // As in ssh, not even errors: the exit status is all that there is
  if (logLevel === 'QUIET') return createMessages({ ...level, color }, () => undefined);
  if (file === undefined) return createMessages({ ...level, color });
  const descriptor = openOutputFile('-E', file, 'a', 0o600);
  return createMessages({ ...level, color: 'never' }, (line) => fs.writeSync(descriptor, line));
}
