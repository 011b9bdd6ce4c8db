import { ASK_CURSOR, type CursorPlace } from '../cursor-question.ts';
import type { TerminalSize } from '../local-terminal.ts';
import { createAcknowledgements, SETTLE_MS } from './acknowledgements.ts';
import type { ClientScreen, CreateClientScreen } from './client-screen.ts';
import { drawOverlay, takeBackOverlay } from './draw-overlay.ts';
import type { PredictChoice } from './predict-choice.ts';
import { createPredictor, type Overlay } from './predictor.ts';
import { createKeySplitter } from './typed-keys.ts';

/** Time, as it passes or as a test lets it. */
export interface Clock {
  now(): number;
  /** @returns what stops it */
  after(ms: number, act: () => void): () => void;
}

/** What predictions need of the terminal and of the host. */
export interface PredictionOptions {
  readonly choice: PredictChoice;
  readonly clock: Clock;
  readonly size: () => TerminalSize;
  /** Of the host's output so far. */
  readonly modes: {
    readonly isSettled: boolean;
    /** Whether nothing is set that a new screen would not have, but what `writeModes` gives. */
    readonly isPlain: boolean;
    writeModes(): string;
  };
  /** Writes on our terminal. */
  readonly write: (text: string) => void;
  /** Resolves with where the cursor stands; null: the terminal does not tell. */
  readonly askCursor: () => Promise<CursorPlace | null>;
  /** Resolves with the round trip in milliseconds; rejects when the host is gone. */
  readonly ping: () => Promise<number>;
  readonly loadScreens: () => Promise<CreateClientScreen>;
}

/** Shows typed keys at once, over what the host has shown. */
export interface TerminalPredictions {
  /** From now on keys are read, the terminal's answers among them. */
  start(): void;
  /** What a person may know of it: a line each. */
  describe(): readonly string[];
  /** How many keys were shown in the moment in which they were typed. */
  readonly early: number;
  /** Returns what takes back what is drawn: it is to be written before anything else is. */
  takeBack(): string;
  /** The terminal was written on; what is foreseen is drawn again. */
  handleWritten(bytes: Uint8Array | string): void;
  /** Keys are being sent. */
  handleTyped(keys: Uint8Array): void;
  /** The size has changed. */
  handleResize(): void;
  /** Another program had the terminal. */
  handleReturned(): void;
  /** Returns what takes back what is drawn, at the end. */
  close(): string;
}

/** Above this round trip keys are shown early, and down to the lower one if they were. */
const SLOW_MS = 60;
const FAST_MS = 40;
/** A terminal that has never answered so many questions knows none; one that has is asked again. */
const UNANSWERED = 3;
/** When the host was writing while the terminal was asked for its cursor. */
const ASK_AGAIN_MS = 50;
/** How often the round trip is measured while it is short. */
const MEASURE_MS = 2_000;
/** Of so many round trips the shortest counts: a busy machine delays some, a long path all. */
const ROUND_TRIPS = 3;

/**
 * - `off`: the round trip is short; `wanted`: the screen is loaded, and begins once the terminal is in a plain state.
 * - `on`: the host's output is followed on a screen of our own.
 * - `unable`: this terminal does not say where its cursor is.
 */
type State = 'off' | 'loading' | 'wanted' | 'on' | 'unable' | 'closed';

