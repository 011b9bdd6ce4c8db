import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../../src/services/run/run-journal.ts';
import { openJournal, readJournal } from '../../../../src/services/run/run-journal.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-journal-'));
  file = join(folder, 'journal');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (mark: string, text = ''): RunRecord => ({
  mark,
  boot: 'boot',
  startedAtMs: 1,
  audit: null,
  facts: { text },
  job: null,
});
const marks = (): readonly string[] => Array.from(readJournal(file), ({ record: { mark } }) => mark);

describe('the journal of runs', () => {
  it('has the runs that were opened and have not ended, with their process', () => {
    const journal = openJournal(file);
    journal.write('a', { open: record('a') });
    journal.write('b', { open: record('b') });
    journal.write('b', { spawned: 'b', as: { pid: 7, pidStart: 8 } });
    journal.write('a', { end: 'a' });
    expect([...readJournal(file)]).toEqual([{ record: record('b'), spawned: { pid: 7, pidStart: 8 } }]);
  });

  it('loses the last line alone where a daemon died while it wrote it', () => {
    const journal = openJournal(file);
    journal.write('a', { open: record('a') });
    journal.write('b', { open: record('b') });
    for (let size = statSync(file).size; size > 0; size--) {
      truncateSync(file, size);
      expect(['a', 'b'].slice(0, marks().length)).toEqual(marks());
    }
  });

  it('goes on behind a line that a full disk has cut', () => {
    const journal = openJournal(file);
    journal.write('a', { open: record('a') });
    appendFileSync(file, '{"end":"a');
    appendFileSync(file, '\n{"end":"a"}\n');
    expect(marks()).toEqual([]);
  });

  it('stays short, however many runs begin and end beside one that goes on', () => {
    const journal = openJournal(file);
    const text = 'x'.repeat(1000);
    journal.write('long', { open: record('long', text) });
    for (let index = 0; index < 3000; index++) {
      const mark = String(index);
      journal.write(mark, { open: record(mark, text) });
      journal.write(mark, { end: mark });
    }
    expect(statSync(file).size).toBeLessThan(2 * 1024 * 1024);
    expect(marks()).toEqual(['long']);
    expect(readFileSync(file, 'utf8')).toContain(text);
  });

  it('is empty where there is none', () => {
    expect(marks()).toEqual([]);
  });
});
