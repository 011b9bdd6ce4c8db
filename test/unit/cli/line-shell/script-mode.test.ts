import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Backend, LineEnd, Place } from '../../../../src/cli/line-shell/backend.ts';
import { runScript } from '../../../../src/cli/line-shell/script-mode.ts';
import { createMessages } from '../../../../src/cli/output/messages.ts';

const place: Place = { host: 'h', folder: '/', home: '/root', isRoot: false };

/** A backend that ends each line as a table says, 0 without a word about it. */
function createBackend(ends: Readonly<Record<string, Partial<LineEnd>>>) {
  const lines: string[] = [];
  const signals: string[] = [];
  const backend: Backend = {
    takesInput: true,
    takesBlocks: true,
    exitLine: 'exit',
    open: () => Promise.resolve({ sentences: [], place }),
    submit({ text, isLast }) {
      lines.push(isLast && text !== 'exit' ? `${text} (last)` : text);
      const end = ends[text] ?? {};
      const whole: LineEnd = {
        kind: isLast && end.kind === 'incomplete' ? 'ended' : 'ended',
        isEarly: false,
        label: null,
        exitStatus: text === 'exit' ? lastStatus : 0,
        notes: [],
        typedAhead: '',
        jobs: [],
        place,
        ...(isLast ? { ...end, kind: end.kind === 'incomplete' ? 'ended' : (end.kind ?? 'ended') } : end),
      };
      lastStatus = whole.exitStatus;
      return {
        ended: Promise.resolve(whole),
        over: Promise.resolve({ notes: [] }),
        write() {},
        endInput() {},
        signal: (name) => signals.push(name),
        cancel: () => signals.push('cancel'),
        abandon: () => signals.push('abandon'),
      };
    },
    complete: () => Promise.resolve(null),
    loss: () => Promise.resolve(null),
    close: () => Promise.resolve([]),
  };
  let lastStatus = 0;
  return { backend, lines, signals };
}

async function run(script: string, ends: Readonly<Record<string, Partial<LineEnd>>> = {}) {
  const { backend, lines } = createBackend(ends);
  const messages: string[] = [];
  const status = await runScript({
    backend,
    input: Readable.from([script]),
    output: { write: () => Promise.resolve(), announce() {}, refuse() {}, setEcho() {} },
    signals: new EventEmitter(),
    unwanted: new AbortController().signal,
    messages: createMessages({ q: false, v: 0, color: 'never' }, (line) => messages.push(line)),
  });
  return { status, lines, messages };
}

describe('a script on stdin', () => {
  it('is run line by line, and then left by exit', async () => {
    expect(await run('one\n\n  \ntwo\n')).toMatchObject({ status: 0, lines: ['one', 'two', 'exit'] });
  });

  it('has the status of its last line', async () => {
    expect(await run('a\nb', { b: { exitStatus: 3, label: '3' } })).toMatchObject({
      status: 3,
      lines: ['a', 'b', 'exit'],
    });
    expect(await run('b\na', { b: { exitStatus: 3, label: '3' } })).toMatchObject({ status: 0 });
    expect(await run('')).toMatchObject({ status: 0, lines: ['exit'] });
  });

  it('puts lines together that are incomplete alone', async () => {
    const { lines } = await run('if x\nthen y\nfi\nz\n', {
      'if x': { kind: 'incomplete' },
      'if x\nthen y': { kind: 'incomplete' },
    });
    expect(lines).toEqual(['if x', 'if x\nthen y', 'if x\nthen y\nfi', 'z', 'exit']);
  });

  it('asks nobody about a backslash at the end', async () => {
    expect((await run('a \\\nb\nc \\\\\n')).lines).toEqual(['a \\\nb', 'c \\\\', 'exit']);
  });

  it('lets the host say what is wrong with a last line that is incomplete', async () => {
    const { status, lines } = await run('if x', { 'if x': { kind: 'incomplete', exitStatus: 2 } });
    expect([status, lines]).toEqual([2, ['if x', 'if x (last)', 'exit']]);
  });

  it.each<[string, Partial<LineEnd>]>([
    ['a line that leaves', { kind: 'leave', exitStatus: 7 }],
    ['a line that was not run', { kind: 'refused', exitStatus: 125 }],
    ['a line of which nobody knows', { label: 'lost', exitStatus: 125 }],
    ['a shell that was ended in the middle', { isEarly: true, exitStatus: 1, label: '1' }],
  ])('ends with %s', async (_, end) => {
    expect(await run('a\nb\nc\n', { b: end })).toMatchObject({ status: end.exitStatus, lines: ['a', 'b'] });
  });

  it('passes on what is to be said', async () => {
    const { messages } = await run('a\n', { a: { notes: ['something'] } });
    expect(messages).toEqual(['rexa: something\n']);
  });
});
