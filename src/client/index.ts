/** The library: `import {connect} from 'rexa'`. */
export type { KeyText } from '../auth/file-identities.ts';
export type { LinkStatus } from '../link/reconnect.ts';
export { type ErrorCode, RexaError } from '../protocol/errors.ts';
export type { AskedCommand, JobOutcome, JobView, Lifetime } from '../protocol/job.ts';
export type { EncodingReceipt, OutcomeName, OutputReceipts, Receipts } from '../protocol/outcome.ts';
export type { SessionClientView, SessionMode, SessionView } from '../protocol/session.ts';
export type { WireWord } from '../protocol/word.ts';
export { CopyError } from '../services/files/client-copy-error.ts';
export { FileError } from '../services/files/client-file-error.ts';
export type {
  CopiedEntry,
  Copy,
  CopyOptions,
  CopyProgress,
  CopyResult,
  CopySource,
  CopyTarget,
  FileInfo,
  FilePath,
  FilesHost,
} from '../services/files/client-types.ts';
export type {
  Forward,
  ForwardEnd,
  ForwardOptions,
  ForwardPlace,
  HostStream,
} from '../services/forward/client-types.ts';
export type {
  AttachOptions,
  JobInfo,
  JobLogs,
  LogEnd,
  LogOptions,
  PruneOptions,
  RemoteJob,
} from '../services/jobs/client-types.ts';
export type {
  RecordOptions,
  SessionInfo,
  SessionOptions,
  SessionShare,
  SessionsHost,
  ShareOptions,
} from '../services/sessions/client-types.ts';
export type { Talk, TalkEvent, TalkMessage, TalkOptions, TalkSource } from '../services/talk/client-types.ts';
export { connect } from './connect.ts';
export {
  type ConnectAllOptions,
  connectAll,
  type Expression,
  type HostOutcome,
  type Hosts,
  HostsError,
  type HostsRun,
} from './connect-all.ts';
export { $, execa } from './default-host.ts';
export type {
  Additional,
  Argument,
  Execas,
  HostExeca,
  HostExecaError,
  HostExecaOptions,
  HostExecaResult,
  HostScript,
  HostSubprocess,
  Merged,
  NoOptions,
  Own,
  Unavailable,
} from './execa/host-execa-types.ts';
export type { HostFields } from './execa/host-fields.ts';
export type { Host } from './host-types.ts';
export { RunError, type RunErrorFacts } from './run-error.ts';
export type {
  ChangedHostKeys,
  CommandExit,
  ConnectOptions,
  LastingTerminal,
  PassphraseQuestion,
  RemoteRun,
  RunOptions,
  RunResult,
  RunTerminal,
  StartedJob,
  UnknownHost,
} from './run-types.ts';
