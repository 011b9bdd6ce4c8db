import { formatDuration } from '../../command-line/duration.ts';
import { attachLink } from '../../link/attach-link.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { writeJsonLine } from '../../protocol/show-text.ts';
import { type DaemonStatus, readDaemonStatus } from '../../services/status/messages.ts';
import { connectUnix } from '../../transports/connect-unix.ts';
import { parseListenAddress } from '../../transports/listen-address.ts';
import { unixTransport } from '../../transports/unix.ts';
import { REXAD_AGENT } from '../agent.ts';
import type { DaemonOptions } from '../options.ts';
import { printRows, say } from './say.ts';

/** As service managers have it: the program is not running. */
const EXIT_NOT_RUNNING = 3;
const EXIT_FAILED = 1;

/** `rexad status`: asks the daemon that listens where these options say. @returns the exit status */
export async function showStatus({ listen, json }: DaemonOptions): Promise<number> {
  const socketPath = findSocket(listen);
  if (socketPath === null) {
    say(
      'a daemon is asked over its Unix socket, and --listen names none; let it listen there too: --listen local',
    );
    return EXIT_FAILED;
  }
  try {
    const status = await askStatus(socketPath);
    if (json) process.stdout.write(writeJsonLine({ v: 1, ...status }));
    else printRows(describe(status));
    return 0;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    say(error.message);
    return error.code === 'CONNECT_FAILED' ? EXIT_NOT_RUNNING : EXIT_FAILED;
  }
}

function findSocket(listen: readonly string[]): string | null {
  for (const url of listen) {
    const address = parseListenAddress(url);
    if (address.kind === 'local' || address.kind === 'unix') return address.path;
  }
  return null;
}

/** @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, SOCKET_NOT_OURS, STATUS_FAILED */
async function askStatus(socketPath: string): Promise<DaemonStatus> {
  const socket = await connectUnix(socketPath, DEFAULT_CONNECT_TIMEOUT_MS);
  const link = attachLink(unixTransport(socket), { role: 'client', agent: REXAD_AGENT });
  const timer = setTimeout(() => socket.destroy(), DEFAULT_CONNECT_TIMEOUT_MS);
  try {
    const end = await link.open({ service: 'status' }, []).ended;
    if (end.kind === 'closed') {
      const { error } = end.last;
      if (error === undefined) return readDaemonStatus(end.last);
      const { message } = error as { readonly message?: unknown };
      throw new RexaError('STATUS_FAILED', [`unix:${socketPath}`, String(message)]);
    }
    throw new RexaError('STATUS_FAILED', [`unix:${socketPath}`, 'it closed the connection, or is stopped']);
  } finally {
    clearTimeout(timer);
    void link.leave();
  }
}

function describe(status: DaemonStatus): readonly (readonly [string, string])[] {
  const { agent, pid, startedMs, state, listen, connections, runs, datagrams, config, audit } = status;
  const since = new Date(startedMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const forMs = Math.max(0, Date.now() - startedMs);
  return [
    [agent, `${state}, pid ${pid}, since ${since} (${formatDuration(forMs)})`],
    ...listen.map(
      ({ url, fingerprint }, index) =>
        [index === 0 ? 'listens at' : '', [url, fingerprint ?? ''].join('  ')] as const,
    ),
    ['connections', String(connections)],
    ['commands', String(runs)],
    ...(datagrams === null
      ? []
      : [
          [
            'datagrams',
            `${datagrams.answered} answered, ${datagrams.limited} beyond the limits, ${datagrams.dropped} dropped`,
          ] as const,
        ]),
    ['configuration', config ?? 'none'],
    ['audit', audit ?? 'in the log'],
  ];
}
