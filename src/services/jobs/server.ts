import { ownerOf } from '../../auth/owner.ts';
import type { Principal } from '../../auth/principal.ts';
import { ASK_COSTS, type Turn } from '../../daemon/accounts/ledger.ts';
import type { Audit } from '../../daemon/audit/audit.ts';
import type { SupervisorClient } from '../../daemon/supervisor-client.ts';
import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import { defaultInputErrors } from '../../protocol/input-errors.ts';
import { chooseEncoding } from '../../transcode/choose-encoding.ts';
import { createRunFilters } from '../run/run-filters.ts';
import type { Service } from '../service.ts';
import { bridgeJob } from './bridge.ts';
import { readAttachRequest, readKillRequest, readPruneRequest } from './messages.ts';
import type { SupervisorFinalMessage, SupervisorRequest } from './supervisor-messages.ts';

export interface JobServicesOptions {
  readonly supervisor: SupervisorClient;
  readonly audit: Audit;
  readonly hostEncoding: string;
  /** Resolves when the daemon leaves jobs to the supervisor. */
  readonly released: Promise<unknown>;
}

/** The services `attach`, `jobs`, `kill` and `prune`, each for the caller's own jobs; docs/protocol.md, 9. */
export function createJobServices({
  supervisor,
  audit,
  hostEncoding,
  released,
}: JobServicesOptions): readonly Service[] {
  /** A question that is answered in one word. @throws RexaError what the supervisor refused with */
  async function ask(request: SupervisorRequest): Promise<SupervisorFinalMessage> {
    const answer = await supervisor.ask(request);
    if (answer.kind === 'done') return answer.last;
    answer.channel.abort({});
    throw new RexaError('SUPERVISOR_UNREACHABLE', ['it has attached what was only asked for']);
  }

  async function attach(channel: LinkChannel, principal: Principal, turn: Turn): Promise<void> {
    const {
      job: id,
      mode,
      output,
      follow,
      agoMs,
      sinceMs,
      stdin,
      encoding,
    } = readAttachRequest(channel.request);
    const sendsStdin = stdin === 'stream';
    const decoding = await chooseEncoding(encoding.output, hostEncoding);
    const input = await chooseEncoding(encoding.input, hostEncoding);
    const filters = createRunFilters(decoding, input, encoding.inputErrors ?? defaultInputErrors(false));
    const answer = await supervisor.ask({
      service: 'attach',
      principal: ownerOf(principal),
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
    const end = await bridgeJob(channel, answer, {
      filters,
      isText,
      sendsStdin,
      isStarter: false,
      released,
    });
    if (end.kind === 'left') return;
    const { job } = end.last;
    channel.close({ ...(job ? { job } : {}), ...(end.outcome ? { outcome: end.outcome } : {}) });
  }

  async function list(channel: LinkChannel, principal: Principal): Promise<void> {
    const { jobs = [] } = await ask({ service: 'jobs', principal: ownerOf(principal) });
    channel.close({ jobs });
  }

  async function kill(channel: LinkChannel, principal: Principal, turn: Turn): Promise<void> {
    const { job: id, signal } = readKillRequest(channel.request);
    const answer = ask({ service: 'kill', principal: ownerOf(principal), id, signal });
    // The end of a job may take its time
    turn.started();
    const { job } = await answer;
    audit.note('job signaled', principal, { id, signal });
    channel.close(job ? { job } : {});
  }

  async function prune(channel: LinkChannel, principal: Principal): Promise<void> {
    const { jobs: ids, olderMs } = readPruneRequest(channel.request);
    const { pruned = [] } = await ask({ service: 'prune', principal: ownerOf(principal), ids, olderMs });
    audit.note('jobs forgotten', principal, { ids: pruned });
    channel.close({ pruned });
  }

  return [
    askService('attach', attach),
    askService('jobs', list),
    askService('kill', kill),
    askService('prune', prune),
  ];
}

/** A service that asks the supervisor: it costs its principal nothing here. */
function askService(
  name: string,
  serve: (channel: LinkChannel, principal: Principal, turn: Turn) => Promise<void>,
): Service {
  return {
    name,
    open: (channel, principal) => ({ costs: ASK_COSTS, serve: (turn) => serve(channel, principal, turn) }),
  };
}
