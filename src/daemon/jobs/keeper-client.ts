import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attachLink } from '../../link/attach-link.ts';
import type { LinkChannel } from '../../link/channel.ts';
import type { Link } from '../../link/link.ts';
import { keeperPaths } from '../../link/local-socket.ts';
import { connectOrStart } from '../../link/start-program.ts';
import { type ErrorCode, RexaError } from '../../protocol/errors.ts';
import { type RunProgress, readRunProgress } from '../../protocol/job-view.ts';
import {
  type KeeperLastWord,
  type KeeperRequest,
  readKeeperLastWord,
} from '../../protocol/keeper-messages.ts';
import { KEEPER_CONNECT_MS, KEEPER_TRIES, LAST_WORDS_MS } from '../../protocol/limits.ts';
import { retellError } from '../../protocol/retell-error.ts';
import { VERSION } from '../../protocol/version.ts';
import { unixTransport } from '../../transports/unix.ts';
import { REXAD_AGENT } from '../agent.ts';
import type { Log } from '../log.ts';

/** What the keeper answers first: that the channel is attached to a job, or all that there is to say. */
export type KeeperAnswer =
  | {
      readonly kind: 'attached';
      readonly channel: LinkChannel;
      readonly first: Extract<RunProgress, { type: 'job' }>;
    }
  | { readonly kind: 'done'; readonly last: KeeperLastWord };

/** Of one try. `gone`: the keeper may have taken the request; `leaving`: it has not. */
type OneAnswer = KeeperAnswer | 'gone' | 'leaving';

/** The daemon's end of the keeper, which is started when it is needed and does not run. */
export interface KeeperClient {
  /**
   * Asks the keeper. A request that a keeper which has just gone did not answer is asked of the next one: that is safe,
   * since a job that the first one has recorded is not run by the second.
   * @throws RexaError what the keeper refused with, KEEPER_START_FAILED, KEEPER_UNREACHABLE
   */
  ask(request: KeeperRequest): Promise<KeeperAnswer>;
  /** Says goodbye, if there is anybody to say it to. */
  leave(): Promise<void>;
}

/** Of a keeper of our own version. */
const OWN_KEEPER = `rexa-keeper/${VERSION}`;
/** Errors that do not tell whether an id was used. */
const UNKNOWING: readonly string[] = [
  'KEEPER_START_FAILED',
  'KEEPER_UNREACHABLE',
  'JOBS_UNUSABLE',
  'JOBS_NEWER',
] satisfies readonly ErrorCode[];
/** Before a keeper that did not say hello is tried again; longer each time. */
const RETRY_MS = 20;

export function createKeeperClient(log: Log): KeeperClient {
  let current: Promise<Link> | null = null;

  function connected(): Promise<Link> {
    current ??= connectKeeper(log).then(watch, (error) => {
      current = null;
      throw error;
    });
    return current;
  }

  function watch(link: Link): Link {
    void link.ended.then(({ kind }) => {
      current = null;
      if (kind === 'goodbye') return;
      // Its jobs are lost: the next keeper says so of them, and ends what is left of their processes
      log.error('the keeper of jobs is gone', { end: kind });
      connected().catch((error) => log.error('there is no keeper of jobs', { error: String(error) }));
    });
    return link;
  }

  async function askOnce(request: KeeperRequest): Promise<OneAnswer> {
    const link = await connected();
    let channel: LinkChannel;
    try {
      channel = link.open(
        { ...request },
        request.service === 'start' || request.service === 'attach' ? [0, 1] : [],
      );
    } catch (error) {
      if (error instanceof RexaError && error.code === 'CLOSED') return 'leaving';
      throw error;
    }
    const message = await channel.nextMessage();
    if (message !== null) {
      const first = readRunProgress(message);
      if (first.type === 'job') return { kind: 'attached', channel, first };
      throw new RexaError('KEEPER_UNREACHABLE', [`it began with ${first.type}`]);
    }
    const end = await channel.ended;
    if (end.kind === 'link-ended') return 'gone';
    const last = readKeeperLastWord(end.last);
    if (last.error?.code === 'SHUTTING_DOWN') return 'leaving';
    if (last.error) throw retellError(last.error);
    return { kind: 'done', last };
  }

  /** A keeper that died may have started the job: unless the next one says what became of it, nobody knows. */
  async function askAfterLoss(request: KeeperRequest): Promise<OneAnswer> {
    try {
      return await askOnce(request);
    } catch (error) {
      const isUnknown = error instanceof RexaError && UNKNOWING.includes(error.code);
      throw isUnknown && request.service === 'start' ? new RexaError('KEEPER_LOST', [request.id]) : error;
    }
  }

  return {
    async ask(request) {
      let wasTaken = false;
      for (let tries = 0; tries < KEEPER_TRIES; tries++) {
        const answer: OneAnswer = await (wasTaken ? askAfterLoss(request) : askOnce(request));
        if (typeof answer === 'object') return answer;
        wasTaken ||= answer === 'gone';
        current = null;
      }
      if (wasTaken && request.service === 'start') throw new RexaError('KEEPER_LOST', [request.id]);
      throw new RexaError('KEEPER_UNREACHABLE', [`it went away ${KEEPER_TRIES} times`]);
    },
    async leave() {
      const link = await current?.catch(() => null);
      if (link) await Promise.race([link.leave(), sleep(LAST_WORDS_MS)]);
    },
  };
}

/** Connects to the keeper. One of another version is replaced, unless a job of it runs: then it serves us too. */
async function connectKeeper(log: Log): Promise<Link> {
  const { link, agent } = await greetKeeper();
  if (agent === OWN_KEEPER || !(await retire(link))) return link;
  log.info('a keeper of another version has left', { agent });
  await link.closed;
  return (await greetKeeper()).link;
}

/** @throws RexaError KEEPER_START_FAILED, KEEPER_UNREACHABLE */
async function greetKeeper(): Promise<{ readonly link: Link; readonly agent: string }> {
  for (let tries = 1; ; tries++) {
    const link = await openKeeper();
    const peer = await link.peer;
    if (peer !== null) return { link, agent: peer.agent };
    const end = await link.ended;
    // One that is just dying, or leaving, has still a place to connect to
    if (tries === KEEPER_TRIES || end.kind === 'refused') throw unreachable(end);
    await sleep(tries * RETRY_MS);
  }
}

async function openKeeper(): Promise<Link> {
  const { socket: socketPath, log: logFile } = keeperPaths();
  const socket = await connectOrStart(
    {
      socketPath,
      script: fileURLToPath(new URL('bin/rexa-keeper.js', import.meta.resolve('rexa/package.json'))),
      words: [],
      logFile,
      fail: (reason, cause) => new RexaError('KEEPER_START_FAILED', [reason, logFile], { cause }),
    },
    KEEPER_CONNECT_MS,
  );
  return attachLink(unixTransport(socket), { role: 'client', agent: REXAD_AGENT });
}

/** @returns whether it leaves */
async function retire(link: Link): Promise<boolean> {
  const end = await link.open({ service: 'retire' }, []).ended;
  return end.kind === 'closed' && readKeeperLastWord(end.last).leaving === true;
}

function unreachable(end: Awaited<Link['ended']>): RexaError {
  const reason = end.kind === 'refused' ? end.message : 'the connection ended before its hello';
  return new RexaError('KEEPER_UNREACHABLE', [reason]);
}
