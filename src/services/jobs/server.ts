import { RexaError } from '../../protocol/errors.ts';
import { defaultInputErrors } from '../../protocol/input-errors.ts';
import { chooseEncoding } from '../../transcode/choose-encoding.ts';
import type { AuditLines } from '../audit-lines.ts';
import type { Call } from '../call.ts';
import { defineService } from '../define-service.ts';
import { createRunFilters } from '../run/run-filters.ts';
import type { Service, Turn } from '../service.ts';
import type { AskedSupervisor } from './asked-supervisor.ts';
import { bridgeJob } from './bridge.ts';
import { type AttachRequest, attachSchema, killSchema, listSchema, pruneSchema } from './messages.ts';
import type { SupervisorFinalMessage, SupervisorRequest } from './supervisor-messages.ts';

export interface JobServicesOptions {
  readonly supervisor: AskedSupervisor;
  readonly audit: AuditLines;
  readonly hostEncoding: string;
  /** Resolves when the daemon leaves jobs to the supervisor. */
  readonly released: Promise<unknown>;
}

/**
 * Creates the services `attach`, `jobs`, `kill` and `prune`, each for the caller's own jobs; docs/protocol.md, 9. None of
 * them is open to bound principals, which have no jobs, and a drain does not concern what the supervisor does.
 */
export function createJobServices(options: JobServicesOptions): readonly Service[] {
  const { supervisor, audit } = options;

  /** A question that is answered in one word. @throws RexaError what the supervisor refused with */
  async function ask(request: SupervisorRequest): Promise<SupervisorFinalMessage> {
    const answer = await supervisor.ask(request);
    if (answer.kind === 'done') return answer.last;
    answer.channel.abort({});
    throw new RexaError('SUPERVISOR_UNREACHABLE', ['it has attached what was only asked for']);
  }

  return [
    defineService({
      name: 'attach',
      schema: attachSchema,
      authorize: (request) => request,
      drain: 'serve',
      serve: (call, { request, turn }) => attach(options, call, request, turn),
    }),
    defineService({
      name: 'jobs',
      schema: listSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }) {
        const { jobs = [] } = await ask({ service: 'jobs', principal: principal.name });
        channel.close({ jobs });
      },
    }),
    defineService({
      name: 'kill',
      schema: killSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }, { request: { job: id, signal }, turn }) {
        const answer = ask({ service: 'kill', principal: principal.name, id, signal });
        // The end of a job may take its time
        turn.started();
        const { job } = await answer;
        audit.note('job signaled', principal, { id, signal });
        channel.close(job ? { job } : {});
      },
    }),
    defineService({
      name: 'prune',
      schema: pruneSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }, { request: { jobs: ids, olderMs } }) {
        const { pruned = [] } = await ask({ service: 'prune', principal: principal.name, ids, olderMs });
        audit.note('jobs forgotten', principal, { ids: pruned });
        channel.close({ pruned });
      },
    }),
  ];
}

async function attach(
  { supervisor, hostEncoding, released }: JobServicesOptions,
  { channel, principal }: Call,
  { job: id, mode, output, follow, agoMs, sinceMs, stdin, encoding }: AttachRequest,
  turn: Turn,
): Promise<void> {
  const sendsStdin = stdin === 'stream';
  const decoding = await chooseEncoding(encoding.output, hostEncoding);
  const input = await chooseEncoding(encoding.input, hostEncoding);
  const filters = createRunFilters(decoding, input, encoding.inputErrors ?? defaultInputErrors(false));
  const answer = await supervisor.ask({
    service: 'attach',
    principal: principal.name,
    id,
    mode,
    output,
    follow,
    stdin: sendsStdin,
    ...(agoMs === undefined ? {} : { agoMs }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  });
  turn.started();
  if (answer.kind === 'done') throw new RexaError('JOB_UNKNOWN', [id]);
  const isText = encoding.output !== 'binary';
  const end = await bridgeJob(channel, answer, { filters, isText, sendsStdin, isStarter: false, released });
  if (end.kind === 'left') return;
  const { job } = end.last;
  const { encoding: receipts, outcome } = end;
  channel.close({ encoding: receipts, ...(job ? { job } : {}), ...(outcome ? { outcome } : {}) });
}