/** Joins the predictor with our terminal and the host. */
export function createTerminalPredictions(options: PredictionOptions): TerminalPredictions {
  const { choice, clock, modes, write } = options;
  const predictor = createPredictor();
  const splitter = createKeySplitter();
  const acknowledgements = createAcknowledgements();
  let state: State = 'off';
  let create: CreateClientScreen | null = null;
  let screen: ClientScreen | null = null;
  let drawn: Overlay | null = null;
  /** The last round trips in milliseconds. */
  let measured: readonly number[] = [];
  let pingedAtMs = Number.NEGATIVE_INFINITY;
  let stopSettling: (() => void) | null = null;
  /** Doubts up to here are cleared: the terminal's cursor was where it should be. */
  let cleared: number | null = null;
  let question: 'none' | 'asked' = 'none';
  /** Questions without an answer; null: this terminal has answered one. */
  let unanswered: number | null = 0;
  let writes = 0;
  let early = 0;

  async function ping(): Promise<void> {
    const sentAtMs = clock.now();
    pingedAtMs = sentAtMs;
    try {
      measure(await options.ping());
      acknowledgements.handlePong(sentAtMs, clock.now());
    } catch {
      // The host is gone, or knows no pings: nothing is acknowledged
      return;
    }
    predictor.acknowledge(acknowledgements.acknowledged);
    if (screen === null) return;
    predictor.observe(screen);
    redraw();
    if (acknowledgements.acknowledged.certain < predictor.typed && stopSettling === null) settleLater();
  }

  function measure(rttMs: number): void {
    measured = [...measured, rttMs].slice(-ROUND_TRIPS);
    if (choice !== 'auto') return;
    const shortestMs = Math.min(...measured);
    if (state === 'on' && shortestMs < FAST_MS && drawn === null) return stop('off');
    if (state !== 'off' || shortestMs <= SLOW_MS) return;
    if (measured.length < ROUND_TRIPS) void ping();
    else void load();
  }

  async function load(): Promise<void> {
    state = 'loading';
    create ??= await options.loadScreens();
    if (state !== 'loading') return;
    state = 'wanted';
    begin();
  }

  /** The screen can begin only where nothing has to be known of what was written before. */
  function begin(): void {
    if (state !== 'wanted' || create === null || !modes.isSettled || !modes.isPlain) return;
    const { columns, rows } = options.size();
    screen = create(columns, rows);
    screen.write(modes.writeModes());
    predictor.forget(screen);
    state = 'on';
    cleared = null;
    clearDoubts();
  }

  function stop(next: 'off' | 'unable' | 'closed'): void {
    leaveScreen();
    state = next;
    screen?.close();
    screen = null;
    stopSettling?.();
    stopSettling = null;
  }

  /** Asks the terminal where its cursor is: there is more than one opinion on what was written. */
  function clearDoubts(): void {
    if (screen === null || question === 'asked' || cleared === screen.doubts || !modes.isSettled) return;
    question = 'asked';
    const [asked, { doubts }, written, expected] = [screen, screen, writes, screen.cursor];
    const answer = options.askCursor();
    write(ASK_CURSOR);
    void answer.then((found) => {
      question = 'none';
      if (found === null) return handleUnanswered();
      unanswered = null;
      if (screen !== asked) return;
      const place = { x: found.column - 1, y: found.row - 1 };
      const isAsExpected = place.x === expected.x && place.y === expected.y;
      if (isAsExpected && cleared !== null) cleared = doubts;
      else if (written === writes) {
        screen.moveTo(place);
        predictor.forget(screen);
        cleared = doubts;
      } else clock.after(ASK_AGAIN_MS, clearDoubts);
      redraw();
    });
  }

  function handleUnanswered(): void {
    if (unanswered !== null) unanswered++;
    if (unanswered === UNANSWERED) stop('unable');
    else clock.after(ASK_AGAIN_MS, clearDoubts);
  }

  /** @returns what is to be drawn, if the terminal is in a state to take it back */
  function choose(): Overlay | null {
    const { overlay } = predictor;
    if (screen === null || overlay === null || !modes.isSettled || !screen.isPlain) return null;
    if (cleared === screen.doubts) return overlay;
    clearDoubts();
    return null;
  }

  function redraw(): void {
    const next = choose();
    if (screen === null || isSame(drawn, next)) return;
    const back = drawn === null ? '' : takeBackOverlay(drawn, screen);
    drawn = next;
    write(`${back}${next === null ? screen.writeCursor() : drawOverlay(next)}`);
  }

  /** The screen is about to be another one: what is drawn is taken back from the one that it was drawn on. */
  function leaveScreen(): void {
    const back = writeBack();
    if (back !== '') write(back);
  }

  function writeBack(): string {
    if (drawn === null || screen === null) return '';
    const back = `${takeBackOverlay(drawn, screen)}${screen.writeCursor()}`;
    drawn = null;
    return back;
  }

  /** What came of the last keys is known when a ping is answered that was sent a little later. */
  function settleLater(): void {
    stopSettling?.();
    stopSettling = clock.after(SETTLE_MS, () => {
      stopSettling = null;
      void ping();
    });
  }

  return {
    start() {
      if (choice === 'always') void load();
      if (choice !== 'never') void ping();
    },
    describe() {
      if (measured.length === 0) return [];
      const predicted =
        state === 'on' ? `; ${early} of ${predictor.typed} keys were shown before their echo` : '';
      return [`round trip ${Math.round(Math.min(...measured))} ms${predicted}`];
    },
    get early() {
      return early;
    },
    takeBack: writeBack,
    handleWritten(bytes) {
      writes++;
      // A screen that begins here is asked for the place behind these bytes
      if (screen === null) return begin();
      screen.write(bytes);
      predictor.observe(screen);
      redraw();
    },
    handleTyped(bytes) {
      if (choice === 'never' || state === 'closed' || state === 'unable') return;
      const nowMs = clock.now();
      if (screen === null) {
        if (nowMs - pingedAtMs >= MEASURE_MS) void ping();
        return;
      }
      const before = predictor.typed;
      for (const key of splitter.take(bytes)) predictor.type(key, screen);
      redraw();
      if (drawn !== null) early += Math.max(0, predictor.shown - before);
      acknowledgements.handleTyped(predictor.typed, nowMs);
      void ping();
      settleLater();
    },
    handleResize() {
      if (screen === null) return;
      const { columns, rows } = options.size();
      leaveScreen();
      screen.resize(columns, rows);
      predictor.forget(screen);
    },
    handleReturned() {
      leaveScreen();
      screen?.doubt();
      if (screen !== null) predictor.forget(screen);
    },
    close() {
      const back = writeBack();
      stop('closed');
      return back;
    },
  };
}

function isSame(one: Overlay | null, other: Overlay | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.x !== other.x || one.y !== other.y || one.cells.size !== other.cells.size) return false;
  return [...one.cells].every(([x, { text, style }]) => {
    const cell = other.cells.get(x);
    return cell !== undefined && cell.text === text && cell.style === style;
  });
}
