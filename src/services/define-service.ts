import type * as v from 'valibot';
import type { Principal } from '../auth/principal.ts';
import { checkShape } from '../protocol/shape.ts';
import { makeService, type Service, type ServiceDefinition } from './service.ts';

/** A definition whose requests have a schema. */
export type DefinitionBySchema<Request extends object, Authorized, Heard, Caller> = Omit<
  ServiceDefinition<Request, Authorized, Heard, Caller>,
  'read'
> & { readonly schema: v.GenericSchema<unknown, Request> };

/** Makes a service of its definition. */
export function defineService<Request extends object, Authorized, Heard = unknown, Caller = Principal>({
  schema,
  ...definition
}: DefinitionBySchema<Request, Authorized, Heard, Caller>): Service<Caller> {
  return makeService({ ...definition, read: (request) => checkShape(schema, request, 'open') });
}
