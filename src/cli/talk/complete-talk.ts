/** The words that begin a command. */
const COMMANDS = ['/who', '/me', '/nick', '/quit', '/help'];

/** What Tab makes of the text before the cursor. */
export interface TalkCompletion {
  readonly before: string;
  /** More than one word is meant: what is to choose from. */
  readonly choices: readonly string[];
}

/**
 * Completes a name of a member, also behind `@`, or at the beginning of the text a command.
 * @returns null: there is nothing to complete
 */
export function completeTalk(before: string, names: Iterable<string>): TalkCompletion | null {
  const [word = ''] = /\S*$/.exec(before) ?? [];
  const start = before.slice(0, before.length - word.length);
  const isFirst = start === '';
  const mark = word.startsWith('@') ? '@' : '';
  const wanted = word.slice(mark.length).toLowerCase();
  if (isFirst && word.startsWith('/')) return complete(start, COMMANDS, (name) => name.startsWith(word), ' ');
  // The ~ of a peer is not typed
  const isMeant = (name: string): boolean =>
    [name, name.replace(/^~/, '')].some((each) => each.toLowerCase().startsWith(wanted));
  return complete(`${start}${mark}`, [...names].toSorted(), isMeant, isFirst && mark === '' ? ': ' : ' ');
}

function complete(
  start: string,
  words: readonly string[],
  isMeant: (word: string) => boolean,
  end: string,
): TalkCompletion | null {
  const meant = words.filter(isMeant);
  const [first] = meant;
  if (first === undefined) return null;
  if (meant.length === 1) return { before: `${start}${first}${end}`, choices: [] };
  return { before: `${start}${commonStart(meant)}`, choices: meant };
}

function commonStart(words: readonly string[]): string {
  const [first = '', ...others] = words;
  let length = 0;
  for (const character of first) {
    const next = first.slice(0, length + character.length);
    if (!others.every((word) => word.startsWith(next))) break;
    length = next.length;
  }
  return first.slice(0, length);
}
