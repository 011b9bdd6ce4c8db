import { describe, expect, it } from 'vitest';
import { checkResult } from '../../../../src/cli/smoke/assertions/check-result.ts';
import type { CheckFiles } from '../../../../src/cli/smoke/assertions/checked-output.ts';
import type { RunResult } from '../../../../src/client/run-types.ts';
import { makeRunResult } from '../../../fixtures/run-result.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

const FILES: Readonly<Record<string, string>> = {
  'same.txt': 'one\r\ntwo\n\n',
  'other.txt': 'other\n',
  'schema.json': '{"type":"object","required":["a"]}',
  'kept.snap': 'at <time> in <tmp>\n',
};

const files: CheckFiles = {
  read: async (name) => (FILES[name] === undefined ? null : Buffer.from(FILES[name])),
  readSnapshot: async (name) => FILES[name] ?? null,
  mask: (text) => text.replaceAll('hunter2', '***'),
};

/** What is wrong with a result, by a test in YAML: the properties that are told. */
async function check(
  lines: string,
  result: Partial<RunResult<string | Uint8Array>>,
): Promise<readonly string[]> {
  const { tests } = await readText(`tests:\n  t:\n    command: x\n${lines.replace(/^/gm, '    ')}\n`);
  const [test] = tests;
  if (test === undefined) throw new Error('there is no test');
  const problems = await checkResult(makeRunResult<string | Uint8Array>(result), test.expect, files);
  return problems.map(({ property }) => property);
}

const BOOK =
  '<books><book id="1"><author>Tolkien</author></book><book><author>Rowling</author></book></books>';

/** What passes, and what fails, for each key. */
const OUTPUT: readonly (readonly [string, string, string])[] = [
  ['stdout: ell', 'hello', 'halo'],
  ['stdout: ""', 'anything', ''],
  ['stdout: |\n  two\n', 'one\r\ntwo\n', 'one'],
  ['stdout: {contains: a}', 'abc', 'xyz'],
  ['stdout: {contains: [a, b]}', 'abc', 'acd'],
  ['stdout: {not-contains: [x, y]}', 'abc', 'aby'],
  ['stdout: {not-contains: x}', 'abc', 'x'],
  ['stdout: {exactly: hello}', '\n hello\u0085\n', 'hello!'],
  ["stdout: {exactly: ''}", ' \n', 'x'],
  ['stdout: {exactly: "a\\nb\\n"}', 'a\r\nb\r\n', 'a\nb\nc'],
  ['stdout: {line-count: 2}', 'a\nb\n', 'a\nb\nc\n'],
  ['stdout: {line-count: 0}', '\n', 'a'],
  ['stdout: {lines: {1: a, 3: c}}', 'a\nb\nc\n', 'a\nb\n'],
  ['stdout: {lines: {2: b}}', 'a\nb\n', 'a\nbb\n'],
  ["stdout: {lines: {1: ''}}", '', 'a'],
  ['stdout: {json: {a.b: "1e+06"}}', '{"a":{"b":1000000}}', '{"a":{"b":1}}'],
  ['stdout: {json: {a.b: 1000000}}', '{"a":{"b":1000000}}', '{"a":{"b":"1000000"}}'],
  ['stdout: {json: {a: "[x y]"}}', '{"a":["x","y"]}', '{"a":["x"]}'],
  ['stdout: {json: {a: true}}', 'log\n{"a":true}', '{"a":"true"}'],
  ['stdout: {json: {a: "true"}}', '{"a":true}', '{"a":null}'],
  ['stdout: {json: {a: null}}', '{"a":null}', '{"a":1}'],
  ['stdout: {json: {..#.a: "[1 2]"}}', '{"a":1}\n{"a":2}', '{"a":1}'],
  ['stdout: {json: {a: x}}', '{"a":"x"}', 'no json'],
  ['stdout: {xml: {"//book[2]/author": Rowling}}', BOOK, BOOK.replace('Rowling', 'x')],
  ['stdout: {xml: {"//book/@id": 1}}', BOOK, BOOK.replace('id=', 'no=')],
  ['stdout: {xml: {"count(//book)": 2}}', BOOK, BOOK.replace('</book><book>', '')],
  ['stdout: {xml: {"//author": Tolkien}}', BOOK, '<books><book>'],
  ['stdout: {file: same.txt}', 'one\ntwo', 'one'],
  ['stdout: {file: other.txt}', 'other', 'another'],
  ['stdout: {matches: "^t.o$"}', 'one\ntwo\n', 'one\ntwoo\n'],
  ['stdout: {matches: [a, "\\\\d+"]}', 'a1', 'b1'],
  ['stdout: {equals-file: other.txt}', 'other\n', 'other'],
  ['stdout: {snapshot: kept.snap}', 'at 2026-11-30T10:00:00Z in /tmp/x.1\n', 'at noon in /tmp/x.1\n'],
  [
    'stdout: {snapshot: {file: kept.snap, scrub: [{match: "in \\\\S+", replace: "in <tmp>"}]}}',
    'at 10:20:30 in here',
    'at 10:20:30 out',
  ],
  ['stdout: {json-schema: {type: object, required: [a]}}', '{"a":1}', '{"b":1}'],
  ['stdout: {json-schema: schema.json}', '{"a":1}', '[]'],
  ['stdout: {size: 3}', 'a\n\n', 'a'],
  [`stdout: {sha256: ${'0'.repeat(64)}}`, 'hello', 'hello\n'],
];

