import { expect, it } from 'vitest';
import { describeChange } from '../../../../src/cli/session/describe-sessions.ts';
import type { SessionInfo } from '../../../../src/services/sessions/client-types.ts';

const client = (who: string) => ({ who, mode: 'drive', columns: 80, rows: 24, sinceMs: 0 }) as const;

const SESSION: SessionInfo = {
  id: 'a',
  name: 'work',
  state: 'running',
  command: { shell: 'login' },
  who: 'ann',
  createdMs: 0,
  endedMs: null,
  pid: 1,
  columns: 80,
  rows: 24,
  title: '',
  recording: '/home/ann/work.cast',
  idleMs: 0,
  clients: [client('ann')],
  outcome: null,
};

it.each([
  { what: 'nothing', now: {}, told: null },
  {
    what: 'a client that joins',
    now: { clients: [client('ann'), client('bob')] },
    told: 'bob has joined; attached: ann, bob',
  },
  {
    what: 'a recording that breaks off',
    now: { recording: null },
    told: '/home/ann/work.cast cannot be written: the session is recorded no more',
  },
  { what: 'no recording of a session that has ended', now: { recording: null, state: 'ended' }, told: null },
] as const)('tells those who are attached of $what', ({ now, told }) => {
  expect(describeChange(SESSION, { ...SESSION, ...now })).toBe(told);
});
