import { defineService } from '../define-service.ts';
import type { Service } from '../service.ts';
import { type DaemonStatus, statusRequestSchema } from './messages.ts';

/** Creates the service `status`: what the daemon is doing; docs/protocol.md, 11. */
export function createStatusService(describe: () => DaemonStatus): Service {
  return defineService({
    name: 'status',
    schema: statusRequestSchema,
    authorize: (request) => request,
    drain: 'serve',
    serve: ({ channel }) => channel.close({ status: describe() }),
  });
}
