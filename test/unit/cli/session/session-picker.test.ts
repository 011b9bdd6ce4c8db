import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  drawPicker,
  followKey,
  type PickerState,
  takeSessions,
} from '../../../../src/cli/session/session-picker.ts';
import type { SessionInfo } from '../../../../src/services/sessions/client-types.ts';

const session = (name: string): SessionInfo => ({
  id: name,
  name,
  state: 'running',
  command: { argv: ['vim', name] },
  who: 'ann',
  createdMs: 0,
  endedMs: null,
  pid: 1,
  columns: 80,
  rows: 24,
  title: '',
  recording: null,
  idleMs: 0,
  clients: [],
  outcome: null,
});

const of = (chosen: string | null, ...names: readonly string[]): PickerState => ({
  sessions: names.map(session),
  chosen,
});

describe('the choice of a session', () => {
  it.each([
    { what: 'goes down', from: of('a', 'a', 'b'), key: 'down', to: 'b' },
    { what: 'goes up', from: of('b', 'a', 'b'), key: 'k', to: 'a' },
    { what: 'stays at the last one', from: of('b', 'a', 'b'), key: 'j', to: 'b' },
    { what: 'stays for a key that means nothing', from: of('b', 'a', 'b'), key: 'x', to: 'b' },
  ])('$what', ({ from, key, to }) => {
    expect(followKey(from, key)).toMatchObject({ kind: 'state', state: { chosen: to } });
  });

  it.each([
    { key: 'enter', step: { kind: 'open', name: 'b', mode: 'drive' } },
    { key: 'v', step: { kind: 'open', name: 'b', mode: 'view' } },
    { key: 'escape', step: { kind: 'quit' } },
    { key: 'ctrl-c', step: { kind: 'quit' } },
  ])('ends by $key', ({ key, step }) => {
    expect(followKey(of('b', 'a', 'b'), key)).toEqual(step);
  });

  it.each([
    { what: 'stays while its session is there', from: of('b', 'a', 'b'), names: ['b', 'c'], to: 'b' },
    { what: 'goes to the one in its place', from: of('b', 'a', 'b', 'c'), names: ['a', 'c'], to: 'c' },
    { what: 'goes to the last one', from: of('c', 'a', 'b', 'c'), names: ['a', 'b'], to: 'b' },
    { what: 'is none where there are none', from: of('a', 'a'), names: [], to: null },
  ])('$what', ({ from, names, to }) => {
    expect(takeSessions(from, names.map(session)).chosen).toBe(to);
  });
});

describe('what is drawn', () => {
  const drawn = (state: PickerState, preview: readonly string[], size: { columns: number; rows: number }) =>
    drawPicker(state, 'build1', preview, size).map((row) => stripVTControlCharacters(row).trimEnd());

  it('has the sessions and the end of what the chosen one shows', () => {
    const rows = drawn(of('b', 'a', 'b'), ['one', 'two\u001b[2J', '中文', 'four', '', ''], {
      columns: 40,
      rows: 8,
    });
    expect(rows[0]).toBe('rexa session build1: Enter attaches, v …');
    expect(rows.slice(2, 4).map((row) => row.split(' ')[0])).toEqual(['a', 'b']);
    expect(rows.slice(5)).toEqual(['two\\x1b[2J', '中文', 'four']);
  });

  it.each([
    { columns: 10, rows: 3 },
    { columns: 40, rows: 10 },
    { columns: 200, rows: 60 },
  ])('has room on a terminal of $columns × $rows', (size) => {
    const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
    const rows = drawn(of('s99', ...names), Array(500).fill('中'.repeat(500)), size);
    expect(rows.length).toBeLessThanOrEqual(size.rows);
    if (size.rows > 3) expect(rows.some((row) => row.startsWith('s99'))).toBe(true);
  });
});
