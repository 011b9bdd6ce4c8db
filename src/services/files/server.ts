import { driveEnd } from '../../files/drive-end.ts';
import { type FileCalls, openFileCalls } from '../../files/file-calls.ts';
import { packEnd } from '../../files/pack-end.ts';
import type { ReceivePlan } from '../../files/receive/receive-plan.ts';
import { createReceiver } from '../../files/receive/receiver.ts';
import type { SendPlan } from '../../files/send/send-plan.ts';
import { createSender } from '../../files/send/sender.ts';
import type { TransferAct, TransferEnd } from '../../files/transfer-end.ts';
import type { Facts } from '../../runtime/log.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import type { Call, CallChannel } from '../call.ts';
import { defineService } from '../define-service.ts';
import { DESCRIPTORS_PER_TRANSFER } from '../limits.ts';
import { notPermitted } from '../rights.ts';
import type { Costs, Served, Service, Work } from '../service.ts';
import { createWorkSet, type WorkSet } from '../work-set.ts';
import { authorizePaths } from './authorize.ts';
import { createFileRecord } from './file-record.ts';
import { readText, resolveHostPath } from './host-path.ts';
import { createListFiles } from './list-server.ts';
import {
  type ReadFilesRequest,
  readFilesRequestSchema,
  type WriteFilesRequest,
  writeFilesRequestSchema,
} from './messages.ts';

type Under = WorkSet<CallChannel>;

const BROKEN_OFF = { code: 'CANCELED', message: 'the copy was canceled: the daemon is shutting down' };

const FOLLOWING = 'to follow symlinks (-L)';

const COSTS: Costs = { transfers: 1, descriptors: DESCRIPTORS_PER_TRANSFER };

/** Creates the services `read-files`, `write-files` and `list-files`; docs/protocol.md, 15. */
export function createFileServices(audit: AuditLines): {
  readonly services: readonly Service[];
  readonly work: Work;
} {
  const under = createWorkSet<CallChannel>((channel) => channel.abort({ error: BROKEN_OFF }));
  return {
    services: [createReadFiles(audit, under), createWriteFiles(audit, under), createListFiles()],
    work: under.work,
  };
}

function createReadFiles(audit: AuditLines, under: Under): Service {
  return defineService<ReadFilesRequest, SendPlan>({
    name: 'read-files',
    schema: readFilesRequestSchema,
    openToBound: {
      fields: [
        'paths',
        'folder',
        'isRecursive',
        'keepsAttributes',
        'asks',
        'hashesFirst',
        'exclude',
        'compress',
      ],
      meanings: { followsLinks: FOLLOWING },
    },
    drain: 'refuse',
    costs: () => COSTS,
    authorize({ paths, folder, service: _service, ...how }, principal) {
      const sources = paths.map((path) => resolveHostPath(path, folder));
      const confinedTo = authorizePaths(principal, 'read', sources);
      // A symlink leads out of the folder
      if (confinedTo !== null && how.followsLinks) throw notPermitted(principal, FOLLOWING);
      return { ...how, sources, confinedTo };
    },
    audit: describeRead,
    serve: (call, served) =>
      serveTransfer(audit, under, call, served, {
        event: 'read-files',
        facts: { paths: served.request.sources },
        create: (calls, report) =>
          packEnd(createSender(served.request, calls, report), served.request.compress),
      }),
  });
}

function describeRead({ paths, folder }: ReadFilesRequest): Facts {
  return { paths: paths.map((path) => resolveHostPath(path, folder)) };
}

function createWriteFiles(audit: AuditLines, under: Under): Service {
  return defineService<WriteFilesRequest, ReceivePlan>({
    name: 'write-files',
    schema: writeFilesRequestSchema,
    openToBound: {
      fields: [
        'path',
        'folder',
        'needsFolder',
        'keepsAttributes',
        'comparesTimes',
        'resumes',
        'deletes',
        'isDry',
        'isDurable',
        'isInPlace',
        'isFile',
        'exclude',
        'expects',
      ],
    },
    drain: 'refuse',
    costs: () => COSTS,
    authorize({ path, folder, service: _service, expects, ...how }, principal) {
      const target = resolveHostPath(path, folder);
      // It learns hashes of what is there, or the names
      if (how.resumes || (how.deletes && how.isDry)) authorizePaths(principal, 'read', [target]);
      return {
        ...how,
        target,
        confinedTo: authorizePaths(principal, 'write', [target]),
        expects: expects === undefined ? null : { ...expects, roots: expects.roots.map(readText) },
      };
    },
    audit: ({ path, folder }) => ({
      path: resolveHostPath(path, folder),
    }),
    serve: (call, served) =>
      serveTransfer(audit, under, call, served, {
        event: 'write-files',
        facts: { path: served.request.target },
        create: (calls, report) => createReceiver(served.request, { calls, report }),
      }),
  });
}

/** One end of a transfer, and what the audit says of it. */
interface Transfer {
  readonly event: 'read-files' | 'write-files';
  readonly facts: Facts;
  /** @throws RexaError FILES_TARGET */
  create(calls: FileCalls, report: (act: TransferAct) => void): TransferEnd;
}

async function serveTransfer(
  audit: AuditLines,
  under: Under,
  { channel, principal }: Call,
  { turn }: Served<unknown, unknown>,
  { event, facts, create }: Transfer,
): Promise<void> {
  turn.started();
  const record = createFileRecord((files) =>
    audit.note(event === 'read-files' ? 'files-read' : 'files-written', principal, { files }),
  );
  const calls = await openFileCalls();
  const end = create(calls, record.add);
  const { limitations } = calls;
  audit.note(`${event}-started`, principal, limitations.length === 0 ? facts : { ...facts, limitations });
  under.add(channel);
  let failure: unknown = null;
  try {
    const output = channel.output(0);
    await driveEnd(end, { input: channel.input(0), output });
    output.end();
    channel.close({});
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    under.delete(channel);
    const why = failure === null ? { reason: null } : describeError(failure);
    record.flush();
    audit.note(`${event}-ended`, principal, { ...facts, ...record.totals, ...why });
  }
  await channel.ended;
}
