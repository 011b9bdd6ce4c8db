import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getByPath } from '../../../src/cli/smoke/assertions/gjson-get.ts';
import { parseGjsonPath } from '../../../src/cli/smoke/assertions/gjson-path.ts';
import { matchesWildcard } from '../../../src/cli/smoke/assertions/wildcard.ts';
import { escapeXml } from '../../../src/cli/smoke/report/xml-text.ts';
import { listMistakes } from '../../fixtures/smoke-suite.ts';

const page = readFileSync(new URL('../../../docs/smoke.md', import.meta.url), 'utf8');
/** Whole files with most of the keys. */
const FILES = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
  .map(([, text]) => text ?? '')
  .filter((text) => /^(?:tests|port):/m.test(text));
const BITS = [
  '\t',
  '  ',
  '\n',
  ':',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: ',
  '!x ',
  '|',
  '>',
  '#',
  '?',
  '0',
  'tests:',
  '\u0000',
  '\ud800',
  'é',
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 8 }),
  put: fc.oneof(fc.constantFrom(...BITS), fc.string({ maxLength: 5 })),
});

describe('a file of tests that was damaged anywhere', () => {
  it('is right, or each of its mistakes is a sentence with line and column', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FILES),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (text, edits) => {
          const damaged = edits.reduce((found, { at, cut, put }) => {
            const start = Math.floor(at * found.length);
            return found.slice(0, start) + put + found.slice(start + cut);
          }, text);
          for (const mistake of await listMistakes(damaged))
            expect(mistake).toMatch(/^f\.yaml:[1-9]\d*:[1-9]\d*: \S/);
        },
      ),
    );
  });
});

describe('a path of gjson', () => {
  it('is read, or refused with a sentence, and finds something or nothing in any JSON', () => {
    const path = fc.array(
      fc.constantFrom('a', '0', '.', '|', '#', '(', ')', '*', '?', '\\', '"', '==', '%', '@', '!', '{'),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(path, fc.jsonValue(), (parts, value) => {
        const parsed = parseGjsonPath(parts.join(''));
        if (typeof parsed === 'string') expect(parsed).not.toBe('');
        else getByPath(value, parsed);
      }),
    );
  });
});

describe('a pattern with wildcards', () => {
  it('matches what the regular expression of the same meaning matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, wanted) => {
        const source = pattern.replace(/\\([\s\S])|[\s\S]/g, (one, escaped?: string) => {
          if (escaped !== undefined) return `\\${escaped}`.replace(/^\\([ab])$/, '$1');
          return one === '*' ? '[\\s\\S]*' : one === '?' ? '[\\s\\S]' : one.replace(/[\\]/, '\\\\');
        });
        expect(matchesWildcard(wanted, pattern)).toBe(new RegExp(`^${source}$`).test(wanted));
      }),
    );
  });
});

describe('a text in XML', () => {
  it('holds only what XML 1.0 may hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeXml(text)).toMatch(
          /^(?:[\t\n\x20-\x25\x27-\x3b\x3d\x3f-\x7e\u00a0-\ufffd]|&(?:amp|lt|gt|quot|#13);|[\u{10000}-\u{10ffff}])*$/u,
        );
      }),
    );
  });
});
