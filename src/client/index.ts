/** The library: `import {connect} from 'rexa'`. */
export { RexaError, type ErrorCode } from '../protocol/errors.ts';
export type { EncodingReceipt, OutcomeName } from '../protocol/outcome.ts';
export { connect } from './connect.ts';
export { RunError } from './run-error.ts';
export type { ConnectOptions, Host, RemoteRun, RunOptions, RunResult } from './run-types.ts';
