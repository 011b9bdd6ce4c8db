/** What the shell is at. */
export type ShellState =
  /** The prompt is shown, and a line is edited. */
  | 'prompting'
  /** A line is run; what is typed goes to it. */
  | 'running'
  /** The same, and SIGINT was sent to it. */
  | 'interrupted'
  /** All processes of the line are being ended. */
  | 'ending'
  /** It is not waited for any more. */
  | 'abandoned'
  /** The last line runs: an exit of its own, so that the host's shell can do what its user wants at its end. */
  | 'departing'
  /** The host is tidied up. */
  | 'leaving'
  | 'left';

export type ShellEvent =
  /** A line is given to the host. */
  | 'submit'
  /** The line has ended, or was not run. */
  | 'ended'
  /** Ctrl-C. */
  | 'interrupt'
  /** Ctrl-D in an empty line, or the end of our stdin. */
  | 'depart'
  /** The line has ended the shell; or we are told to end. */
  | 'leave'
  /** Nothing is left to do. */
  | 'tidied';

/** What a step does. */
export type ShellAction =
  | 'submit'
  | 'submit-exit'
  | 'prompt'
  | 'clear-line'
  | 'send-sigint'
  | 'end-tree'
  | 'abandon'
  | 'leave'
  | 'exit'
  | 'none';

export interface ShellStep {
  readonly state: ShellState;
  readonly action: ShellAction;
}

const step = (state: ShellState, action: ShellAction): ShellStep => ({ state, action });

/** The one table of the shell's life. What is not in it has no meaning there, and does nothing. */
const STEPS: Readonly<Record<ShellState, Readonly<Partial<Record<ShellEvent, ShellStep>>>>> = {
  prompting: {
    submit: step('running', 'submit'),
    interrupt: step('prompting', 'clear-line'),
    depart: step('departing', 'submit-exit'),
    leave: step('leaving', 'leave'),
  },
  running: {
    ended: step('prompting', 'prompt'),
    interrupt: step('interrupted', 'send-sigint'),
    leave: step('leaving', 'leave'),
  },
  interrupted: {
    ended: step('prompting', 'prompt'),
    interrupt: step('ending', 'end-tree'),
    leave: step('leaving', 'leave'),
  },
  ending: {
    ended: step('prompting', 'prompt'),
    interrupt: step('abandoned', 'abandon'),
    leave: step('leaving', 'leave'),
  },
  abandoned: {
    ended: step('prompting', 'prompt'),
    leave: step('leaving', 'leave'),
  },
  departing: {
    ended: step('leaving', 'leave'),
    interrupt: step('leaving', 'leave'),
    leave: step('leaving', 'leave'),
  },
  leaving: {
    interrupt: step('left', 'exit'),
    tidied: step('left', 'exit'),
  },
  left: {},
};

/** What follows from an event. */
export function nextShellStep(state: ShellState, event: ShellEvent): ShellStep {
  return STEPS[state][event] ?? { state, action: 'none' };
}
