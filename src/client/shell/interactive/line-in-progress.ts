import type { Backend, LineEnd, LineOver, RunningLine } from '../backend.ts';
import type { Key } from '../editor/keys.ts';
import type { Screen } from '../terminal/screen.ts';
import { type TypedStep, typeByKey } from '../terminal/typed-lines.ts';

/** A line that was submitted: its output on the screen, and the keys that are typed meanwhile. */
export interface LineInProgress {
  readonly text: string;
  readonly running: RunningLine;
  /** Resolves when the prompt may come. What was typed and not used is in `typedAhead`. */
  readonly ended: Promise<LineEnd>;
  /** Resolves when nothing more comes of it. */
  readonly over: Promise<LineOver>;
  /** A key that was typed. @param isEchoed whether it is shown @returns what is left to the shell to do */
  handleKey(key: Key, isEchoed: boolean): TypedStep['action'];
}

export function startLine(
  backend: Backend,
  screen: Screen,
  terminalType: string,
  text: string,
  isLast = false,
): LineInProgress {
  const output = screen.openOutput();
  const terminal = { type: terminalType, ...screen.size };
  const running = backend.submit({ text, isLast, terminal }, output);
  /** The line that is being typed. */
  let typed = '';
  let inputIsOver = !backend.takesInput;
  /** What was typed when nobody took it any more. */
  let unsent = '';
  screen.startWaiting();

  function send(sent: string): void {
    if (inputIsOver) unsent += sent;
    else if (sent !== '') running.write(sent);
  }

  return {
    text,
    running,
    ended: running.ended.then((end) => {
      screen.stopWaiting();
      inputIsOver = true;
      return { ...end, typedAhead: end.typedAhead + unsent + typed };
    }),
    over: running.over.then((over) => {
      output.end();
      return over;
    }),
    handleKey(key, isEchoed) {
      const step = typeByKey(typed, key);
      typed = step.text;
      if (isEchoed) screen.echo(step.echo);
      send(step.sent);
      if (step.action === 'end-of-input') {
        inputIsOver = true;
        running.endInput();
      }
      return step.action;
    },
  };
}
