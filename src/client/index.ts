/** The library: `import {connect} from 'rexa'`. */
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { EncodingReceipt, OutcomeName, Receipts } from '../protocol/outcome.ts';
export { connect } from './connect.ts';
export type { Host } from './host-types.ts';
export type {
  AttachOptions,
  JobInfo,
  JobLogs,
  LogEnd,
  LogOptions,
  PruneOptions,
  RemoteJob,
} from './jobs/job-types.ts';
export { RunError } from './run-error.ts';
export type { ConnectOptions, RemoteRun, RunOptions, RunResult, StartedJob } from './run-types.ts';
