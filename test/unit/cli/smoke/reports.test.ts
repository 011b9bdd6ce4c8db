import { Validator } from '@cfworker/json-schema';
import { DOMParser, type Element } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { writeGithub } from '../../../../src/cli/smoke/report/github.ts';
import { showWhole, writeEnd, writeProgress } from '../../../../src/cli/smoke/report/human.ts';
import { REPORT_SCHEMA, writeJson } from '../../../../src/cli/smoke/report/json.ts';
import { writeJunit } from '../../../../src/cli/smoke/report/junit.ts';
import { writeMarkdown } from '../../../../src/cli/smoke/report/markdown.ts';
import type { RunReport } from '../../../../src/cli/smoke/report/run-report.ts';
import { writeTap } from '../../../../src/cli/smoke/report/tap.ts';
import type { CaseResult } from '../../../../src/cli/smoke/run/case-result.ts';

/** All that is bad for a report: control characters, markup, other directions, halves of characters. */
const BAD =
  '\u0000\u0007\u001b[31m\u009b <x a="b">&amp;]]></x> ::error:: #|`` \u202e \ud800 \ufffe 100% é 漢\r\n\tend';

function makeCase(fields: Partial<CaseResult>): CaseResult {
  return {
    index: 0,
    file: 'smoke.yaml',
    place: { line: 3, column: 5 },
    title: 'a test',
    test: 'a test',
    host: 'local',
    address: 'local',
    tags: [],
    command: 'true',
    status: 'passed',
    skipReason: null,
    tries: 1,
    problems: [],
    outcome: 'exited',
    hostFailed: false,
    exitCode: 0,
    signal: null,
    code: null,
    reason: null,
    complete: true,
    survivors: [],
    repeated: false,
    startedAt: '2026-11-30T10:00:00.000Z',
    durationMs: 12.5,
    stdout: { text: '', omitted: 0 },
    stderr: { text: '', omitted: 0 },
    ...fields,
  };
}

const RESULTS: readonly CaseResult[] = [
  makeCase({ title: 'right' }),
  makeCase({
    title: `wrong ${BAD}`,
    status: 'failed',
    exitCode: 1,
    problems: [
      { property: 'stdout.contains', message: `does not contain ${BAD}`, expected: BAD, actual: 'x' },
      { property: 'exit-code', message: 'it is 1, not 0', expected: '0', actual: '1' },
    ],
    stdout: { text: BAD, omitted: 0 },
    stderr: { text: '```\n````\n', omitted: 0 },
  }),
  makeCase({
    title: 'shaky',
    host: 'web1',
    status: 'flaky',
    tries: 2,
    problems: [{ property: 'exit-code', message: 'it is 1, not 0' }],
  }),
  makeCase({
    title: 'left out',
    status: 'skipped',
    skipReason: BAD,
    tries: 0,
    outcome: null,
    startedAt: null,
  }),
];

