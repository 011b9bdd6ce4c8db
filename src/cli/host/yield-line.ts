import type { OpenOptions } from '../../client/open-host.ts';
import type { ShownLine } from './connection-line.ts';

/** A line that is not shown. */
export const NO_LINE: ShownLine = { show() {}, hide() {} };

/**
 * Returns options of which each question and message takes a line back before it comes to the same terminal. While a
 * passphrase opens its key, which takes a moment, the line says so.
 */
export function yieldLine({ show, hide }: ShownLine, options: OpenOptions): OpenOptions {
  const { askHost, passphrase, log, warn } = options;
  const before = <Args extends unknown[], Value>(tell: (...args: Args) => Value) => {
    return (...args: Args): Value => {
      hide();
      return tell(...args);
    };
  };
  return {
    ...options,
    ...(askHost === undefined ? {} : { askHost: before(askHost) }),
    ...(typeof passphrase === 'function'
      ? {
          async passphrase(question) {
            hide();
            const answer = await passphrase(question);
            // Taken back by the next message of the log, shown or not
            if (answer !== null) show(`unlocking ${question.file}`);
            return answer;
          },
        }
      : {}),
    ...(log === undefined ? {} : { log: before(log) }),
    ...(warn === undefined ? {} : { warn: before(warn) }),
  };
}
