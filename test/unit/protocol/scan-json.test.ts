import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/protocol/scan-json.ts';

const NO_CAPS = { maxDepth: Number.POSITIVE_INFINITY, maxItems: Number.POSITIVE_INFINITY };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the size of a JSON text', () => {
  it.each([
    ['an empty object', '{}', 1, 2],
    ['a list of numbers', '[1,2,3]', 1, 4],
    ['a key and its value', '{"a":"b"}', 1, 3],
    ['objects in a list', '{"x":[{},{},{}]}', 3, 9],
    ['brackets, commas and colons in a text', '{"a":"[{,:}]"}', 1, 3],
    ['a quote in a text', '{"a":"\\",[["}', 1, 3],
    ['backslashes before a quote', '{"a":"\\\\\\\\","b":1}', 1, 5],
    ['a text without an end', '{"a":"[[[[', 1, 3],
    ['a backslash at the end', '{"a":"\\', 1, 3],
    ['nothing', '', 0, 1],
  ])('is counted of %s', (_name, text, depth, items) => {
    expect(scanJson(utf8(text), NO_CAPS)).toEqual({ depth, items });
  });

  it.each([
    ['values', '[1,1,1,1,1,1,1,1]', { ...NO_CAPS, maxItems: 3 }, { depth: 1, items: 4 }],
    ['depth', '[[[[[[[[', { ...NO_CAPS, maxDepth: 3 }, { depth: 4, items: 5 }],
  ])('is not counted on behind the cap of %s', (_name, text, caps, size) => {
    expect(scanJson(utf8(text), caps)).toEqual(size);
  });
});
