import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_HISTORY_ENTRIES, MAX_HISTORY_ENTRY_CHARACTERS } from '../../../../src/cli/limits.ts';
import { openHistory } from '../../../../src/cli/line-shell/history/history-file.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-history-'));
  path = join(folder, 'state', 'rexa', 'history');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the history', () => {
  it('is empty where there is none, and makes nothing before a line is added', () => {
    expect(openHistory(path).entries).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps lines for the next shell, in a file that only its owner can read', () => {
    const history = openHistory(path);
    history.add('ls -l');
    history.add('for x in 1\ndo echo "\\n"\ndone');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(openHistory(path).entries).toEqual(['ls -l', 'for x in 1\ndo echo "\\n"\ndone']);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it('leaves out what begins with a space, is empty, comes twice in a row, or is a whole file', () => {
    const history = openHistory(path);
    const long = 'x'.repeat(MAX_HISTORY_ENTRY_CHARACTERS + 1);
    for (const line of ['a', ' secret', '', '   ', 'a', 'b', 'a', long]) history.add(line);
    expect(history.entries).toEqual(['a', 'b', 'a']);
    expect(openHistory(path).entries).toEqual(['a', 'b', 'a']);
  });

  it('takes the lines of two shells at once', () => {
    const [one, two] = [openHistory(path), openHistory(path)];
    one.add('one');
    two.add('two');
    one.add('three');
    expect(openHistory(path).entries).toEqual(['one', 'two', 'three']);
  });

  it('is trimmed to its younger half when it is opened, in one step', () => {
    const lines = Array.from({ length: MAX_HISTORY_ENTRIES + 1 }, (_, index) => `line ${index}`);
    openHistory(path).add('first');
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    const { entries } = openHistory(path);
    expect(entries).toEqual(lines.slice(-MAX_HISTORY_ENTRIES / 2));
    expect(openHistory(path).entries).toEqual(entries);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['history']);
  });

  it('takes away what others may do with a file that was there', () => {
    openHistory(path).add('a');
    chmodSync(path, 0o644);
    openHistory(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('reads no line that is not whole', () => {
    openHistory(path).add('a');
    writeFileSync(path, 'a\nhalf');
    expect(openHistory(path).entries).toEqual(['a']);
  });

  it('is no reason to fail: where it cannot be written, it lasts as long as the shell', () => {
    const history = openHistory('/dev/null/history');
    history.add('a');
    expect(history.entries).toEqual(['a']);
  });
});
