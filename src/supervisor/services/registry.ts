import { defineService } from '../../services/define-service.ts';
import { SUPERVISOR_REQUESTS } from '../../services/jobs/supervisor-messages.ts';
import { INTERACTIVE_BUFFER_BYTES } from '../../services/limits.ts';
import type { Service } from '../../services/service.ts';
import { SESSION_REQUESTS } from '../../services/sessions/supervisor-messages.ts';
import { openTerminalSchema } from '../../services/terminals/messages.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Terminals } from '../terminals/terminals.ts';
import { serveAttachment } from './attach.ts';
import { killJob } from './kill.ts';
import { serveSessionWatch } from './session-watch.ts';

/** Whose jobs are asked for, as the daemon has it; empty where it asks for itself. */
export type Owner = string;

/** What daemons may ask the supervisor. They have authorized it: only our own user can open the socket. */
export function createSupervisorServices(
  jobs: Jobs,
  sessions: Sessions,
  terminals: Terminals,
  retire: () => void,
): readonly Service<Owner>[] {
  return [
    ...createJobServices(jobs),
    ...createSessionServices(sessions, terminals),
    createTerminalService(terminals),
    createRetireService([jobs, sessions, terminals], retire),
  ];
}

function createJobServices(jobs: Jobs): readonly Service<Owner>[] {
  return [
    defineService({
      name: 'start',
      schema: SUPERVISOR_REQUESTS.start,
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }, { request }) {
        const found = await jobs.start(request);
        const attachment = {
          mode: 'client',
          output: true,
          follow: true,
          stdin: 'start',
          sinceMs: 0,
        } as const;
        return serveAttachment(channel, found, { ...attachment, repeated: found.repeated }, jobs);
      },
    }),
    defineService({
      name: 'attach',
      schema: SUPERVISOR_REQUESTS.attach,
      authorize: (request) => request,
      drain: 'refuse',
      serve({ channel }, { request }) {
        const { principal, id, mode, output, follow, agoMs, sinceMs } = request;
        const attachment = {
          mode,
          output,
          follow,
          stdin: request.stdin ? 'now' : null,
          repeated: false,
          sinceMs: sinceMs ?? (agoMs === undefined ? 0 : Math.max(1, Date.now() - agoMs)),
        } as const;
        return serveAttachment(channel, jobs.find(principal, id), attachment, jobs);
      },
    }),
    defineService({
      name: 'jobs',
      schema: SUPERVISOR_REQUESTS.jobs,
      authorize: (request) => request,
      drain: 'refuse',
      serve: ({ channel }, { request }) => channel.close({ jobs: jobs.list(request.principal) }),
    }),
    defineService({
      name: 'kill',
      schema: SUPERVISOR_REQUESTS.kill,
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }, { request: { principal, id, signal } }) {
        channel.close({ job: await killJob(jobs.find(principal, id), signal, jobs) });
      },
    }),
    defineService({
      name: 'prune',
      schema: SUPERVISOR_REQUESTS.prune,
      authorize: (request) => request,
      drain: 'refuse',
      serve: ({ channel }, { request: { principal, ids, olderMs } }) =>
        channel.close({ pruned: jobs.prune(principal, ids, Date.now() - olderMs) }),
    }),
  ];
}

function createTerminalService(terminals: Terminals): Service<Owner> {
  return defineService({
    name: 'terminal',
    schema: openTerminalSchema,
    authorize: (request) => request,
    drain: 'refuse',
    serve({ channel }, { request }) {
      channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
      return terminals.open(channel, request);
    },
  });
}

function createSessionServices(sessions: Sessions, terminals: Terminals): readonly Service<Owner>[] {
  return [
    defineService({
      name: 'session',
      schema: SESSION_REQUESTS.session,
      authorize: (request) => request,
      drain: 'refuse',
      serve({ channel }, { request }) {
        channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
        return sessions.open(channel, request);
      },
    }),
    defineService({
      name: 'sessions',
      schema: SESSION_REQUESTS.sessions,
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }) {
        channel.close({ sessions: await sessions.list() });
      },
    }),
    defineService({
      name: 'session-watch',
      schema: SESSION_REQUESTS['session-watch'],
      authorize: (request) => request,
      drain: 'refuse',
      serve: ({ channel }) => serveSessionWatch(channel, sessions, terminals),
    }),
    defineService({
      name: 'session-expel',
      schema: SESSION_REQUESTS['session-expel'],
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }, { request: { name, owner } }) {
        await sessions.expel(name, owner);
        channel.close({});
      },
    }),
    defineService({
      name: 'session-screen',
      schema: SESSION_REQUESTS['session-screen'],
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }, { request: { name } }) {
        channel.close({ screen: await sessions.text(name) });
      },
    }),
    defineService({
      name: 'session-end',
      schema: SESSION_REQUESTS['session-end'],
      authorize: (request) => request,
      drain: 'refuse',
      async serve({ channel }, { request: { name } }) {
        channel.close({ session: await sessions.end(name) });
      },
    }),
  ];
}

function createRetireService(
  work: readonly { readonly liveCount: number }[],
  retire: () => void,
): Service<Owner> {
  return defineService({
    name: 'retire',
    schema: SUPERVISOR_REQUESTS.retire,
    authorize: (request) => request,
    drain: 'refuse',
    serve({ channel }) {
      const isIdle = work.every(({ liveCount }) => liveCount === 0);
      if (isIdle) retire();
      channel.close({ leaving: isIdle });
    },
  });
}