const REPORT: RunReport = {
  startedAt: '2026-11-30T10:00:00.000Z',
  durationMs: 1234,
  results: RESULTS,
  exitStatus: 1,
  rerunLine: ({ file, host, test }) => `rexa smoke ${file} --host ${host} --filter '^${test}$'`,
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

/** What an element may hold. */
interface ElementRule {
  readonly children: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly hasText?: boolean;
}

const VERDICT: ElementRule = { children: [], required: [], optional: ['type', 'message'], hasText: true };
const TEXT: ElementRule = { children: [], required: [], optional: [], hasText: true };

/** junit-10.xsd of Jenkins' xUnit plugin: in each element its children come in any order and number. */
const JUNIT_RULES: Readonly<Record<string, ElementRule>> = {
  testsuites: {
    children: ['testsuite'],
    required: [],
    optional: ['name', 'time', 'tests', 'failures', 'errors'],
  },
  testsuite: {
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
  },
  properties: { children: ['property'], required: [], optional: [] },
  property: { children: [], required: ['name', 'value'], optional: [] },
  testcase: {
    children: ['skipped', 'error', 'failure', 'flakyFailure', 'flakyError', 'system-out', 'system-err'],
    required: ['name'],
    optional: ['time', 'classname', 'group'],
  },
  skipped: VERDICT,
  failure: VERDICT,
  flakyFailure: {
    children: ['stackTrace', 'system-out', 'system-err'],
    required: ['type'],
    optional: ['message'],
    hasText: true,
  },
  'system-out': TEXT,
  'system-err': TEXT,
};

/** What of an element, and of those in it, the rules do not allow. */
function listViolations(element: Element): readonly string[] {
  const { nodeName } = element;
  const rule = JUNIT_RULES[nodeName];
  if (rule === undefined) return [`there is no ${nodeName}`];
  const attributes = [...element.attributes].map(({ name }) => name);
  const children = [...element.childNodes];
  const inner = children.filter((child): child is Element => child.nodeType === 1);
  const text = children.filter((child) => child.nodeType === 3).map((child) => child.nodeValue ?? '');
  return [
    ...rule.required
      .filter((name) => !attributes.includes(name))
      .map((name) => `${nodeName} without ${name}`),
    ...attributes
      .filter((name) => ![...rule.required, ...rule.optional].includes(name))
      .map((name) => `${nodeName} with ${name}`),
    ...inner
      .filter((child) => !rule.children.includes(child.nodeName))
      .map((child) => `${child.nodeName} in ${nodeName}`),
    ...(rule.hasText !== true && text.join('').trim() !== '' ? [`text in ${nodeName}`] : []),
    ...inner.flatMap(listViolations),
  ];
}

describe('a JUnit report', () => {
  const xml = writeJunit(REPORT);
  const document = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(xml, 'text/xml');
  const find = (name: string): readonly Element[] => [...document.getElementsByTagName(name)];

  it('is read back by a parser with what was put in', () => {
    expect(find('testsuite').map((suite) => suite.getAttribute('hostname'))).toEqual(['local', 'web1']);
    expect(find('testcase')).toHaveLength(4);
    const [suite] = find('testsuite');
    expect(['tests', 'failures', 'errors', 'skipped'].map((name) => suite?.getAttribute(name))).toEqual([
      '3',
      '1',
      '0',
      '1',
    ]);
  });

  it('has the elements and attributes of the schema that Jenkins reads it by, and no others', () => {
    const root = document.documentElement;
    expect(root?.nodeName).toBe('testsuites');
    if (root !== null) expect(listViolations(root)).toEqual([]);
    for (const time of find('testsuite').map((suite) => suite.getAttribute('time')))
      expect(time).toMatch(/^\d{1,3}(?:,?\d{3})*\.\d+$/);
  });

  it('has one failure for a test, with its reasons joined', () => {
    const [failure, ...more] = find('failure');
    expect(more).toEqual([]);
    expect(failure?.getAttribute('message')).toMatch(/stdout\.contains: .*; exit-code: it is 1, not 0$/s);
    expect(failure?.textContent).toContain('run it again: rexa smoke smoke.yaml');
    expect(failure?.textContent).toContain(String.raw`\x1b[31m`);
  });

  it('says which test is flaky', () => {
    expect(find('flakyFailure').map((each) => each.getAttribute('message'))).toEqual([
      'exit-code: it is 1, not 0',
    ]);
    expect(find('system-out')[1]?.textContent).toContain('flaky: [web1] shaky passed on try 2');
  });

  it('holds no character that XML cannot hold', () => {
    expect(xml).not.toMatch(STEERS);
    expect(xml.isWellFormed()).toBe(true);
  });
});

describe('a TAP report', () => {
  const tap = writeTap(REPORT);

  it('has a plan and one line for each test', () => {
    expect(tap.split('\n').filter((line) => /^(?:TAP|\d|ok|not ok)/.test(line))).toEqual([
      'TAP version 13',
      '1..4',
      'ok 1 - [local] right',
      expect.stringMatching(/^not ok 2 - \[local\] wrong .*\\#/),
      'ok 3 - [web1] shaky',
      expect.stringMatching(/^ok 4 - \[local\] left out # SKIP /),
    ]);
    expect(tap).toContain('\n# flaky: [web1] shaky passed on try 2\n');
  });

  it('has details that a parser of YAML reads', () => {
    const blocks = [...tap.matchAll(/^ {2}---\n([\s\S]*?)^ {2}\.\.\.$/gm)].map(([, block]) => block ?? '');
    const [details] = blocks.flatMap((block) => parseAllDocuments(block));
    expect(details?.toJS()).toMatchObject({ severity: 'fail', exitCode: 1, outcome: 'exited' });
  });

  it('holds no character that steers a terminal', () => {
    expect(tap).not.toMatch(STEERS);
  });
});

describe('a JSON report', () => {
  const json = writeJson(REPORT);

  it('is one line that meets its schema', () => {
    expect(json.trimEnd()).not.toContain('\n');
    const { valid, errors } = new Validator(REPORT_SCHEMA, '7', false).validate(JSON.parse(json));
    expect([valid, errors]).toEqual([true, []]);
  });

  it('has the texts as they are, without a character that steers a terminal', () => {
    const { tests, summary } = JSON.parse(json) as { tests: { stdout: string }[]; summary: object };
    expect(tests[1]?.stdout).toBe(BAD);
    expect(summary).toEqual({ passed: 1, failed: 1, flaky: 1, skipped: 1, total: 4 });
    expect(json).not.toMatch(STEERS);
  });
});

describe('annotations of GitHub', () => {
  it('are one line each, whatever stands in a title or an output', () => {
    const lines = writeGithub(REPORT).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^::error file=smoke\.yaml,line=3,col=5,title=\[local\] wrong [^:]*%3A%3Aerror%3A%3A[^:]*::/,
    );
    expect(lines[1]).toMatch(/^::warning .*::flaky: it passed on try 2%0A/);
  });
});

describe('a report in Markdown', () => {
  const markdown = writeMarkdown(REPORT);

  it('has the summary, a row for each file and host, and each failure', () => {
    expect(markdown).toContain('**1 passed, 1 failed, 1 flaky, 1 skipped** in 1.2 s');
    expect(markdown).toContain('| smoke.yaml | web1 | 0 | 0 | 1 | 0 |');
    expect(markdown).toContain('&#91;web1&#93; shaky: passed on try 2');
  });

  it('lets nothing out of its place', () => {
    expect(markdown).not.toMatch(STEERS);
    const outside = markdown.replaceAll(/^(`{3,})text\n[\s\S]*?^\1$/gm, '');
    expect(outside).not.toContain('<x');
    expect(markdown).toContain('`````text\n```\n````\n`````');
  });
});

describe('what people read', () => {
  const plain = (_style: string, text: string): string => text;

  it('has the marks of commander', () => {
    expect(RESULTS.map((each) => writeProgress(each, plain).slice(0, 12))).toEqual([
      '✓ [local] ri',
      '✗ [local] wr',
      '~ [web1] sha',
      '- [local] le',
    ]);
  });

  it('ends with the summary, and has the command that runs a failed test again', async () => {
    const text = await writeEnd(REPORT, plain, false);
    expect(text.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 1 flaky, 1 skipped');
    expect(text).toContain("  run it again: rexa smoke smoke.yaml --host local --filter '^a test$'\n");
    expect(text).not.toMatch(STEERS);
  });

  it('shows beginning and end of an output that is long, and all of it where that is wanted', async () => {
    const stdout = { text: Array.from({ length: 500 }, (_, at) => `line ${at}`).join('\n'), omitted: 0 };
    const report = { ...REPORT, results: [makeCase({ status: 'failed', stdout })] };
    const short = await writeEnd(report, plain, false);
    expect(short).toContain('line 0\n');
    expect(short).toContain('… 440 more lines: --show all');
    expect(short).toContain('line 499\n');
    expect(await writeEnd(report, plain, true)).toContain('line 250\n');
  });

  it('keeps long texts whole', () => {
    const long = '漢😀'.repeat(1000);
    expect(showWhole(long)).toBe(long);
  });
});
