import { eraseCharacter, insertCharacter, moveCursor } from './edit-line.ts';
import type { Cell, Line, Place, ScreenView } from './screen-view.ts';
import type { TypedKey } from './typed-keys.ts';

/** What is drawn over a row of the host's screen. */
export interface Overlay {
  readonly y: number;
  /** Cells that differ from what the host has shown, by their column. */
  readonly cells: ReadonlyMap<number, Cell>;
  /** Where the cursor is shown. */
  readonly x: number;
}

/**
 * Foresees what a host will show of the keys that are typed, as a pure state machine after mosh's.
 *
 * Keys are in flight until the host has shown what comes of them, or has received them so long ago that it would have. They are
 * applied to the cursor's row of the host's screen, one after the other: a plan. When the screen is as the plan has it after
 * some of them, these are confirmed. An epoch is a time in which the host treats keys alike; it ends with each key that is not
 * plain text, and when anything comes otherwise than planned. Nothing of an epoch is shown before the host has echoed two
 * different characters in it: a program that hides what is typed never does, nor does one that shows the same sign for each.
 *
 * A line editor that says when it reads (bracketed paste) may begin with a confirmed epoch: where its prompt is one behind
 * which that same text was followed by an echo before.
 */
export interface Predictor {
  /** What is to be drawn; null: nothing. */
  readonly overlay: Overlay | null;
  /** The number of the last key that was typed. */
  readonly typed: number;
  /** The number of the last key that is shown, confirmed or not. */
  readonly shown: number;
  /** A key was typed, and is on its way. */
  type(key: TypedKey, view: ScreenView): void;
  /** Of the keys up to these numbers is known what became of them. `observe` is to be called afterwards. */
  acknowledge(numbers: Acknowledged): void;
  /** The host has written, or keys were acknowledged. */
  observe(view: ScreenView): void;
  /** The screen is not what it was: forgets the keys in flight, and begins an epoch. */
  forget(view: ScreenView): void;
}

/** Numbers of keys, each the last one of which this holds. */
export interface Acknowledged {
  /** The host has received them. */
  readonly received: number;
  /** What came of them is likely to be shown already. */
  readonly likely: number;
  /** What came of them would be shown already, unless the network has delayed something. */
  readonly settled: number;
  /** What came of them would be shown already in any case. */
  readonly certain: number;
}

/** Different characters that have to be echoed before an epoch is shown. */
const CREDIT_CHARACTERS = 2;
const MAX_PROMPTS = 32;
const MAX_KEYS = 256;

interface Epoch {
  state: 'tentative' | 'confirmed';
  /** Line editors that had begun to read before. */
  readonly prompts: number;
  /** What stood left of the first key, if a line editor had begun to read since. */
  prompt: string | null;
  /** The column that the cursor does not leave to the left. */
  floor: number;
  readonly echoed: Set<string>;
}

interface KeyInFlight {
  readonly key: TypedKey;
  readonly number: number;
  epoch: Epoch;
}

