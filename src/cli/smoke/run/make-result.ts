import type { Place } from '../../../config/yaml-place.ts';
import type { Problem } from '../assertions/checked-output.ts';
import { MAX_REPORTED_CHARACTERS } from '../limits.ts';
import type { PlannedCase } from '../plan/plan.ts';
import type { TestCommand } from '../suite.ts';
import { type CaseResult, type CaseStatus, isHostFailure, type ReportedText } from './case-result.ts';
import type { CommandResult } from './failed-open.ts';

/** What is known of a test that is over. */
export interface CaseEnd {
  readonly status: CaseStatus;
  readonly skipReason?: string;
  readonly tries: number;
  readonly problems: readonly Problem[];
  readonly startedAt: string | null;
  readonly result: CommandResult | null;
}

const NO_TEXT: ReportedText = { text: '', omitted: 0 };

/** Puts a result together. All its texts go through `mask`. */
export function makeCaseResult(
  planned: PlannedCase,
  end: CaseEnd,
  mask: (text: string) => string,
): CaseResult {
  const { suite, test, target } = planned;
  const { result } = end;
  return {
    index: planned.index,
    file: suite.file,
    place: test.place satisfies Place,
    title: mask(planned.title),
    test: mask(test.title),
    host: target.label,
    address: target.called,
    tags: test.tags,
    command: mask(describeCommand(test.run.command)),
    status: end.status,
    hostFailed: end.status === 'failed' && result !== null && isHostFailure(result),
    skipReason: end.skipReason === undefined ? null : mask(end.skipReason),
    tries: end.tries,
    problems: end.problems.map((problem) => maskProblem(problem, mask)),
    outcome: result?.outcome ?? null,
    exitCode: result?.exitCode ?? null,
    signal: result?.signal ?? null,
    code: result?.code ?? null,
    reason: result === null || result.reason === null ? null : mask(result.reason),
    complete: result?.complete ?? true,
    survivors: result?.survivors ?? [],
    repeated: result?.repeated ?? false,
    startedAt: end.startedAt,
    durationMs: result?.durationMs ?? 0,
    stdout: result === null ? NO_TEXT : reportText(result.stdout, mask),
    stderr: result === null ? NO_TEXT : reportText(result.stderr, mask),
  };
}

/** A command as a person writes it. */
export function describeCommand(command: TestCommand): string {
  if (command.kind === 'line') return command.line;
  return command.shown ?? command.argv.map(quoteForShell).join(' ');
}

/** A word for a POSIX shell. */
export function quoteForShell(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function maskProblem(problem: Problem, mask: (text: string) => string): Problem {
  const { property, message, expected, actual } = problem;
  return {
    property,
    message: mask(message),
    ...(expected === undefined ? {} : { expected: cutText(mask(expected)).text }),
    ...(actual === undefined ? {} : { actual: cutText(mask(actual)).text }),
  };
}

function reportText(output: string | Uint8Array, mask: (text: string) => string): ReportedText {
  const text = typeof output === 'string' ? output : new TextDecoder().decode(output);
  return cutText(mask(text));
}

function cutText(text: string): ReportedText {
  if (text.length <= MAX_REPORTED_CHARACTERS) return { text, omitted: 0 };
  const end = MAX_REPORTED_CHARACTERS - (text.slice(0, MAX_REPORTED_CHARACTERS).isWellFormed() ? 0 : 1);
  return { text: text.slice(0, end), omitted: text.length - end };
}
