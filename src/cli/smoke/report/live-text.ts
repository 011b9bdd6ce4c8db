import { cutToColumns, measureText } from '../../line-shell/editor/graphemes.ts';
import { showWhole } from './human.ts';

/** What runs at the moment, and how much is over. */
export interface LiveState {
  readonly done: number;
  readonly total: number;
  /** What runs, the longest first. */
  readonly running: readonly { readonly name: string; readonly sinceMs: number }[];
}

const SECOND_MS = 1000;
const BETWEEN = '  ';

/** Returns one line of at most so many columns: `3/40  [web1] echo hello 12 s  [web2] uptime  and 5 more`. */
export function writeLiveText({ done, total, running }: LiveState, nowMs: number, columns: number): string {
  const parts = running.map(({ name, sinceMs }) => {
    const seconds = Math.floor((nowMs - sinceMs) / SECOND_MS);
    return BETWEEN + showWhole(name) + (seconds > 0 ? ` ${seconds} s` : '');
  });
  let line = `${done}/${total}`;
  for (const [index, part] of parts.entries()) {
    const left = parts.length - index - 1;
    const more = left === 0 ? '' : `${BETWEEN}and ${left} more`;
    if (index > 0 && measureText(line + part + more) > columns)
      return cutToColumns(`${line}${BETWEEN}and ${left + 1} more`, columns);
    line += part;
  }
  return cutToColumns(line, columns);
}
