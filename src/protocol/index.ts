/**
 * The wire without a runtime: `import {createConnectionMachine} from 'rexa/protocol'`. State machines that take bytes and
 * time, and give bytes and events; no module and no type of Node.
 */

export type { ReadRefusal } from '../framing/check-ready-start-read.ts';
export { createFrameDecoder, type Decoded, type FrameDecoder } from '../framing/decode.ts';
export { encodeHeader } from '../framing/encode.ts';
export {
  type ChannelId,
  FRAME_TYPE,
  type Frame,
  HEADER_BYTES,
  LINK,
  type StreamNumber,
  toStreamNumber,
} from '../framing/frame.ts';
export { decodeReady, encodeReady, type ReadyDecoding } from '../framing/ready-start.ts';
export {
  type ClientFailure,
  type ClientLimits,
  type ClientOutput,
  type ClientState,
  ReadyStartClient,
} from '../framing/ready-start-client.ts';
export { type CommandRefusal, checkCommand, encodeCommand } from '../framing/ready-start-command.ts';
export {
  type ConversationEnd,
  type DaemonLimits,
  type DaemonOutput,
  type DaemonState,
  type PeerRefusal,
  ReadyStartDaemon,
} from '../framing/ready-start-daemon.ts';
export type {
  Greeting as ReadyStartGreeting,
  GreetingRefusal,
} from '../framing/ready-start-greeting.ts';
export type { Budget } from './budget.ts';
export {
  type ConnectionEvent,
  type ConnectionMachine,
  createConnectionMachine,
} from './connection-machine.ts';
export type { ConnectionState } from './connection-state.ts';
export type { JsonObject } from './control.ts';
export { type ErrorCode, RexaError } from './errors.ts';
export type { HandshakeEvent } from './handshake.ts';
export type { Greeting, PeerInfo } from './hello.ts';
export type { Intake, RequestBudget } from './intake.ts';
export type { PayloadHolder } from './kept-frames.ts';
export { MAX_FRAME_LENGTH_BYTES } from './limits.ts';
export type { Attach, Attached, LinkClaim } from './link-claim.ts';
export { createLinkCore, type LinkCore, type Traffic } from './link-core.ts';
export type { LinkEnd } from './link-end.ts';
export type { Login, OfferedLogin, ProvenLogin, Verdict } from './login.ts';
export type { Mux, MuxEvent, Role } from './mux.ts';
export type { RelayNote } from './relay.ts';
export type { ReplayLayer } from './replay.ts';
export { createReplay, type ReplayOptions } from './resumable-replay.ts';
