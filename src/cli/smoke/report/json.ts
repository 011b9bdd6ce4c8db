import { writeJsonLine } from '../../../protocol/show-text.ts';
import { VERSION } from '../../../protocol/version.ts';
import type { JsonSchema } from '../parse/fields.ts';
import type { CaseResult } from '../run/case-result.ts';
import { type RunReport, summarize } from './run-report.ts';

/** Of what is written here; it is raised when a field changes its meaning or goes. */
const REPORT_VERSION = 1;

/** One line of JSON that says what became of all. */
export function writeJson(report: RunReport): string {
  const { startedAt, durationMs, exitStatus, results } = report;
  const value = {
    v: REPORT_VERSION,
    rexa: VERSION,
    startedAt,
    durationMs: Math.round(durationMs),
    exitStatus,
    summary: { ...summarize(results), total: results.length },
    tests: results.map((each) => describeCase(each, report)),
  };
  return writeJsonLine(value);
}

function describeCase(result: CaseResult, report: RunReport): object {
  const { index: _index, test: _test, hostFailed: _hostFailed, place, stdout, stderr, ...rest } = result;
  return {
    ...rest,
    line: place.line,
    column: place.column,
    stdout: stdout.text,
    stderr: stderr.text,
    omittedCharacters: stdout.omitted + stderr.omitted,
    rerun: report.rerunLine(result),
  };
}

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const whole = { type: 'integer', minimum: 0 };

const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    property: { ...text, description: 'What was asserted: stdout.contains, exit-code, outcome …' },
    message: text,
    expected: text,
    actual: text,
  },
  required: ['property', 'message'],
};

const CASE_PROPERTIES: JsonSchema = {
  file: text,
  line: whole,
  column: whole,
  title: text,
  host: { ...text, description: 'As it is called' },
  address: text,
  tags: { type: 'array', items: text },
  command: text,
  status: { enum: ['passed', 'failed', 'flaky', 'skipped'] },
  skipReason: textOrNull,
  tries: { ...whole, description: '0: it was not run' },
  problems: { type: 'array', items: PROBLEM_SCHEMA, description: 'Of a flaky test: of the try before' },
  outcome: { ...textOrNull, description: 'As in rexa run --json; null: it was not run' },
  exitCode: { type: ['integer', 'null'] },
  signal: textOrNull,
  code: { ...textOrNull, description: 'Of the catalogue of errors' },
  reason: textOrNull,
  complete: { type: 'boolean' },
  survivors: { type: 'array', items: { type: 'integer' } },
  repeated: { type: 'boolean', description: 'What became of an earlier run under the same id' },
  startedAt: textOrNull,
  durationMs: { type: 'number', minimum: 0 },
  stdout: text,
  stderr: text,
  omittedCharacters: whole,
  rerun: { ...text, description: 'The command line that runs it alone again' },
};

const SUMMARY_PROPERTIES: JsonSchema = {
  passed: whole,
  failed: whole,
  flaky: whole,
  skipped: whole,
  total: whole,
};

/** The shape of the JSON report; docs/smoke-report.schema.json is made from it. */
export const REPORT_SCHEMA: JsonSchema = {
  title: 'The JSON report of rexa smoke',
  type: 'object',
  properties: {
    v: { const: REPORT_VERSION },
    rexa: { ...text, description: 'The version of rexa' },
    startedAt: text,
    durationMs: whole,
    exitStatus: whole,
    summary: { type: 'object', properties: SUMMARY_PROPERTIES, required: Object.keys(SUMMARY_PROPERTIES) },
    tests: {
      type: 'array',
      items: { type: 'object', properties: CASE_PROPERTIES, required: Object.keys(CASE_PROPERTIES) },
    },
  },
  required: ['v', 'rexa', 'startedAt', 'durationMs', 'exitStatus', 'summary', 'tests'],
};
