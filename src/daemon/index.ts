/** A daemon inside another program: `import {serve} from 'rexa/server'`. */
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { Facts, Log } from '../runtime/log.ts';
export type { Call, CallChannel } from '../services/call.ts';
export { makeService, type Service, type ServiceDefinition } from '../services/service.ts';
export { type EmbeddedServer, serve } from './serve.ts';
export type { OpenSshKeys, ServeOptions, ServiceName } from './serve-options.ts';
