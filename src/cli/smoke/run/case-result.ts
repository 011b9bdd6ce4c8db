import type { Place } from '../../../config/yaml-place.ts';
import type { OutcomeName } from '../../../protocol/outcome.ts';
import type { Problem } from '../assertions/checked-output.ts';
import type { CommandResult } from './failed-open.ts';

/** What became of a test on a host. */
export type CaseStatus = 'passed' | 'failed' | 'flaky' | 'skipped';

/** One stream, as reports hold it. */
export interface ReportedText {
  readonly text: string;
  /** Characters that were left out at its end. */
  readonly omitted: number;
}

/** What became of a test on a host, for reports: secrets are masked in all of it. */
export interface CaseResult {
  readonly index: number;
  readonly file: string;
  readonly place: Place;
  readonly title: string;
  /** The title of the test, without the number of a repetition: what `--filter` finds it by. */
  readonly test: string;
  readonly host: string;
  readonly address: string;
  readonly tags: readonly string[];
  readonly command: string;
  readonly status: CaseStatus;
  /** It failed because of its host: see `isHostFailure`. */
  readonly hostFailed: boolean;
  /** Why it was skipped; null: it was not. */
  readonly skipReason: string | null;
  /** How often it was tried; 0: not at all. */
  readonly tries: number;
  /** What was wrong the last time; for a flaky one what was wrong before. */
  readonly problems: readonly Problem[];
  /** Of the last try; null: it was not run. */
  readonly outcome: OutcomeName | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly complete: boolean;
  readonly survivors: readonly number[];
  /** The host has answered with what became of an earlier run under the same id. */
  readonly repeated: boolean;
  readonly startedAt: string | null;
  /** Of the command, as the host measured it. */
  readonly durationMs: number;
  readonly stdout: ReportedText;
  readonly stderr: ReportedText;
}

/** Outcomes that tell of the host and not of the test. */
const HOST_OUTCOMES: readonly OutcomeName[] = ['unreachable', 'denied', 'lost'];

/** Tells whether a command failed because its host could not be opened, denied it or was lost. */
export function isHostFailure({ outcome, isUnopened }: CommandResult): boolean {
  return isUnopened === true || HOST_OUTCOMES.includes(outcome);
}
