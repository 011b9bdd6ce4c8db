/**
 * Characters that tables of the same charset disagree about, and others with the same code: Unicode's own tables and those of
 * Windows differ in these. An encoding has one of each, and takes the others for it.
 */
const SAME_CODE: Readonly<Record<string, string>> = {
  '\u301C': '\uFF5E', // wave dash
  '\uFF5E': '\u301C\u223C',
  '\u223C': '\uFF5E',
  '\u2016': '\u2225', // double vertical line
  '\u2225': '\u2016',
  '\u2212': '\uFF0D', // minus
  '\uFF0D': '\u2212',
  '\u00A2': '\uFFE0', // cent
  '\uFFE0': '\u00A2',
  '\u00A3': '\uFFE1', // pound
  '\uFFE1': '\u00A3',
  '\u00AC': '\uFFE2', // not
  '\uFFE2': '\u00AC',
  '\u00A6': '\uFFE4', // broken bar
  '\uFFE4': '\u00A6',
  '\u2014': '\u2015', // dash
  '\u2015': '\u2014',
  '\u30FB': '\u00B7', // middle dot of GB2312
  '\u2022': '\u2027', // bullet and others of Big5
  '\u203E': '\u00AF\uFFE3',
  '\u00AF': '\uFFE3',
  '\uFF0F': '\u2215',
  '\uFF3C': '\uFE68',
};

/**
 * Returns a text with the characters that an encoding lacks in the form that it has: composed (NFC), or the one with the same
 * code. Characters that it has stay as they are, and so do those for which there is nothing.
 * @param isEncodable whether the encoding has a text
 */
export function toEncodable(text: string, isEncodable: (part: string) => boolean): string {
  const known = new Map<string, boolean>();
  function has(character: string): boolean {
    const told = known.get(character) ?? isEncodable(character);
    known.set(character, told);
    return told;
  }

  let done = '';
  /** The last character that the encoding has: a combining one may follow it. */
  let last = '';
  let lacking = '';

  function settle(): void {
    const alone = compose(lacking, has);
    const joined = alone === null ? compose(last + lacking, has) : null;
    done += joined ?? last + (alone ?? replaceCharacters(lacking, has));
    last = '';
    lacking = '';
  }

  for (const character of text) {
    if (!has(character)) {
      lacking += character;
      continue;
    }
    settle();
    last = character;
  }
  settle();
  return done;
}

/** Null: composed the encoding lacks it too. */
function compose(text: string, has: (character: string) => boolean): string | null {
  const composed = replaceCharacters(text.normalize('NFC'), has);
  return [...composed].every(has) ? composed : null;
}

function replaceCharacters(text: string, has: (character: string) => boolean): string {
  return Array.from(text, (character) =>
    has(character) ? character : ([...(SAME_CODE[character] ?? '')].find(has) ?? character),
  ).join('');
}
