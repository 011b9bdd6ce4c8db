import { isWhole } from '../../../client/run-result.ts';
import type { RunResult } from '../../../client/run-types.ts';
import type { CommandResult } from '../run/failed-open.ts';
import type { Expectation } from '../suite.ts';
import type { CheckedOutput, CheckFiles, OutputCheck, Problem } from './checked-output.ts';
import { normalizeText } from './go-text.ts';

/** commander's exit status of a command that a signal ended. */
const EXIT_CODE_OF_SIGNALED = -1;

/** All that is wrong with what became of a command; empty: it is as it has to be. */
export async function checkResult(
  result: CommandResult,
  expect: Expectation,
  files: CheckFiles,
): Promise<readonly Problem[]> {
  const outcome = checkOutcome(result, expect);
  // What was written by a command that was cut off says little
  if (outcome.length > 0 && !isEnded(result)) return outcome;
  return [
    ...(await checkOutput('stdout', readOutput(result, 'stdout'), expect.stdout, files)),
    ...(await checkOutput('stderr', readOutput(result, 'stderr'), expect.stderr, files)),
    ...outcome,
    ...checkConduct(result, expect),
  ];
}

function isEnded({ outcome }: RunResult<unknown>): boolean {
  return outcome === 'exited' || outcome === 'signaled';
}

function checkOutcome(result: CommandResult, expect: Expectation): readonly Problem[] {
  const { outcome, reason } = result;
  // `outcome: not-started` is about the command, not about a mistake in the options for its host
  if (result.isUnopened && outcome === 'not-started')
    return [{ property: 'outcome', message: describeOutcome(result) }];
  if (expect.outcome !== null && outcome !== expect.outcome)
    return [
      { property: 'outcome', message: describeOutcome(result), expected: expect.outcome, actual: outcome },
    ];
  if (expect.outcome === null && !isEnded(result))
    return [{ property: 'outcome', message: describeOutcome(result) }];
  const problems: Problem[] = [];
  if (expect.signal !== null && result.signal !== expect.signal) {
    const message =
      outcome === 'signaled'
        ? `${result.signal} ended it, not ${expect.signal}`
        : `no signal ended it: ${describeOutcome(result)}`;
    problems.push({ property: 'signal', message });
  }
  if (expect.exitCode !== null) problems.push(...checkExitCode(result, expect.exitCode));
  if (isEnded(result) && !isWhole(result))
    problems.push({ property: 'output', message: `output of it is missing: ${reason}` });
  else if (result.truncated)
    problems.push({
      property: 'output',
      message: 'it wrote more than is kept, so that its output is incomplete',
    });
  return problems;
}

function checkExitCode(result: RunResult<unknown>, wanted: number): readonly Problem[] {
  const property = 'exit-code';
  if (result.outcome === 'signaled') {
    if (wanted === EXIT_CODE_OF_SIGNALED) return [];
    const message = `${result.signal} ended it (signal: ${result.signal} asserts that); it has no exit status`;
    return [{ property, message, expected: String(wanted), actual: result.signal ?? 'a signal' }];
  }
  // A peer that has no exit statuses has sent a whole reply
  const code = result.exitCode ?? 0;
  if (result.outcome !== 'exited' || code === wanted) return [];
  return [
    { property, message: `it is ${code}, not ${wanted}`, expected: String(wanted), actual: String(code) },
  ];
}

/** In words: what became of a command. */
function describeOutcome({ outcome, exitCode, signal, reason }: RunResult<unknown>): string {
  if (outcome === 'exited') return `exited with ${exitCode}`;
  if (outcome === 'signaled') return `ended by ${signal}`;
  return reason === null ? outcome : `${outcome}: ${reason}`;
}

/** What is asserted beside outcome and output. */
function checkConduct(result: RunResult<unknown>, expect: Expectation): readonly Problem[] {
  const problems: Problem[] = [];
  const { durationMs, survivors, complete, pipeHeldBy, encoding } = result;
  if (expect.withinMs !== null && durationMs > expect.withinMs)
    problems.push({
      property: 'within',
      message: `it took ${Math.round(durationMs)} ms, longer than ${expect.withinMs} ms`,
    });
  if (expect.survivors === 'none' && survivors.length > 0)
    problems.push({
      property: 'survivors',
      message: `processes could not be ended: ${survivors.join(', ')}`,
    });
  if (expect.complete !== null && complete !== expect.complete) {
    const message = complete
      ? 'no process held its output open'
      : `processes still held its output open: ${pipeHeldBy.join(', ')}`;
    problems.push({ property: 'complete', message });
  }
  const replaced = encoding.stdout.replaced + encoding.stderr.replaced;
  if (expect.replaced !== null && replaced !== expect.replaced)
    problems.push({
      property: 'replaced',
      message: `${replaced} characters could not be mapped, not ${expect.replaced}`,
    });
  return problems;
}

export async function checkOutput(
  property: string,
  output: CheckedOutput,
  checks: readonly OutputCheck[],
  files: CheckFiles,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const { key, check } of checks) {
    const found = await check(output, files);
    if (found !== null) problems.push({ property: `${property}.${key}`, ...found });
  }
  return problems;
}

/** One stream as assertions see it. */
function readOutput(result: RunResult<string | Uint8Array>, name: 'stdout' | 'stderr'): CheckedOutput {
  const value = result[name];
  const isText = typeof value === 'string';
  const whole = isText ? value : new TextDecoder().decode(value);
  const text = normalizeText(whole);
  return {
    bytes: isText ? Buffer.from(value) : value,
    whole,
    text,
    get lines() {
      return text.split('\n');
    },
    replaced: result.encoding[name].replaced,
  };
}
