import { escapeJson } from '../protocol/show-text.ts';

/** The supervisor's log: lines on stderr, which is a file. Without a library, since the supervisor is to be small. */
export type Log = (message: string, facts?: Readonly<Record<string, unknown>>) => void;

export const log: Log = (message, facts = {}) => {
  const rest = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  process.stderr.write(escapeJson(`${new Date().toISOString()} supervisor ${message}${rest.join('')}\n`));
};
