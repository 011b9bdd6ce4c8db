import pino from 'pino';
import { escapeJson } from '../protocol/show-text.ts';
import type { Log } from '../runtime/log.ts';

/** `pretty`: for people, a line each; `json`: for machines, an object a line. */
export type LogFormat = 'pretty' | 'json';

export function createLog(format: LogFormat): Log {
  const stderr = pino.destination({ fd: 2, sync: true });
  // A full disk, or a terminal that is gone, costs lines of the log and no command.
  stderr.on('error', () => {});
  const write = format === 'json' ? escapeJson : (line: string) => escapeJson(prettify(line));
  const destination = { write: (line: string) => stderr.write(write(line)) };
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    info: (message, facts = {}) => logger.info(facts, message),
    warn: (message, facts = {}) => logger.warn(facts, message),
    error: (message, facts = {}) => logger.error(facts, message),
  };
}

/** JSON has escaped what came from elsewhere; it stays escaped. */
function prettify(line: string): string {
  const { level, time, msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(time)} ${String(level).padEnd(5)} ${JSON.stringify(msg).slice(1, -1)}${rest.join('')}\n`;
}
