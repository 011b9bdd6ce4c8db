import type { Suite, Test } from '../suite.ts';

/** A host that tests run on. */
export interface Target {
  /** As it is called in reports. */
  readonly label: string;
  /** HOST, as on the command line. */
  readonly called: string;
  readonly user: string | null;
  readonly identities: readonly string[];
}

/** One test on one host. */
export interface PlannedCase {
  /** Where it stands in reports. */
  readonly index: number;
  readonly suite: Suite;
  readonly test: Test;
  readonly target: Target;
  /** The title of the test; with `--repeat` its number too. */
  readonly title: string;
  readonly repetition: number;
  /** Why it is not run; null: it is. */
  readonly skip: string | null;
  /** Indexes of the cases that have to pass first. */
  readonly needs: readonly number[];
}

/** The tests of one file on one host: run one after the other, or `parallel` at a time. */
export interface Batch {
  readonly suite: Suite;
  readonly cases: readonly PlannedCase[];
}

/** What one connection does: file after file. */
export interface Lane {
  readonly target: Target;
  readonly batches: readonly Batch[];
}

export interface Plan {
  readonly cases: readonly PlannedCase[];
  readonly lanes: readonly Lane[];
}
