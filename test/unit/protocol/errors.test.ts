import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, type ErrorCode, RexaError } from '../../../src/protocol/errors.ts';

const SOURCES = new URL('../../../src/', import.meta.url);
const codes = Object.keys(CATALOGUE) as ErrorCode[];

interface Raised {
  readonly where: string;
  readonly code: ErrorCode;
  readonly details: number;
}

/** Every `new RexaError('CODE', [...])` of the sources. */
function findRaised(): Raised[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.flatMap((name) => {
    const text = readFileSync(new URL(name, SOURCES), 'utf8');
    return [...text.matchAll(/new RexaError\(\s*'(\w+)'(,\s*\[)?/g)].map((match) => ({
      where: `${name}: ${match[0]}`,
      code: match[1] as ErrorCode,
      details: match[2] === undefined ? 0 : countItems(text.slice(match.index + match[0].length)),
    }));
  });
}

/** How many items a list has whose text begins behind its bracket. */
function countItems(text: string): number {
  const bare = text.replaceAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g, 'x');
  let depth = 1;
  let items = /^\s*\]/.test(bare) ? 0 : 1;
  for (const character of bare) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character) && --depth === 0) break;
    if (character === ',' && depth === 1) items++;
  }
  // A comma behind the last item, as the formatter sets it in long lists, begins no other.
  return /^[^\]]*,\s*\]/.test(bare) ? items - 1 : items;
}

function blanksOf(code: ErrorCode): number {
  return (CATALOGUE[code].match(/%s/g) ?? []).length;
}

describe('the catalogue of errors', () => {
  it.each(codes)('has a sentence for %s that starts small and ends open', (code) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
    // Programs look for what OpenSSH says of a refused login
    expect(CATALOGUE[code]).toMatch(/^(?:[^A-Z\s]|Permission denied ).*[^.\s]$/s);
  });

  it('gets no more details anywhere than its sentence has places for', () => {
    const raised = findRaised();
    expect(raised.length).toBeGreaterThan(30);
    const tooMany = raised.filter(({ code, details }) => details > blanksOf(code));
    expect(tooMany).toEqual([]);
  });

  it('fills the places in order, escaped, and leaves those empty that nothing is given for', () => {
    const error = new RexaError('FRAME_MISPLACED', ['\u001b[31mdata', 7]);
    expect(error.message).toBe('unexpected \\x1b[31mdata frame (7)');
    expect(new RexaError('FRAME_MISPLACED', ['data']).message).toBe('unexpected data frame ()');
  });

  it('takes a detail as it is, whatever it looks like', () => {
    const error = new RexaError('SERVICE_UNKNOWN', ['$& %s $1', 'run']);
    expect(error.message).toContain('$& %s $1');
    expect(error.message).toContain('this daemon has: run');
  });

  it('makes errors that have a code, a name and what caused them', () => {
    const cause = new Error('beneath');
    const error = new RexaError('CLOSED', ['link'], { cause });
    expect(error).toBeInstanceOf(Error);
    expect([error.code, error.name, error.cause]).toEqual(['CLOSED', 'RexaError', cause]);
    expect('cause' in new RexaError('CLOSED')).toBe(false);
  });
});
