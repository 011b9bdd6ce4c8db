import { STALLED_READER_MS } from '../../client/limits.ts';
import type { LinkStatus } from '../../link/reconnect.ts';
import { showText } from '../../protocol/show-text.ts';
import type { CancelCause } from '../exit-status.ts';
import { holdConnectionLine } from '../host/connection-line.ts';
import { reportFailure } from '../host/report-failure.ts';
import { traceEnd, traceInput, traceSink } from '../output/trace.ts';
import { copyOutput } from '../run/copy-output.ts';
import { feedInput } from '../run/feed-input.ts';
import type { OnInterrupt } from '../run/interrupts.ts';
import { reportDrain } from '../run/report-drain.ts';
import type { ConductedRun } from '../run/run-plan.ts';
import { describeLostConnection } from './choose-wording.ts';
import { createCursorQuestion } from './cursor-question.ts';
import { showCharacter } from './escapes.ts';
import { chooseEscape, type KeyHandlers, readKeys } from './keys.ts';
import { createDetaching, createLeaving } from './leaving.ts';
import { createNotices } from './notices.ts';
import { createOwnOutput } from './own-output.ts';
import { loadClientScreens } from './prediction/client-screen.ts';
import type { PredictChoice } from './prediction/predict-choice.ts';
import { REAL_CLOCK } from './prediction/real-clock.ts';
import { createTerminalPredictions } from './prediction/terminal-predictions.ts';
import type { TerminalSession } from './session.ts';
import { createStatusLine } from './status-line.ts';
import { createModeTracker } from './terminal-modes.ts';

/** What a program takes to hear of a size before it may hear of the next one. */
const REDRAW_MS = 150;
const BELL = '\x07';
const FOUND_RAW =
  'this terminal was already in raw mode, probably since a program was killed; to fix it after this session: stty sane and Ctrl-J';

/**
 * Joins our terminal to that of a run, until the run ends or is left. Our terminal is as it was before when this
 * resolves, and when the process exits earlier.
 */
export async function followOnTerminal(
  session: TerminalSession,
  onInterrupt: OnInterrupt,
): Promise<ConductedRun> {
  const { run, terminal, around } = session;
  const { messages } = around;
  const modes = createModeTracker();
  let cause: CancelCause | null = null;
  let stalls: NodeJS.Timeout | undefined;

  const draw = (text: string): void => void terminal.output.write(Buffer.from(text)).catch(() => undefined);
  const write = (text: string): void => {
    draw(`${predictions.takeBack()}${text}`);
    predictions.handleWritten(text);
  };
  const own = createOwnOutput(modes, write);
  const sign = chooseEscape(session.plan.escape, session.host.escape);
  const shownSign = sign === null ? null : showCharacter(sign);
  const cursor = createCursorQuestion();
  const ofSession = session.plan.session;
  const predictions = createTerminalPredictions({
    choice: choosePrediction(session),
    clock: REAL_CLOCK,
    size: terminal.size,
    modes,
    write: draw,
    askCursor: cursor.ask,
    ping: () => ofSession?.ping(session.host) ?? session.host.ping(),
    loadScreens: loadClientScreens,
  });
  const leaving =
    ofSession === undefined
      ? createLeaving(session, () => copy.giveUp(), abandon)
      : createDetaching(ofSession.describeLeft, abandon);
  const notices = createNotices({
    write: own.write,
    size: terminal.size,
    modes,
    repaint: () => ofSession?.repaint(),
  });
  const status = createStatusLine({
    write,
    size: terminal.size,
    modes,
    askCursor: cursor.ask,
    redraw: () => (ofSession === undefined ? redraw(session) : ofSession.repaint()),
    describe: (seconds) => describeLostConnection(showText(session.host.address), shownSign, seconds),
  });
  const sink = traceSink(messages, 'stdout', terminal.output);
  let isOver = false;
  const entered = terminal.hasKeys ? takeTerminal(session, () => isOver) : run.pid;
  const copy = copyOutput(
    run.stdout,
    {
      async write(bytes) {
        await entered;
        status.hide();
        modes.take(bytes);
        const back = predictions.takeBack();
        const written = sink.write(back === '' ? bytes : Buffer.concat([Buffer.from(back), bytes]));
        predictions.handleWritten(bytes);
        own.handleWritten();
        notices.handleWritten();
        return written;
      },
    },
    (error) => hangUp(reportFailure(error, messages)),
  );
  run.stderr.resume();

  function handleStatus(next: LinkStatus): void {
    leaving.handleConnection(next.kind === 'resumed');
    status.handleStatus(next);
    // It may be another daemon, at which the keys in flight have not arrived
    if (ofSession !== undefined && next.kind === 'resumed') predictions.handleReturned();
  }

  function hangUp(why: CancelCause): void {
    cause ??= why;
    run.hangUp();
    stalls ??= setInterval(copy.giveUpIfStalled, STALLED_READER_MS);
  }

  function abandon(): void {
    run.abandon();
    copy.giveUp();
  }

  function giveBack(): void {
    // What is said of a session that was left begins a line
    const newline = ofSession !== undefined && leaving.isAsked ? '\r\n' : '';
    terminal.writeLast(`${predictions.close()}${modes.restore(isLeftEarly())}${newline}`);
    terminal.takeMessages(null);
    own.flush();
    terminal.leave();
  }

  /** The programs of a session that ends by itself have left their colours as they want them. */
  function isLeftEarly(): boolean {
    return outcome !== 'exited';
  }

  let outcome: string | null = null;
  terminal.takeMessages(own.write);
  run.onInputRefused(() => own.write(BELL));
  reportDrain(run, session.host, messages);
  onInterrupt((asked) => {
    messages.debug(1, `a signal: ${asked.kind}`);
    if (asked.kind === 'forward') run.kill(asked.signal);
    else if (asked.kind === 'cancel') hangUp(asked.cause);
    else {
      if (ofSession !== undefined) cause ??= asked.cause;
      abandon();
    }
  });
  process.once('exit', giveBack);
  const reportSize = (): void => {
    const { columns, rows, ...pixels } = terminal.size();
    run.resize(columns, rows, pixels);
  };
  const stopResizing = terminal.onResize(() => {
    predictions.handleResize();
    reportSize();
  });
  // It may have changed since it was asked for
  void entered.then(reportSize);
  if (terminal.hasKeys) ofSession?.follow(notices.show);
  const keys = sendKeys(session, entered, {
    leave: leaving.leave,
    say: own.write,
    describe: predictions.describe,
    handleTyped: predictions.handleTyped,
    handleSuspended: () => draw(predictions.takeBack()),
    handleReturned: predictions.handleReturned,
    cursor,
  });
  // Behind what begins to read keys: the terminal's answers are among them
  void entered.then((pid) => {
    if (pid !== null) predictions.start();
  });
  const releaseLine = terminal.hasKeys ? holdConnectionLine(handleStatus) : () => undefined;
  try {
    const result = await run;
    ({ outcome } = result);
    await copy.done;
    traceEnd(messages, result);
    return { result, cause, ...(leaving.isAsked ? { disconnected: leaving.describe(result) } : {}) };
  } finally {
    isOver = true;
    // What is taken behind our back would stay taken
    await entered;
    clearInterval(stalls);
    releaseLine();
    status.hide();
    notices.stop();
    stopResizing();
    keys.stop();
    process.off('exit', giveBack);
    giveBack();
  }
}

