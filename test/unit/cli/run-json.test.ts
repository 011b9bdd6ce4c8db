import { describe, expect, it } from 'vitest';
import { writeRunJson } from '../../../src/cli/run/run-json.ts';
import type { RunResult } from '../../../src/client/run-types.ts';
import { makeRunResult } from '../../fixtures/run-result.ts';

const FIELDS = [
  'v',
  'id',
  'jobId',
  'host',
  'outcome',
  'exitCode',
  'signal',
  'reason',
  'stdout',
  'stderr',
  'truncated',
  'encoding',
  'bytes',
  'durationMs',
  'resumed',
  'survivors',
  'pipeHeldBy',
  'complete',
  'code',
  'command',
  'startedAt',
  'connectMs',
  'retryable',
];

const FACTS = { command: { argv: ['true'] }, startedAt: '2026-01-02T03:04:05.678Z', connectMs: 1.5 };

const write = (result: RunResult<string | Uint8Array>): string => [...writeRunJson(result, FACTS)].join('');
const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('the line of --json', () => {
  it('has the fields of the contract, in its order, and no others', () => {
    const line = parse(write(makeRunResult({ code: 'CANCELED' })));
    expect(Object.keys(line)).toEqual(FIELDS);
    expect(Object.keys(line['encoding'] as object)).toEqual(['stdout', 'stderr']);
  });

  it('has the code of the outcome, what was asked for, and whether it may be asked for again', () => {
    const result = makeRunResult({ outcome: 'unreachable', code: 'CONNECT_FAILED' });
    expect(parse(write(result))).toMatchObject({ ...FACTS, code: 'CONNECT_FAILED', retryable: true });
    expect(parse(write(makeRunResult({})))).toMatchObject({ code: null, retryable: false });
  });

  it.each([
    ['unreachable', 'CONNECT_FAILED', null, true],
    ['unreachable', 'AUTH_HOST_CHANGED', null, false],
    ['denied', 'CONNECTIONS_EXHAUSTED', null, true],
    ['denied', 'LOGIN_REFUSED', null, false],
    ['not-started', 'SHUTTING_DOWN', null, true],
    ['not-started', 'FILE_NOT_FOUND', null, false],
    ['lost', 'LINK_LOST', null, false],
    ['lost', 'LINK_LOST', 'deploy-41', true],
    ['exited', null, 'deploy-41', false],
    ['canceled', 'CANCELED', null, false],
  ] as const)('of %s by %s with the job %s has retryable: %s', (outcome, code, jobId, retryable) => {
    expect(parse(write(makeRunResult({ outcome, code, jobId })))).toMatchObject({ retryable });
  });

  it('is one line, whatever the output holds', () => {
    const stdout = `${String.fromCharCode(...Array(256).keys())}\u2028\u2029"\\你好\u{1f600}`;
    const text = write(makeRunResult({ stdout, stderr: '\r\n', reason: 'a\nb' }));
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(parse(text)).toMatchObject({ stdout, stderr: '\r\n', reason: 'a\nb' });
  });

  it('is the same as in one piece, wherever the pieces of a long output meet', () => {
    for (const before of ['', 'x', 'xy']) {
      const stdout = `${before}${'\u{1f600}\n'.repeat(600_000)}`;
      const stderr = `${before}${'\ud83d'.repeat(786_431)}\u{1f600}`;
      const text = write(makeRunResult({ stdout, stderr }));
      const parts = [`"stdout":${JSON.stringify(stdout)}`, `"stderr":${JSON.stringify(stderr)}`];
      expect(parts.filter((part) => !text.includes(part))).toEqual([]);
    }
    const bytes = Buffer.alloc(3_000_001, 'abcdefg');
    const line = parse(write(makeRunResult<Uint8Array>({ stdout: bytes, stderr: new Uint8Array(0) })));
    expect(line['stdout'] === bytes.toString('base64')).toBe(true);
  });

  it('has binary output in base64, and says so beside it', () => {
    const stdout = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const line = parse(write(makeRunResult<Uint8Array>({ stdout, stderr: new Uint8Array(0) })));
    expect(line).toMatchObject({ stdout: Buffer.from(stdout).toString('base64'), stderr: '', base64: true });
    expect(Object.keys(line)).toEqual(FIELDS.toSpliced(10, 0, 'base64'));
  });

  it('encodes the part of a larger buffer that it was given, and no more', () => {
    const part = new Uint8Array(Buffer.from('secret-shown-secret')).subarray(7, 12);
    const line = parse(write(makeRunResult<Uint8Array>({ stdout: part, stderr: part })));
    expect(Buffer.from(line['stdout'] as string, 'base64').toString()).toBe('shown');
  });
});
