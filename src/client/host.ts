import { startAwakeTimer } from '../link/awake-timer.ts';
import type { Link } from '../link/link.ts';
import { RexaError } from '../protocol/errors.ts';
import type { PeerInfo } from '../protocol/hello.ts';
import { VERSION } from '../protocol/version.ts';
import type { Word } from '../protocol/word.ts';
import { describeEnd } from './describe-end.ts';
import type { Host } from './host-types.ts';
import { askDaemon } from './jobs/ask.ts';
import { openJob } from './jobs/open-job.ts';
import { readCall } from './read-call.ts';
import { startRun } from './run.ts';
import { resolveFolder } from './words.ts';

/** A host whose hello may still be on its way. */
export interface OpenHost extends Host {
  /** What a configuration says of the escape character of terminals there; null: there is none. */
  readonly escape?: string | null;
  /** Resolves with the daemon's hello. @throws RexaError LINK_LOST, CONNECT_TIMEOUT, or what the daemon refused with */
  greeted(timeoutMs: number): Promise<PeerInfo>;
  /**
   * Resolves when the connection can serve no more: with why, or null after a goodbye of ours. Never rejects. Absent
   * where there is none between two requests.
   */
  readonly ended?: Promise<RexaError | null>;
  /** Tells the daemon that this process is about to be stopped. Absent where nobody minds. */
  suspend?(): Promise<void>;
  /** Looks for another connection now; false: this host can have only one. Absent where that is never so. */
  reconnect?(): boolean;
  /**
   * Where a key was proven in one flight with the first request: logs in with another one, if that key was refused. What
   * was asked for is asked again. Null where the key was let in, and what was asked for is refused to it.
   * @throws RexaError as `connect`
   */
  readonly logInAgain?: () => Promise<OpenHost | null>;
}

/** How a client calls itself. */
export const REXA_AGENT = `rexa/${VERSION}`;

/** What a host has beside its link. */
interface HostExtras extends Pick<OpenHost, 'logInAgain'> {
  /** Where commands run, and what a relative `cwd` starts from. Default: the home folder of the daemon's user. */
  readonly folder?: Word;
}

/** Speaks the protocol over a link. */
export function createHost(address: string, link: Link, { folder, ...again }: HostExtras = {}): OpenHost {
  let peer: PeerInfo | null = null;
  void link.peer.then((info) => {
    peer = info;
  });
  let isClosing = false;

  return {
    ...again,
    address,
    get peer() {
      return {
        agent: peer?.agent ?? '',
        protocol: peer?.protocol ?? 0,
        encoding: peer?.encoding ?? '',
      };
    },
    greeted: (timeoutMs) => awaitHello(link, address, timeoutMs),
    ended: link.ended.then((end) => (isClosing ? null : describeEnd(end, address))),
    run: ((...words: Parameters<typeof readCall>) => {
      const { file, args, options } = readCall(...words);
      const placed = folder === undefined ? options : { ...options, cwd: resolveFolder(folder, options.cwd) };
      return startRun(link, address, file, args, placed);
    }) as Host['run'],
    async jobs() {
      const { jobs = [] } = await askDaemon(link, address, { service: 'jobs' });
      return jobs;
    },
    job: (id) => openJob(link, address, id),
    async pruneJobs({ jobs, olderThan } = {}) {
      const request = { service: 'prune', jobs: jobs ?? null, olderMs: olderThan ?? 0 };
      return (await askDaemon(link, address, request)).pruned ?? [];
    },
    async ping() {
      const rttMs = await link.ping();
      if (rttMs === null) throw describeEnd(await link.ended, address);
      return rttMs;
    },
    async close() {
      isClosing = true;
      await link.leave();
    },
    suspend: link.suspend,
    reconnect: link.reconnect,
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

async function awaitHello(link: Link, address: string, timeoutMs: number): Promise<PeerInfo> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = startAwakeTimer(() => resolve('late'), timeoutMs);
  const peer = await Promise.race([link.peer, late]);
  timer.stop();
  if (peer === 'late') {
    const error = new RexaError('CONNECT_TIMEOUT', [address, timeoutMs]);
    void link.leave(error);
    throw error;
  }
  if (peer === null) throw describeEnd(await link.ended, address);
  return peer;
}
