import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Interrupt, type InterruptRules, watchInterrupts } from '../../../src/cli/run/interrupts.ts';

function send(signals: readonly string[], rules?: InterruptRules): readonly Interrupt[] {
  const source = new EventEmitter();
  const asked: Interrupt[] = [];
  watchInterrupts(source, (interrupt) => asked.push(interrupt), rules);
  for (const signal of signals) source.emit(signal);
  return asked;
}

const FORWARD = { kind: 'forward', signal: 'SIGINT' };
const abandon = (cause: string) => ({ kind: 'abandon', cause });
const cancel = (cause: string) => ({ kind: 'cancel', cause });

describe('signals to rexa', () => {
  it('are for the command at first, then end its tree, then leave', () => {
    expect(send(['SIGINT', 'SIGINT', 'SIGINT', 'SIGINT'])).toEqual([
      FORWARD,
      cancel('SIGINT'),
      abandon('SIGINT'),
      abandon('SIGINT'),
    ]);
  });

  it.each(['SIGTERM', 'SIGHUP'])('%s ends the tree at once, and leaves the second time', (signal) => {
    expect(send([signal, signal])).toEqual([cancel(signal), abandon(signal)]);
  });

  it('end the tree by SIGTERM behind a first Ctrl-C too', () => {
    expect(send(['SIGINT', 'SIGTERM', 'SIGINT'])).toEqual([FORWARD, cancel('SIGTERM'), abandon('SIGINT')]);
  });

  it.each<[InterruptRules, string, string[], Interrupt['kind'][]]>([
    ['job', 'that outlives us', ['SIGINT', 'SIGINT', 'SIGINT'], ['forward', 'cancel', 'abandon']],
    ['job', 'that outlives us', ['SIGHUP'], ['abandon']],
    ['attach-forwarding', 'that was started elsewhere', ['SIGINT', 'SIGINT'], ['forward', 'abandon']],
    ['attach-forwarding', 'that was started elsewhere', ['SIGTERM'], ['abandon']],
    ['watch', 'that is only looked at', ['SIGINT'], ['abandon']],
  ])('by the rules of a %s %s: %j is %j', (rules, _what, signals, kinds) => {
    expect(send(signals, rules).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('are not watched any more once that was stopped, and SIGPIPE and SIGTSTP never', () => {
    const source = new EventEmitter();
    const stop = watchInterrupts(source, () => {});
    expect(source.eventNames()).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1']);
    stop();
    expect(source.eventNames()).toEqual([]);
  });
});
