/** The library: `import {connect} from 'rexa'`. */
export type { LinkStatus } from '../link/reconnect.ts';
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { JobView, Lifetime } from '../protocol/job.ts';
export type { EncodingReceipt, OutcomeName, Receipts } from '../protocol/outcome.ts';
export type {
  AttachOptions,
  JobInfo,
  JobLogs,
  LogEnd,
  LogOptions,
  PruneOptions,
  RemoteJob,
} from '../services/jobs/job-types.ts';
export { connect } from './connect.ts';
export {
  type ConnectAllOptions,
  connectAll,
  type HostOutcome,
  type Hosts,
  HostsError,
  type HostsRun,
} from './connect-all.ts';
export { $, execa } from './default-host.ts';
export type {
  HostExeca,
  HostExecaError,
  HostExecaOptions,
  HostExecaResult,
  HostScript,
  HostSubprocess,
} from './execa/host-execa-types.ts';
export type { HostFields } from './execa/host-fields.ts';
export type { Host } from './host-types.ts';
export { RunError } from './run-error.ts';
export type {
  CommandExit,
  ConnectOptions,
  PassphraseQuestion,
  RemoteRun,
  RunOptions,
  RunResult,
  RunTerminal,
  StartedJob,
  UnknownHost,
} from './run-types.ts';
