/** The library: `import {connect} from 'rexa'`. */
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { EncodingReceipt, OutcomeName, Receipts } from '../protocol/outcome.ts';
export { connect } from './connect.ts';
export { RunError } from './run-error.ts';
export type { ConnectOptions, Host, RemoteRun, RunOptions, RunResult } from './run-types.ts';
