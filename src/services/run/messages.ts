import * as v from 'valibot';
import { commandSchema } from '../../protocol/command.ts';
import type { JsonObject } from '../../protocol/control.ts';
import {
  codeSchema,
  countSchema,
  exitCodeSchema,
  pidsSchema,
  runIdSchema,
  signalNameSchema,
} from '../../protocol/exit-fields.ts';
import { inputErrorsSchema } from '../../protocol/input-errors.ts';
import { lifetimeSchema } from '../../protocol/lifetime.ts';
import {
  MAX_ENVIRONMENT_ENTRIES,
  MAX_TERM_CHARACTERS,
  MAX_TERMINAL_CELLS,
  MAX_TERMINAL_PIXELS,
  MAX_TIMEOUT_MS,
} from '../../protocol/limits.ts';
import { checkShape } from '../../protocol/shape.ts';
import { terminalModesSchema } from '../../protocol/terminal-modes.ts';
import { toldErrorSchema, toldTextSchema } from '../../protocol/told-text.ts';
import type { WireWord } from '../../protocol/word.ts';
import { wireWordSchema } from '../../protocol/word-schema.ts';
import { grantSchema } from '../forward/messages.ts';

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_TIMEOUT_MS));
const encodingName = v.pipe(v.string(), v.maxLength(64));

const TERM = new RegExp(`^[A-Za-z0-9._+-]{1,${MAX_TERM_CHARACTERS}}$`);
const cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TERMINAL_CELLS));
const pixels = v.exactOptional(
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_TERMINAL_PIXELS)),
);
const terminalSize = { columns: cells, rows: cells, widthPixels: pixels, heightPixels: pixels };

type Variables = Readonly<Record<string, WireWord>>;

/** Looked at and not copied: a copy of a million variables takes what the cap is to save, and drops names such as `constructor`. */
const environment = v.custom<Variables>(
  isEnvironment,
  `${MAX_ENVIRONMENT_ENTRIES} variables at most are expected, each of them text or bytes`,
);

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const values = Object.values(value);
  return values.length <= MAX_ENVIRONMENT_ENTRIES && values.every((each) => v.is(wireWordSchema, each));
}

/** Descriptors above 0 by their numbers: `null` is /dev/null, `stream` the channel's stream of that number. */
const stdioSchema = v.record(
  v.pipe(v.string(), v.regex(/^(?:[1-9]|1[0-5])$/, 'a descriptor is 1 to 15')),
  v.picklist(['null', 'stream']),
);

/** The schema of a request to run one command. */
export const runRequestSchema = v.object({
  service: v.literal('run'),
  id: runIdSchema,
  command: commandSchema,
  terminal: v.optional(
    v.object({
      ...terminalSize,
      term: v.pipe(v.string(), v.regex(TERM)),
      modes: v.exactOptional(terminalModesSchema),
    }),
  ),
  cwd: v.optional(wireWordSchema),
  env: v.optional(environment, {}),
  offeredEnv: v.optional(environment),
  stdin: v.optional(v.picklist(['stream', 'none']), 'none'),
  timeoutMs: v.optional(milliseconds),
  killAfterMs: v.optional(milliseconds),
  argv0: v.optional(wireWordSchema),
  stdio: v.optional(stdioSchema),
  reportExit: v.optional(v.boolean()),
  localPrograms: v.optional(wireWordSchema),
  heldPipes: v.optional(v.picklist(['name', 'wait'])),
  sshVariables: v.optional(v.boolean()),
  stderr: v.optional(v.picklist(['apart', 'stdout'])),
  lifetime: v.optional(lifetimeSchema),
  record: v.optional(v.boolean()),
  /** The terminal outlives this daemon, if it can; `output`: it is taken up by a client that has had so many bytes. */
  lasting: v.optional(v.object({ output: v.exactOptional(countSchema) })),
  /** The client's ssh-agent: what its connections have to name. */
  agent: v.optional(grantSchema),
  encoding: v.optional(
    v.object({
      output: v.optional(encodingName, 'host'),
      input: v.optional(encodingName, 'host'),
      inputErrors: inputErrorsSchema,
    }),
    {},
  ),
});

/** A request to run one command. */
export type RunRequest = v.InferOutput<typeof runRequestSchema>;

/** @throws RexaError REQUEST_WRONG_SHAPE */
export function readRunRequest(request: JsonObject): RunRequest {
  return checkShape(runRequestSchema, request, 'open');
}

const SIGNAL = /^SIG[A-Z0-9]{1,16}$/;

const toDaemonSchema = v.variant('type', [
  v.object({
    type: v.literal('signal'),
    name: v.pipe(v.string(), v.regex(SIGNAL)),
    /** Once the command has ended, the rest of its tree is ended too. */
    tree: v.optional(v.boolean()),
  }),
  /** Nobody reads this stream any more: the pipe behind it is closed. */
  v.object({
    type: v.literal('close-output'),
    stream: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(15)),
  }),
  v.object({ type: v.literal('cancel') }),
  v.object({ type: v.literal('hang-up') }),
  v.object({ type: v.literal('resize'), ...terminalSize }),
  /** Of a lasting terminal: the client has its output up to here. */
  v.object({ type: v.literal('consumed'), output: countSchema }),
]);

/** What a client says while its command runs. */
export type RunCommandMessage = v.InferOutput<typeof toDaemonSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readRunCommandMessage(message: JsonObject): RunCommandMessage {
  return checkShape(toDaemonSchema, message, 'message');
}

/** Tells a client that some of its input was not sent, where that doesn't cancel the run. */
export function describeRefused({ message }: Error): {
  readonly type: 'input-refused';
  readonly message: string;
} {
  return { type: 'input-refused', message };
}

/** Tells a client that its command runs without its ssh-agent. */
export function describeAgentRefused({ message }: Error): {
  readonly type: 'agent-refused';
  readonly message: string;
} {
  return { type: 'agent-refused', message };
}

/** How one stream was transcoded. */
export const receiptSchema = v.object({
  name: v.pipe(encodingName, toldTextSchema),
  source: v.picklist(['host', 'option', 'detected']),
  replaced: countSchema,
  passed: v.exactOptional(countSchema),
});

const finalMessageSchema = v.union([
  v.object({
    /** The id was used before: this is what became of it then. */
    repeated: v.optional(v.boolean(), false),
    outcome: v.object({
      name: v.picklist(['exited', 'signaled', 'timed-out', 'canceled']),
      exitCode: v.nullable(exitCodeSchema),
      signal: v.nullable(signalNameSchema),
      code: v.nullable(codeSchema),
      reason: v.nullable(toldTextSchema),
      encoding: v.object({ stdin: receiptSchema, stdout: receiptSchema, stderr: receiptSchema }),
      bytes: v.object({ stdin: countSchema, stdout: countSchema, stderr: countSchema }),
      durationMs: countSchema,
      survivors: pidsSchema,
      pipeHeldBy: pidsSchema,
      /** Absent from a daemon that does not know it. */
      complete: v.optional(v.boolean()),
      unreadInputBytes: v.exactOptional(countSchema),
    }),
  }),
  v.object({
    error: v.object({
      ...toldErrorSchema.entries,
      /** What the host's system calls it, such as ENOENT. */
    }),
  }),
]);

/** The daemon's last word about a run: what became of it, or why the request could not be served. */
export type RunFinalMessage = v.InferOutput<typeof finalMessageSchema>;

/** @throws RexaError CONTROL_WRONG_SHAPE */
export function readRunFinalMessage(last: JsonObject): RunFinalMessage {
  return checkShape(finalMessageSchema, last, 'close');
}
