import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { attachLink } from '../link/attach-link.ts';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import { supervisorPaths } from '../places/local-socket.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import { LAST_WORDS_MS } from '../protocol/limits.ts';
import { checkShape } from '../protocol/shape.ts';
import { toRexaError } from '../protocol/to-rexa-error.ts';
import { toldErrorSchema } from '../protocol/told-text.ts';
import { VERSION } from '../protocol/version.ts';
import type { Log } from '../runtime/log.ts';
import {
  type AskedSupervisor,
  failedUnchecked,
  type OpenedAnswer,
  type SupervisorAnswer,
} from '../services/jobs/asked-supervisor.ts';
import { readRunProgress } from '../services/jobs/progress-messages.ts';
import { readSupervisorFinalMessage, type SupervisorRequest } from '../services/jobs/supervisor-messages.ts';
import { connectOrStart } from '../transports/start-program.ts';
import { unixTransport } from '../transports/unix.ts';
import { REXAD_AGENT } from './agent.ts';
import { SUPERVISOR_CONNECT_MS, SUPERVISOR_TRIES } from './limits.ts';

/** Of one try. `gone`: the supervisor may have taken the request; `leaving`: it has not. */
type OneAnswer = SupervisorAnswer | 'gone' | 'leaving';

/** The daemon's end of the supervisor, which is started when it is needed and does not run. */
export interface SupervisorClient extends AskedSupervisor {
  /** Says goaway, if there is anybody to say it to. */
  leave(): Promise<void>;
}

/** Of a supervisor of our own version. */
const OWN_SUPERVISOR = `rexa-supervisor/${VERSION}`;
const refusedSchema = v.object({ error: v.optional(toldErrorSchema) });
/** Before a supervisor that did not say hello is tried again; longer each time. */
const RETRY_MS = 20;

export function createSupervisorClient(log: Log): SupervisorClient {
  let current: Promise<Link> | null = null;

  function connected(): Promise<Link> {
    current ??= connectSupervisor(log).then(watch, (error) => {
      current = null;
      throw error;
    });
    return current;
  }

  function watch(link: Link): Link {
    void link.ended.then(({ kind }) => {
      current = null;
      if (kind === 'goaway') return;
      // Its jobs are lost: the next supervisor says so of them, and ends what is left of their processes
      log.error('the supervisor of jobs is gone', { end: kind });
      connected().catch((error) => log.error('there is no supervisor of jobs', { error: String(error) }));
    });
    return link;
  }

  async function openOnce(
    request: JsonObject,
    receive: readonly number[],
    windowBytes?: number,
  ): Promise<OpenedAnswer | 'gone' | 'leaving'> {
    const link = await connected();
    let channel: LinkChannel;
    try {
      channel = link.open(request, receive, windowBytes);
    } catch (error) {
      if (error instanceof RexaError && error.code === 'CLOSED') return 'leaving';
      throw error;
    }
    const message = await channel.nextMessage();
    if (message !== null) return { kind: 'open', channel, message };
    const end = await channel.ended;
    if (end.kind === 'link-ended') return 'gone';
    const { error } = checkShape(refusedSchema, end.last, 'close');
    if (error?.code === 'SHUTTING_DOWN') return 'leaving';
    if (error) throw toRexaError(error);
    return { kind: 'closed', last: end.last };
  }

  async function askOnce(request: SupervisorRequest): Promise<OneAnswer> {
    const isJob = request.service === 'start' || request.service === 'attach';
    const answer = await openOnce({ ...request }, isJob ? [0, 1] : []);
    if (typeof answer === 'string') return answer;
    if (answer.kind === 'closed') return { kind: 'done', last: readSupervisorFinalMessage(answer.last) };
    const first = readRunProgress(answer.message);
    if (first.type === 'job') return { kind: 'attached', channel: answer.channel, first };
    throw new RexaError('SUPERVISOR_UNREACHABLE', [`it began with ${first.type}`]);
  }

  /** A supervisor that died may have started the job: unless the next one reports the job, its outcome is unknown. */
  async function askAfterLoss(request: SupervisorRequest): Promise<OneAnswer> {
    try {
      return await askOnce(request);
    } catch (error) {
      if (request.service !== 'start' || !failedUnchecked(error)) throw error;
      throw new RexaError('SUPERVISOR_LOST', [request.id], { cause: error });
    }
  }

  return {
    hasRecords: mayHaveRecords,
    async ask(request) {
      let wasTaken = false;
      for (let tries = 0; tries < SUPERVISOR_TRIES; tries++) {
        const answer: OneAnswer = await (wasTaken ? askAfterLoss(request) : askOnce(request));
        if (typeof answer === 'object') return answer;
        wasTaken ||= answer === 'gone';
        current = null;
      }
      if (wasTaken && request.service === 'start') throw new RexaError('SUPERVISOR_LOST', [request.id]);
      throw new RexaError('SUPERVISOR_UNREACHABLE', [`it went away ${SUPERVISOR_TRIES} times`]);
    },
    async open(request, { receive, windowBytes, lost }) {
      for (let tries = 0; tries < SUPERVISOR_TRIES; tries++) {
        const answer = await openOnce(request, receive, windowBytes);
        if (typeof answer === 'object') return answer;
        if (answer === 'gone' && lost !== undefined) throw lost;
        current = null;
      }
      throw new RexaError('SUPERVISOR_UNREACHABLE', [`it went away ${SUPERVISOR_TRIES} times`]);
    },
    async leave() {
      const link = await current?.catch(() => null);
      if (link) await Promise.race([link.leave(), sleep(LAST_WORDS_MS)]);
    },
  };
}

