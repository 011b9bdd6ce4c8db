import type { OutputCheck } from '../assertions/checked-output.ts';
import type { Key } from './key-table.ts';

/** One step of a test on a terminal. */
export type TerminalStep =
  /** Waits until the screen is so. */
  | { readonly kind: 'look'; readonly word: 'expect' | 'screen'; readonly checks: readonly OutputCheck[] }
  | { readonly kind: 'send'; readonly text: string }
  /** Sends the value of a variable. */
  | { readonly kind: 'send-variable'; readonly name: string }
  | { readonly kind: 'keys'; readonly keys: readonly Key[] }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number };

/** A terminal that a test runs on, and what is done there. */
export interface TerminalPlan {
  readonly columns: number;
  readonly rows: number;
  /** How long each step waits for the screen; null: it is not said. */
  readonly waitMs: number | null;
  readonly steps: readonly TerminalStep[];
}
