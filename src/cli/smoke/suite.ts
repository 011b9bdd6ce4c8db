import type { Place } from '../../config/yaml-place.ts';
import type { OutcomeName } from '../../protocol/outcome.ts';
import type { OutputCheck } from './assertions/checked-output.ts';
import type { Mistake } from './parse/mistake.ts';
import type { TerminalPlan } from './terminal/terminal-plan.ts';

/** What is run: a line for /bin/sh, or a program with exactly these arguments. */
export type TestCommand =
  | { readonly kind: 'line'; readonly line: string }
  /** `shown`: in its place in reports, for what is made of a check. */
  | { readonly kind: 'argv'; readonly argv: readonly string[]; readonly shown?: string };

/** How something is run: what `config` says, and what stands beside it. */
export interface RunSettings {
  readonly command: TestCommand;
  readonly dir: string | null;
  /** As they are written: `${NAME}` is expanded when they are sent. */
  readonly env: ReadonlyMap<string, string>;
  readonly inheritsEnv: boolean;
  /** Names of variables whose values are masked, in all reports. */
  readonly secrets: readonly string[];
  /** Null: there is none. */
  readonly timeoutMs: number | null;
  readonly stdin: string | null;
  readonly encoding: string | null;
  /** Under which the host never runs it twice. */
  readonly id: string | null;
  /** Null: it runs on pipes. */
  readonly terminal: TerminalPlan | null;
}

/** What has to become of it. */
export interface Expectation {
  /** Null: it is not asserted, since `outcome` or `signal` is. */
  readonly exitCode: number | null;
  readonly outcome: OutcomeName | null;
  readonly signal: string | null;
  readonly withinMs: number | null;
  /** Whether nothing may be left behind. */
  readonly survivors: 'none' | null;
  readonly complete: boolean | null;
  /** Characters of both streams that could not be mapped. */
  readonly replaced: number | null;
  readonly stdout: readonly OutputCheck[];
  readonly stderr: readonly OutputCheck[];
}

/** A command before or behind tests. */
export interface Step {
  readonly title: string;
  readonly place: Place;
  readonly run: RunSettings;
  readonly expect: Expectation;
  /** How often it is tried at most. */
  readonly tries: number;
  readonly intervalMs: number;
}

/** One test, for each of its values of `matrix`. */
export interface Test extends Step {
  readonly skip: boolean;
  /** The nodes that it runs on; empty: on `local`. */
  readonly nodes: readonly string[];
  /** Patterns of hosts; empty: on all. */
  readonly onlyOn: readonly string[];
  /** Titles of tests that have to pass first. */
  readonly needs: readonly string[];
  readonly tags: readonly string[];
  readonly setup: readonly Step[];
  readonly teardown: readonly Step[];
}

/** A host that the file describes itself. */
export interface SuiteNode {
  readonly name: string;
  readonly place: Place;
  readonly type: 'local' | 'ssh';
  readonly user: string | null;
  readonly address: string | null;
  readonly identityFile: string | null;
}

/** A file of tests. */
export interface Suite {
  /** As it was called; `-`: stdin. */
  readonly file: string;
  readonly nodes: ReadonlyMap<string, SuiteNode>;
  /** In the order of their titles. */
  readonly tests: readonly Test[];
  readonly setup: readonly Step[];
  readonly teardown: readonly Step[];
  /** How many tests run at once on a host; null: it is not said. */
  readonly parallel: number | null;
  /** Names of variables whose values are masked. */
  readonly secrets: readonly string[];
  /** What is to be known of the file, though it is right. */
  readonly warnings: readonly Mistake[];
}
