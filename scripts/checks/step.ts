/** What one step of `npm test` found. */
export interface StepResult {
  readonly ok: boolean;
  /** What is shown when it failed. */
  readonly output: string;
  /** A few words beside its name, such as how much it looked at. */
  readonly note?: string;
  /** Tests that it ran; absent in a step that runs none. */
  readonly tests?: TestCount;
  /** The titles of those that failed, with their files. */
  readonly failures?: readonly string[];
}

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One line of `npm test`. */
export interface Step {
  readonly name: string;
  run(): StepResult | Promise<StepResult>;
}
