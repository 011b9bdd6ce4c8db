import type { Backend, LineEnd, LineOver, RunningLine } from '../backend.ts';
import type { Key } from '../editor/keys.ts';
import { createHeldEcho } from '../terminal/held-echo.ts';
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
): LineInProgress {
  const output = screen.openOutput();
  const echo = createHeldEcho(screen.echo);
  const terminal = { type: terminalType, ...screen.size };
  const running = backend.submit(
    { text, isLast: false, terminal },
    {
      announce: output.announce,
      refuse: output.refuse,
      setEcho(isOn) {
        isSecret = !isOn;
        // What was typed of it already was not seen yet
        if (isSecret) echo.discard();
      },
      write(stream, bytes) {
        echo.release();
        return output.write(stream, bytes);
      },
    },
  );
  /** Whether nothing is shown of what is typed. */
  let isSecret = false;
  /** The line that is being typed. */
  let typed = '';
  /** What was typed in front of it. */
  let sent = '';
  let inputIsOver = !backend.takesInput;
  /** The part of it that arrived after its reader had closed. */
  let unsent = '';
  screen.startWaiting();

  function send(more: string): void {
    sent += more;
    if (inputIsOver) unsent += more;
    else if (more !== '') running.write(more);
  }

  function finish(end: LineEnd): LineEnd {
    inputIsOver = true;
    const typedAhead = end.typedAhead + unsent + typed;
    if (typedAhead === sent + typed) echo.discard();
    else echo.release();
    screen.stopWaiting();
    return { ...end, typedAhead };
  }

  return {
    text,
    running,
    ended: running.ended.then(finish),
    over: running.over.then((over) => {
      output.end();
      return over;
    }),
    handleKey(key, isEchoed) {
      const step = typeByKey(typed, key);
      typed = step.text;
      if (isEchoed && !isSecret) echo.write(step.echo);
      send(step.sent);
      if (step.action !== 'none') echo.release();
      if (step.action === 'end-of-input') {
        inputIsOver = true;
        running.endInput();
      }
      return step.action;
    },
  };
}
