/** The entries of the history, oldest first, and the place in it that is looked at. */
export interface HistoryWalk {
  readonly entries: readonly string[];
  /** `entries.length` is the line that is being written. */
  readonly place: number;
  /** What was being written when the walk began. */
  readonly draft: string;
}

export function startWalk(entries: readonly string[]): HistoryWalk {
  return { entries, place: entries.length, draft: '' };
}

/** The entry before or behind; null where there is none. @param text what is being looked at now */
export function walk(
  history: HistoryWalk,
  step: -1 | 1,
  text: string,
): { readonly walk: HistoryWalk; readonly text: string } | null {
  const place = history.place + step;
  if (place < 0 || place > history.entries.length) return null;
  const draft = history.place === history.entries.length ? text : history.draft;
  const found = place === history.entries.length ? draft : (history.entries[place] ?? '');
  return { walk: { ...history, place, draft }, text: found };
}

/** A search for the entries that hold a text, as by Ctrl-R. */
export interface HistorySearch {
  readonly wanted: string;
  /** Index of the entry that was found; null: none. */
  readonly found: number | null;
  /** The text that is put back when the search is given up. */
  readonly before: string;
}

/**
 * The next entry that holds the text, going back or forth; nothing that looks like what is shown already.
 * @param from where the search goes on; the entry there is not looked at
 */
export function findEntry(
  entries: readonly string[],
  wanted: string,
  from: number,
  step: -1 | 1,
  shown: string | null,
): number | null {
  if (wanted === '') return null;
  for (let at = from + step; at >= 0 && at < entries.length; at += step) {
    const entry = entries[at] ?? '';
    if (entry.includes(wanted) && entry !== shown) return at;
  }
  return null;
}