function mayHaveRecords(): boolean {
  try {
    statSync(supervisorPaths().jobs);
    return true;
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** Connects to the supervisor. One of another version is replaced, unless a job of it runs: then it serves us too. */
async function connectSupervisor(log: Log): Promise<Link> {
  const { link, agent } = await greetSupervisor();
  if (agent === OWN_SUPERVISOR || !(await retire(link))) return link;
  log.info('a supervisor of another version has left', { agent });
  await link.closed;
  return (await greetSupervisor()).link;
}

/** @throws RexaError SUPERVISOR_START_FAILED, SUPERVISOR_UNREACHABLE */
async function greetSupervisor(): Promise<{ readonly link: Link; readonly agent: string }> {
  for (let tries = 1; ; tries++) {
    const link = await openSupervisor();
    const peer = await link.peer;
    if (peer !== null) return { link, agent: peer.agent };
    const end = await link.ended;
    // One that is just dying, or leaving, has still a place to connect to
    if (tries === SUPERVISOR_TRIES || end.kind === 'refused') throw unreachable(end);
    await sleep(tries * RETRY_MS);
  }
}

async function openSupervisor(): Promise<Link> {
  const { socket: socketPath, log: logFile } = supervisorPaths();
  const socket = await connectOrStart(
    {
      socketPath,
      script: fileURLToPath(new URL('bin/rexa-supervisor.js', import.meta.resolve('rexa/package.json'))),
      words: [],
      logFile,
      fail: (reason, cause) => new RexaError('SUPERVISOR_START_FAILED', [reason, logFile], { cause }),
    },
    SUPERVISOR_CONNECT_MS,
  );
  return attachLink(unixTransport(socket), { role: 'client', agent: REXAD_AGENT });
}

/** @returns whether it leaves */
async function retire(link: Link): Promise<boolean> {
  const end = await link.open({ service: 'retire' }, []).ended;
  return end.kind === 'closed' && readSupervisorFinalMessage(end.last).leaving === true;
}

function unreachable(end: Awaited<Link['ended']>): RexaError {
  const reason = end.kind === 'refused' ? end.message : 'the connection ended before its hello';
  return new RexaError('SUPERVISOR_UNREACHABLE', [reason]);
}
