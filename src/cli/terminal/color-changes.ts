/** Follows the commands (OSC) that change colours and the like, and knows how each is undone. */
export interface ColorChanges {
  /** @param text of an OSC: `11;#ffffff` */
  take(text: string): void;
  reset(): void;
  /** What takes all of it back; empty where there is nothing. */
  undo(): string;
}

/** The palette and special colours take a number each; foreground to highlight are one after the other. */
const PALETTES = ['4', '5'];
const FIRST_DYNAMIC = 10;
const LAST_DYNAMIC = 19;
/** So many single colours are undone; beyond it all are. */
const MAX_SINGLE = 32;

export function createColorChanges(): ColorChanges {
  /** The numbers of an OSC that undoes: `104;7`, `111`, `8;;`. */
  const undos = new Set<string>();

  function keep(undo: string, isChanged: boolean): void {
    if (isChanged) undos.add(undo);
    else undos.delete(undo);
  }

  /** `4;1;red;2;?`: a question changes nothing. */
  function takePalette(kind: string, words: readonly string[]): void {
    for (let at = 0; at + 1 < words.length; at += 2) {
      if (words[at + 1] !== '?') undos.add(`10${kind};${words[at]}`);
    }
    const single = [...undos].filter((undo) => undo.startsWith(`10${kind};`));
    if (single.length <= MAX_SINGLE) return;
    for (const undo of single) undos.delete(undo);
    undos.add(`10${kind}`);
  }

  function resetPalette(kind: string, words: readonly string[]): void {
    for (const undo of undos) {
      const isMeant =
        words.length === 0 ? undo.startsWith(kind) : words.some((each) => undo === `${kind};${each}`);
      if (isMeant) undos.delete(undo);
    }
  }

  /** `10;red;blue` sets 10 and 11. */
  function takeDynamic(first: number, words: readonly string[]): void {
    for (const [index, word] of words.entries()) {
      if (word !== '?' && word !== '' && first + index <= LAST_DYNAMIC)
        undos.add(String(first + index + 100));
    }
  }

  return {
    take(text) {
      const [command = '', ...words] = text.split(';');
      const number = Number(command);
      if (PALETTES.includes(command)) takePalette(command, words);
      else if (number >= FIRST_DYNAMIC && number <= LAST_DYNAMIC) takeDynamic(number, words);
      else if (number === 104 || number === 105) resetPalette(command, words);
      else if (number >= FIRST_DYNAMIC + 100 && number <= LAST_DYNAMIC + 100) undos.delete(command);
      // A link, the shape of the pointer, and a progress that is shown
      else if (command === '8') keep('8;;', words.slice(1).join('') !== '');
      else if (command === '22') keep('22;default', words[0] !== 'default' && words[0] !== '');
      else if (command === '9' && words[0] === '4') keep('9;4;0', words[1] !== '0');
    },
    reset: () => undos.clear(),
    undo: () => [...undos].map((undo) => `\x1b]${undo}\x1b\\`).join(''),
  };
}