/**
 * Keys from elsewhere are nobody's who waits to see them. A process that shares its connection answers pings itself: nothing
 * says there what the host has received.
 */
function choosePrediction({ terminal, host, plan }: TerminalSession): PredictChoice {
  return terminal.hasKeys && host.isShared !== true ? (plan.predict ?? 'auto') : 'never';
}

/** Programs draw all of their screen for another size; for one and the same they need not. */
function redraw({ run, terminal }: TerminalSession): void {
  const { columns, rows, ...pixels } = terminal.size();
  if (columns < 2) return;
  run.resize(columns - 1, rows, pixels);
  setTimeout(() => {
    const now = terminal.size();
    run.resize(now.columns, now.rows, now);
  }, REDRAW_MS).unref();
}

/**
 * @param isOver whether the run has ended: our terminal stays as it is
 * @returns the pid of what was started; null: nothing was, and our terminal stays as it is
 */
async function takeTerminal(
  { run, terminal, around }: TerminalSession,
  isOver: () => boolean,
): Promise<number | null> {
  const pid = await run.pid;
  if (pid === null || isOver()) return pid;
  if (terminal.isFoundRaw) around.messages.warn(FOUND_RAW);
  await terminal.enter();
  return pid;
}

/** Sends what is typed, or what stdin holds where it is no terminal. */
function sendKeys(
  session: TerminalSession,
  entered: Promise<number | null>,
  handlers: KeyHandlers,
): { stop(): void } {
  const { run, terminal, around } = session;
  let stop = (): void => {};
  let isStopped = false;
  void entered.then((pid) => {
    if (pid === null || run.stdin === null || isStopped) return;
    around.messages.debug(1, `started as pid ${pid}`);
    const stdin = around.openStdin();
    traceInput(around.messages, stdin);
    if (terminal.hasKeys) stop = readKeys(session, stdin, run.stdin, handlers);
    else feedInput(stdin, run.stdin, (error) => around.messages.warn(`cannot read stdin: ${error.message}`));
  });
  return {
    stop() {
      isStopped = true;
      stop();
    },
  };
}