/** Creates a predictor for one terminal. */
export function createPredictor(): Predictor {
  /** Prompts behind which keys were echoed. */
  const echoing = new Set<string>();
  let typed = 0;
  let shown = 0;
  let acknowledged: Acknowledged = { received: 0, likely: 0, settled: 0, certain: 0 };
  let epoch = beginEpoch(0);
  let keys: KeyInFlight[] = [];
  /** The row as the host shows it, and after each of the first keys. */
  let plan: Line[] = [];
  let row = 0;
  /** Where the cursor was when all keys were settled. */
  let home: Place | null = null;
  let screen: 'as-planned' | 'otherwise' = 'as-planned';
  let overlay: Overlay | null = null;

  /**
   * Begins an epoch in place of this one, and only for its own keys: those behind Enter may be a password already. A prompt that
   * has come since the last key other than text still counts.
   */
  function renew(old: Epoch, prompts: number): void {
    const next = beginEpoch(old.state === 'tentative' ? Math.min(old.prompts, prompts) : prompts);
    if (epoch === old) epoch = next;
    for (const each of keys) if (each.epoch === old) each.epoch = next;
  }

  function makePlan(view: ScreenView): void {
    const { x, y } = view.cursor;
    row = y;
    plan = [{ cells: view.row(y), x }];
    recognizePrompt(view);
    for (const each of keys) if (!extendPlan(each)) break;
  }

  /** @returns false: what comes of this key cannot be told */
  function extendPlan({ key, epoch: { floor } }: KeyInFlight): boolean {
    const last = plan.at(-1);
    const next = last === undefined ? null : applyKey(last, key, floor);
    if (next === null) return false;
    plan.push(next);
    return true;
  }

  function recognizePrompt(view: ScreenView): void {
    const [first] = keys;
    const own = first?.epoch ?? epoch;
    const isBegun = own.state === 'confirmed' || own.echoed.size > 0 || first?.key.kind === 'other';
    if (isBegun || !view.hasLineEditor || view.prompts <= own.prompts) return;
    const { x, y } = view.cursor;
    const left = view.row(y).slice(0, x);
    if (left.some(({ kind }) => kind === 'unknown')) return;
    own.prompt = textOf(left, 0, x);
    own.floor = x;
    if (echoing.has(own.prompt)) own.state = 'confirmed';
  }

  /** Looks how many of the keys that the host has received are shown as planned. */
  function compare(view: ScreenView): void {
    screen = 'otherwise';
    if (plan.length === 0) return;
    const most = Math.min(plan.length - 1, countUpTo(acknowledged.received));
    const from = Math.min(...plan.slice(0, most + 1).map(({ x }) => x));
    for (let count = most; count >= 0; count--) {
      const line = plan[count];
      if (line === undefined || !isShown(view, line, from)) continue;
      screen = 'as-planned';
      confirm(count);
      makePlan(view);
      return;
    }
  }

  function countUpTo(last: number): number {
    const first = keys.findIndex(({ number }) => number > last);
    return first === -1 ? keys.length : first;
  }

  function isShown(view: ScreenView, { cells, x }: Line, from: number): boolean {
    if (view.cursor.y !== row || view.cursor.x !== x) return false;
    return textOf(view.row(row), from, x) === textOf(cells, from, x);
  }

  function confirm(count: number): void {
    const [before] = plan;
    for (let index = 0; index < count; index++) {
      const [each, line] = [keys[index], plan[index]];
      if (each === undefined || line === undefined || before === undefined) continue;
      const { key, epoch: own } = each;
      // What stood there before is no echo
      if (key.kind === 'character' && key.text !== ' ' && before.cells[line.x]?.text !== key.text)
        own.echoed.add(key.text);
      if (own.state === 'confirmed' || own.echoed.size < CREDIT_CHARACTERS) continue;
      own.state = 'confirmed';
      if (own.prompt !== null) remember(own.prompt);
    }
    keys.splice(0, count);
  }

  function remember(prompt: string): void {
    echoing.delete(prompt);
    echoing.add(prompt);
    const [oldest] = echoing;
    if (echoing.size > MAX_PROMPTS && oldest !== undefined) echoing.delete(oldest);
  }

  /** Keys whose time is over did not what was planned: the others begin from what the host shows. */
  function settle(view: ScreenView): void {
    const [first] = keys;
    const isPlanned = plan.length > 1;
    if (countUpTo(isPlanned ? acknowledged.certain : acknowledged.settled) === 0) return;
    if (isPlanned && first !== undefined && first.epoch.prompt !== null) echoing.delete(first.epoch.prompt);
    if (first !== undefined && first.key.kind !== 'other') renew(first.epoch, view.prompts);
    keys.splice(0, countUpTo(acknowledged.likely));
    screen = 'as-planned';
    makePlan(view);
  }

  function draw(): void {
    const planned = Math.min(keys.length, plan.length - 1);
    const isTentative = ({ epoch: { state } }: KeyInFlight): boolean => state === 'tentative';
    const tentative = keys.slice(0, planned).findIndex(isTentative);
    const count = tentative === -1 ? planned : tentative;
    const [before, after] = [plan[0], plan[count]];
    overlay =
      count <= 0 || screen === 'otherwise' || before === undefined || after === undefined
        ? null
        : makeOverlay(row, before, after);
    if (overlay !== null) shown = Math.max(shown, keys[count - 1]?.number ?? 0);
  }

  return {
    get overlay() {
      return overlay;
    },
    get typed() {
      return typed;
    },
    get shown() {
      return shown;
    },
    type(key, view) {
      typed++;
      if (keys.length === 0) {
        if (home === null || home.x !== view.cursor.x || home.y !== view.cursor.y) renew(epoch, view.prompts);
        screen = 'as-planned';
        makePlan(view);
      }
      if (key.kind === 'other') epoch = beginEpoch(view.prompts);
      const typedKey: KeyInFlight = { key, number: typed, epoch };
      if (plan.length === keys.length + 1) extendPlan(typedKey);
      keys.push(typedKey);
      if (keys.length > MAX_KEYS) this.forget(view);
      draw();
    },
    acknowledge(numbers) {
      acknowledged = numbers;
    },
    observe(view) {
      compare(view);
      settle(view);
      if (keys.length === 0) home = screen === 'as-planned' ? view.cursor : null;
      draw();
    },
    forget(view) {
      keys = [];
      plan = [];
      home = null;
      epoch = beginEpoch(view.prompts);
      overlay = null;
    },
  };
}

function beginEpoch(prompts: number): Epoch {
  return { state: 'tentative', prompts, prompt: null, floor: 0, echoed: new Set() };
}

function applyKey(line: Line, key: TypedKey, floor: number): Line | null {
  switch (key.kind) {
    case 'character':
      return insertCharacter(line, key.text, key.width);
    case 'erase':
      return eraseCharacter(line, floor);
    case 'left':
    case 'right':
      return moveCursor(line, key.kind, floor);
    case 'other':
      return null;
    default:
      return key satisfies never;
  }
}

/** Null: it could not be drawn or taken back exactly. */
function makeOverlay(y: number, before: Line, after: Line): Overlay | null {
  const cells = new Map<number, Cell>();
  for (const [x, cell] of after.cells.entries()) {
    const there = before.cells[x];
    if (there?.kind === 'odd') return null;
    if (there === undefined || (there.text === cell.text && there.width === cell.width)) continue;
    if (there.kind === 'unknown') return null;
    cells.set(x, cell);
  }
  return { y, cells, x: after.x };
}

function textOf(cells: readonly Cell[], from: number, to: number): string {
  return cells
    .slice(from, to)
    .map(({ text, width }) => (width === 0 ? '' : text || ' '))
    .join('');
}
