import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Interrupt, watchInterrupts } from '../../../../src/client/cli/interrupts.ts';

function send(...signals: readonly string[]): readonly Interrupt[] {
  const source = new EventEmitter();
  const asked: Interrupt[] = [];
  watchInterrupts(source, (interrupt) => asked.push(interrupt));
  for (const signal of signals) source.emit(signal);
  return asked;
}

const FORWARD = { kind: 'forward', signal: 'SIGINT' };
const ABANDON = { kind: 'abandon' };
const cancel = (cause: string) => ({ kind: 'cancel', cause });

describe('signals to rexa', () => {
  it('are for the command at first, then end its tree, then leave', () => {
    expect(send('SIGINT', 'SIGINT', 'SIGINT', 'SIGINT')).toEqual([
      FORWARD,
      cancel('SIGINT'),
      ABANDON,
      ABANDON,
    ]);
  });

  it.each(['SIGTERM', 'SIGHUP'])('%s ends the tree at once, and leaves the second time', (signal) => {
    expect(send(signal, signal)).toEqual([cancel(signal), ABANDON]);
  });

  it('end the tree by SIGTERM behind a first Ctrl-C too', () => {
    expect(send('SIGINT', 'SIGTERM', 'SIGINT')).toEqual([FORWARD, cancel('SIGTERM'), ABANDON]);
  });

  it('are not watched any more once that was stopped, and SIGPIPE and SIGTSTP never', () => {
    const source = new EventEmitter();
    const stop = watchInterrupts(source, () => {});
    expect(source.eventNames()).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP']);
    stop();
    expect(source.eventNames()).toEqual([]);
  });
});
