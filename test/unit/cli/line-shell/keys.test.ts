import { describe, expect, it } from 'vitest';
import { createKeyDecoder, type Key } from '../../../../src/cli/line-shell/editor/keys.ts';

/** Keys as words: names as they are, texts and pastes in quotes. Texts in a row are one. */
function decode(chunks: readonly string[]): string[] {
  const decoder = createKeyDecoder();
  const keys = [...chunks.flatMap((chunk) => decoder.take(chunk)), ...decoder.flush()];
  const words: string[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') words.push(`'${text}'`);
    text = '';
  };
  for (const key of keys) {
    if (key.kind === 'text') text += key.text;
    else {
      endText();
      words.push(nameKey(key));
    }
  }
  endText();
  return words;
}

function nameKey(key: Exclude<Key, { kind: 'text' }>): string {
  return key.kind === 'paste' ? `paste '${key.text}'` : key.name;
}

const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['abc', ["'abc'"]],
  ['中文😀', ["'中文😀'"]],
  ['\r', ['enter']],
  ['\n', ['enter']],
  ['a\tb', ["'a'", 'tab', "'b'"]],
  ['\x03\x04\x0c', ['ctrl-c', 'ctrl-d', 'ctrl-l']],
  ['\x7f\x08', ['backspace', 'ctrl-h']],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
  ['\x1bOA\x1bOH', ['up', 'home']],
  ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~', ['home', 'end', 'home', 'end', 'home', 'end']],
  ['\x1b[3~\x1b[5~\x1b[6~', ['delete', 'page-up', 'page-down']],
  ['\x1b[1;5C\x1b[1;3D\x1b[3;5~\x1b[1;2A', ['ctrl-right', 'alt-left', 'ctrl-delete', 'shift-up']],
  ['\x1b[Z', ['shift-tab']],
  ['\x1bb\x1bf\x1b.', ['alt-b', 'alt-f', 'alt-.']],
  ['\x1b\x7f\x1b\r', ['alt-backspace', 'alt-enter']],
  ['\x1b中', ['alt-中']],
  ['\x1b[99~x', ['unknown', "'x'"]],
  ['\x1b[200~ls\r\npwd\r\x1b[201~\r', ["paste 'ls\npwd'", 'enter']],
  ['\x1b[200~a\x1b[Ab\x03\x1b[201~', ["paste 'a[Ab'"]],
  ['\x1b[200~\ta\n\n\x1b[201~x', ["paste '\ta'", "'x'"]],
  ['\x1b', ['escape']],
  ['\x1f\x1c', ['ctrl-_', 'ctrl-backslash']],
];

describe('the keys of a terminal', () => {
  it.each(CASES)('are found in %j', (input, keys) => {
    expect(decode([input])).toEqual(keys);
  });

  it.each(CASES)('are found in %j, cut at every place', (input, keys) => {
    // A terminal sends whole characters; Node puts their bytes together
    const characters = Array.from(input);
    for (let at = 1; at < characters.length; at++) {
      const chunks = [characters.slice(0, at).join(''), characters.slice(at).join('')];
      expect(decode(chunks)).toEqual(keys);
    }
    expect(decode(characters)).toEqual(keys);
  });

  it('wait for the rest of a sequence, and say so', () => {
    const decoder = createKeyDecoder();
    expect(decoder.take('\x1b[1')).toEqual([]);
    expect(decoder.isWaiting).toBe(true);
    expect(decoder.take(';5D')).toEqual([{ kind: 'key', name: 'ctrl-left' }]);
    expect(decoder.isWaiting).toBe(false);
  });

  it('are not looked for in a paste, however long it takes', () => {
    const decoder = createKeyDecoder();
    expect(decoder.take('\x1b[200~abc\x1b')).toEqual([]);
    expect(decoder.isWaiting).toBe(false);
    expect(decoder.flush()).toEqual([]);
    expect(decoder.take('[201~')).toEqual([{ kind: 'paste', text: 'abc' }]);
  });
});
