/** Where the cursor stands, counted from 1. */
export interface CursorPlace {
  readonly row: number;
  readonly column: number;
}

/** Asks our terminal for its cursor, and takes the answer out of what is typed. */
export interface CursorQuestion {
  /** Resolves with the next answer; null when none comes in time. The question itself is written by the caller. */
  ask(): Promise<CursorPlace | null>;
  /** @returns the keys without the answer */
  take(keys: Uint8Array): Uint8Array;
}

/** DSR 6. */
export const ASK_CURSOR = '\x1b[6n';
/** CPR: a terminal writes it at once, so that it is never cut. */
const ANSWER = new RegExp(String.raw`${'\x1b'}\[(\d{1,5});(\d{1,5})R`);
/** A terminal at the other end of a slow line still answers in this time; one that knows no question never does. */
const ANSWER_MS = 500;

export function createCursorQuestion(): CursorQuestion {
  /** Those who wait for an answer, in the order of their questions; also who has given up, since its answer may still come. */
  const asked: ((place: CursorPlace | null) => void)[] = [];

  return {
    ask() {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, ANSWER_MS, null);
        asked.push((place) => {
          clearTimeout(timer);
          resolve(place);
        });
      });
    },
    take(keys) {
      if (asked.length === 0) return keys;
      let text = Buffer.from(keys).toString('latin1');
      for (let found = ANSWER.exec(text); found !== null && asked.length > 0; found = ANSWER.exec(text)) {
        asked.shift()?.({ row: Number(found[1]), column: Number(found[2]) });
        text = text.replace(found[0], '');
      }
      return Buffer.from(text, 'latin1');
    },
  };
}
