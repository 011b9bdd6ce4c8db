import { describe, expect, it } from 'vitest';
import {
  nextShellStep,
  type ShellEvent,
  type ShellState,
} from '../../../../src/cli/line-shell/shell-state.ts';

/** The states and actions that a row of events leads through. */
function follow(start: ShellState, events: readonly ShellEvent[]): string[] {
  let state = start;
  return events.map((event) => {
    const step = nextShellStep(state, event);
    state = step.state;
    return `${event}: ${step.action}, ${state}`;
  });
}

describe('the state of the shell', () => {
  it('goes from a prompt through a line to the next prompt', () => {
    expect(follow('prompting', ['submit', 'ended'])).toEqual([
      'submit: submit, running',
      'ended: prompt, prompting',
    ]);
  });

  it('interrupts a line first, then ends its tree, then waits no longer, and never leaves by that', () => {
    expect(
      follow('prompting', ['submit', 'interrupt', 'interrupt', 'interrupt', 'interrupt', 'ended']),
    ).toEqual([
      'submit: submit, running',
      'interrupt: send-sigint, interrupted',
      'interrupt: end-tree, ending',
      'interrupt: abandon, abandoned',
      'interrupt: none, abandoned',
      'ended: prompt, prompting',
    ]);
  });

  it('begins anew with the interrupts of each line', () => {
    expect(follow('interrupted', ['ended', 'submit', 'interrupt']).at(-1)).toBe(
      'interrupt: send-sigint, interrupted',
    );
  });

  it('clears the line at the prompt', () => {
    expect(follow('prompting', ['interrupt'])).toEqual(['interrupt: clear-line, prompting']);
  });

  it('leaves by a last line of its own, which an interrupt does not wait for', () => {
    expect(follow('prompting', ['depart', 'ended', 'tidied'])).toEqual([
      'depart: submit-exit, departing',
      'ended: leave, leaving',
      'tidied: exit, left',
    ]);
    expect(follow('departing', ['interrupt', 'interrupt'])).toEqual([
      'interrupt: leave, leaving',
      'interrupt: exit, left',
    ]);
  });

  it.each<ShellState>(['prompting', 'running', 'interrupted', 'ending', 'abandoned', 'departing'])(
    'leaves from %s when it is told to',
    (state) => {
      expect(nextShellStep(state, 'leave')).toEqual({ state: 'leaving', action: 'leave' });
    },
  );

  it.each<[ShellState, ShellEvent]>([
    ['running', 'submit'],
    ['running', 'depart'],
    ['prompting', 'ended'],
    ['leaving', 'leave'],
    ['leaving', 'ended'],
    ['left', 'interrupt'],
    ['left', 'leave'],
  ])('does nothing in %s about %s', (state, event) => {
    expect(nextShellStep(state, event)).toEqual({ state, action: 'none' });
  });
});