describe('an assertion about output', () => {
  it.each(OUTPUT)('%j passes and fails as it should', async (lines, right, wrong) => {
    const sha = lines.includes('sha256') ? lines.replace(/[0-9a-f]{64}/, await sha256('hello')) : lines;
    expect(await check(sha, { stdout: right })).toEqual([]);
    if (lines !== 'stdout: ""') expect(await check(sha, { stdout: wrong })).toHaveLength(1);
    // stderr works the same way
    const swapped = sha.replace(/^stdout/, 'stderr');
    expect(await check(swapped, { stderr: right })).toEqual([]);
  });

  it('says each thing that is wrong, not the first alone', async () => {
    const lines = 'exit-code: 3\nstdout: {contains: [a, b], line-count: 2}\nstderr: c';
    expect(await check(lines, { stdout: 'x' })).toEqual([
      'stdout.contains',
      'stdout.contains',
      'stdout.line-count',
      'stderr.contains',
      'exit-code',
    ]);
  });

  it('about bytes sees them as they are', async () => {
    const bytes = Uint8Array.from([0xff, 0x0a]);
    expect(await check('stdout: {size: 2}', { stdout: bytes, stderr: new Uint8Array(0) })).toEqual([]);
  });

  it('about a file that is not there fails', async () => {
    for (const key of ['file', 'equals-file', 'snapshot', 'json-schema'])
      expect(await check(`stdout: {${key}: missing}`, { stdout: '{}' })).toEqual([`stdout.${key}`]);
  });

  it('expands no entity that a document declares', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(10)}"><!ENTITY c "&a;&a;">]><x>&c;</x>`;
    expect(await check('stdout: {xml: {//x: bbbbbbbbbbbbbbbbbbbb}}', { stdout: bomb })).toEqual([
      'stdout.xml',
    ]);
  });
});

const SIGNALED = { outcome: 'signaled', exitCode: null, signal: 'SIGKILL' } as const;
const TIMED_OUT = { outcome: 'timed-out', exitCode: null, reason: 'too long', code: 'TIMED_OUT' } as const;

describe('the outcome of a command', () => {
  it.each<[string, Partial<RunResult>, readonly string[]]>([
    ['', {}, []],
    ['', { exitCode: 1 }, ['exit-code']],
    ['exit-code: 1', { exitCode: 1 }, []],
    ['', SIGNALED, ['exit-code']],
    ['exit-code: -1', SIGNALED, []],
    ['exit-code: 137', SIGNALED, ['exit-code']],
    ['signal: SIGKILL', SIGNALED, []],
    ['signal: kill', SIGNALED, []],
    ['signal: TERM', SIGNALED, ['signal']],
    ['signal: KILL', {}, ['signal']],
    ['outcome: signaled', SIGNALED, []],
    ['', TIMED_OUT, ['outcome']],
    ['outcome: timed-out', TIMED_OUT, []],
    ['outcome: timed-out', {}, ['outcome']],
    ['outcome: exited', { exitCode: 1 }, ['exit-code']],
    ['stdout: x', TIMED_OUT, ['outcome']],
    ['', { outcome: 'lost', exitCode: null, code: 'LINK_LOST', complete: false }, ['outcome']],
    ['outcome: lost', { outcome: 'lost', exitCode: null, code: 'LINK_LOST', complete: false }, []],
    ['', { code: 'OUTPUT_MISSING', reason: '5 bytes are missing' }, ['output']],
    ['', { truncated: true }, ['output']],
    ['within: 500ms', { durationMs: 499 }, []],
    ['within: 500ms', { durationMs: 501 }, ['within']],
    ['survivors: none', {}, []],
    ['survivors: none', { survivors: [7] }, ['survivors']],
    ['complete: true', {}, []],
    ['complete: true', { complete: false, pipeHeldBy: [7] }, ['complete']],
    ['complete: false', { complete: false, pipeHeldBy: [7] }, []],
    ['replaced: 0', {}, []],
  ])('with %j and %j is checked as %j', async (lines, result, properties) => {
    expect(await check(lines === '' ? 'skip: false' : lines, result)).toEqual(properties);
  });

  it('counts characters that could not be mapped, of a stream and of both', async () => {
    const receipt = (replaced: number) => ({ name: 'gbk', source: 'option', replaced }) as const;
    const encoding = { stdin: receipt(0), stdout: receipt(2), stderr: receipt(1) };
    expect(await check('replaced: 0', { encoding })).toEqual(['replaced']);
    expect(await check('replaced: 3\nstdout: {replaced: 2}\nstderr: {replaced: 1}', { encoding })).toEqual(
      [],
    );
  });
});

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}
