import { styleText } from 'node:util';
import { openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import type { ColorChoice } from '../tables/common.ts';
import type { Paint } from './report/human.ts';

/** Where people read what happens. */
export interface HumanOutput {
  readonly paint: Paint;
  write(text: string): void;
  /** Resolves when all has left. @returns false: the reader has closed it, or it cannot be written */
  flush(): Promise<boolean>;
}

/** @param fd stderr where stdout belongs to a report */
export function createHumanOutput(fd: 1 | 2, color: ColorChoice): HumanOutput {
  let isBroken = false;
  let last: Promise<void> = Promise.resolve();
  return {
    paint: createPaint(fd, color),
    write(text) {
      last = openStandardSink(fd)
        .write(Buffer.from(text))
        .catch(() => {
          isBroken = true;
        });
    },
    async flush() {
      await last;
      return !isBroken;
    },
  };
}

function createPaint(fd: 1 | 2, color: ColorChoice): Paint {
  if (color === 'always') return (style, text) => styleText(style, text, { validateStream: false });
  const stream = color === 'never' ? null : standardTerminal(fd);
  if (stream === null) return (_style, text) => text;
  return (style, text) => styleText(style, text, { stream });
}
