import stringWidth from 'string-width';
import { showText } from '../../protocol/show-text.ts';
import type { SessionInfo } from '../../services/sessions/client-types.ts';
import { describeAge, describeCommand } from '../jobs/describe-jobs.ts';

const HEAD = ['SESSION', 'STATE', 'SIZE', 'AGE', 'IDLE', 'CLIENTS', 'COMMAND'] as const;

/** Returns a table of sessions, a line each; nothing where there are none. */
export function describeSessions(sessions: readonly SessionInfo[], nowMs: number): string {
  if (sessions.length === 0) return '';
  const rows = sessions.map((session) => [
    session.name,
    describeState(session),
    `${session.columns}x${session.rows}`,
    describeAge(session.createdMs, nowMs),
    describeAge(nowMs - session.idleMs, nowMs),
    session.clients.map(describeClient).join(', ') || '-',
    [describeCommand({ command: session.command, note: null }), session.title && `(${session.title})`]
      .filter(Boolean)
      .join(' '),
  ]);
  const all = [[...HEAD], ...rows].map((row) => row.map(showText));
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => stringWidth(row[column] ?? ''))));
  return all.map((row) => `${writeRow(row, widths)}\n`).join('');
}

function writeRow(row: readonly string[], widths: readonly number[]): string {
  const padded = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)));
  return padded.join('  ').trimEnd();
}

/** Returns the state of a session, with what became of its program. */
export function describeState({ state, outcome }: SessionInfo): string {
  if (outcome === null) return state;
  const { name, exitCode, signal } = outcome;
  if (name === 'exited') return `exited ${exitCode}`;
  return name === 'signaled' ? `signaled ${signal}` : name;
}

/** Returns who is attached, and how. */
export function describeClient({ who, mode }: SessionInfo['clients'][number]): string {
  return mode === 'view' ? `${who} (view)` : who;
}

/** Returns what has changed for those who are attached: who has come and gone, and the end of the recording; null: nothing. */
export function describeChange(before: SessionInfo, now: SessionInfo): string | null {
  const isStopped = before.recording !== null && now.recording === null && now.state === 'running';
  const stopped = isStopped ? `${before.recording} cannot be written: the session is recorded no more` : null;
  return [stopped, describePresence(before, now)].filter((change) => change !== null).join('; ') || null;
}

function describePresence(before: SessionInfo, now: SessionInfo): string | null {
  const names = (session: SessionInfo): string[] => session.clients.map(describeClient);
  const come = subtract(names(now), names(before)).map((name) => `${name} has joined`);
  const gone = subtract(names(before), names(now)).map((name) => `${name} has left`);
  const changes = [...come, ...gone];
  return changes.length === 0 ? null : `${changes.join(', ')}; attached: ${names(now).join(', ')}`;
}

function subtract(all: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return all.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
