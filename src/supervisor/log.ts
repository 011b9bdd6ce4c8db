import { escapeJson } from '../protocol/show-text.ts';
import { createLineAppender } from '../runtime/append-lines.ts';

/** The supervisor's log: lines on stderr, which is a file. Without a library, since the supervisor is to be small. */
export type Log = (message: string, facts?: Readonly<Record<string, unknown>>) => void;

const append = createLineAppender(2);

export const log: Log = (message, facts = {}) => {
  const rest = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  try {
    append(escapeJson(`${new Date().toISOString()} supervisor ${message}${rest.join('')}`));
  } catch {
    // A full disk costs lines of the log and no job: process.stderr would end the process
  }
};
