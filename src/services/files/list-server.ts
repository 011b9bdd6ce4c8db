import { once } from 'node:events';
import { describeFailure } from '../../files/describe-failure.ts';
import { TRANSFER_CHUNK_BYTES } from '../../files/limits.ts';
import { type ListPlan, listFiles } from '../../files/list-files.ts';
import { createRecordWriter } from '../../files/records.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { CallChannel } from '../call.ts';
import { defineService } from '../define-service.ts';
import type { Service } from '../service.ts';
import { authorizePaths } from './authorize.ts';
import { resolveHostPath } from './host-path.ts';
import { type ListFilesRequest, listFilesRequestSchema } from './messages.ts';

/** Creates the service `list-files`; docs/protocol.md, 15. */
export function createListFiles(): Service {
  return defineService<ListFilesRequest, ListPlan>({
    name: 'list-files',
    schema: listFilesRequestSchema,
    openToBound: { fields: ['path', 'folder', 'what'] },
    drain: 'serve',
    authorize({ path, folder, what }, principal) {
      const target = resolveHostPath(path, folder);
      return { target, what, confinedTo: authorizePaths(principal, 'read', [target]) };
    },
    audit: ({ path, folder }) => ({
      path: resolveHostPath(path, folder),
    }),
    async serve({ channel }, { request, turn }) {
      turn.started();
      try {
        await writeList(channel, request);
      } catch (error) {
        const { message } = describeFailure(error);
        throw new RexaError('FILES_UNREADABLE', [request.target, message], { cause: error });
      }
      channel.close({});
    },
  });
}

async function writeList(channel: CallChannel, plan: ListPlan): Promise<void> {
  const output = channel.output(0);
  const records = createRecordWriter();
  async function flush(): Promise<void> {
    for (const piece of records.take())
      if (!output.write(piece) && !output.destroyed)
        await Promise.race([once(output, 'drain'), channel.ended]);
  }
  for (const entry of listFiles(plan)) {
    records.add(entry);
    if (output.destroyed) return;
    if (records.bytes > TRANSFER_CHUNK_BYTES / 4) await flush();
  }
  await flush();
  output.end();
}
