/** A daemon inside another program: `import {serve} from 'rexa/server'`. */
export type { ForwardTarget } from '../auth/forward-target.ts';
export type {
  Endpoint,
  FileRight,
  Principal,
  Proof,
  Rights,
  SessionRight,
  TcpConnection,
} from '../auth/principal.ts';
export type { ChannelEnd } from '../link/channel.ts';
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { Facts, Log } from '../runtime/log.ts';
export type { Call, CallChannel, ShownHostKey, ShownHostKeys } from '../services/call.ts';
export {
  type Costs,
  type Inbox,
  makeService,
  type OpenCall,
  type OpenToBound,
  type Patience,
  type Resource,
  type Served,
  type Service,
  type ServiceDefinition,
  type Turn,
} from '../services/service.ts';
export { type EmbeddedServer, serve } from './serve.ts';
export type { OpenSshKeys, ServeOptions, ServiceName } from './serve-options.ts';
