import * as v from 'valibot';
import { RexaError } from '../protocol/errors.ts';
import { MAX_PATH_CHARACTERS, MAX_XATTRS } from './limits.ts';

/** What the two ends of a file transfer send each other; docs/protocol.md, section 15. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
/** A user or a group; the highest number means none to the system. */
const owner = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xfffffffe));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o7777));
/** Nanoseconds since 1970, in decimal. */
const time = v.pipe(v.string(), v.regex(/^-?\d{1,20}$/));
const text = v.pipe(v.string(), v.maxLength(MAX_PATH_CHARACTERS));
const code = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,39}$/));
const xattrs = v.exactOptional(
  v.pipe(v.array(v.strictTuple([text, v.pipe(v.string(), v.maxLength(65_536))])), v.maxLength(MAX_XATTRS)),
);

/** Of what might be the destination itself: `identityOf`. */
const identity = v.exactOptional(hash);

/** What is known of every entry. */
const entry = {
  id: count,
  /** Byte text. One name, never a path; `.` is the destination itself. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH_CHARACTERS)),
};
const attributes = {
  mode,
  mtime: time,
  uid: owner,
  gid: owner,
};

/** It has further names, which may follow as entries of the type `hardlink`. */
const shared = v.exactOptional(v.literal(true));

const fileSchema = v.object({
  type: v.literal('file'),
  ...entry,
  ...attributes,
  xattrs,
  /** What its length seems to be; null: not known. */
  size: v.nullable(count),
  /** Its data is the data of this record. */
  sha256: v.exactOptional(hash),
  /** It is sent when the receiver wants it. */
  ask: v.exactOptional(v.literal(true)),
  /** Of the whole file, with `ask`. */
  checksum: v.exactOptional(hash),
  identity,
  /** It comes from a stream: mode, owner and times mean nothing. */
  stream: v.exactOptional(v.literal(true)),
  shared,
});

const folderSchema = v.object({ type: v.literal('folder'), ...entry, ...attributes, identity });

const linkSchema = v.object({
  type: v.literal('link'),
  ...entry,
  ...attributes,
  target: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH_CHARACTERS)),
  shared,
});

const hardlinkSchema = v.object({ type: v.literal('hardlink'), ...entry, to: count });

/** The schema of what the sender sends. */
const sentSchema = v.variant('type', [
  fileSchema,
  folderSchema,
  linkSchema,
  hardlinkSchema,
  /** The folder that was entered last is complete; `whole`: all of it could be read. */
  v.object({ type: v.literal('leave'), whole: v.boolean() }),
  /** The data of a file that was asked about follows, from this byte on. */
  v.object({ type: v.literal('content'), id: count, from: count, xattrs }),
  /** So many bytes are zeros that were never written. */
  v.object({ type: v.literal('hole'), bytes: count }),
  /** The data of a file is complete. */
  v.object({ type: v.literal('end'), sha256: hash, size: count }),
  /** The data of a file is not complete; with `again` it follows once more, from its start. */
  v.object({ type: v.literal('broken'), again: v.boolean(), code, message: text }),
  /** An entry that could not be read. Where it would be: below the folder that was entered last. */
  v.object({ type: v.literal('unreadable'), id: count, name: text, code, message: text }),
  /** Nothing follows. */
  v.object({ type: v.literal('finish') }),
]);

/** Ids from the first to the last. */
const range = v.strictTuple([count, count]);

/** The schema of what the receiver answers. */
const answeredSchema = v.variant('type', [
  v.object({
    type: v.literal('results'),
    done: v.array(range),
    unchanged: v.array(range),
    failed: v.array(v.object({ id: count, code, message: text })),
    /** In the first one: sources go into the destination under their own names. */
    into: v.exactOptional(v.boolean()),
  }),
  /** What the receiver has of a file that was asked about: hashes of its first bytes, each of a longer part. */
  v.object({
    type: v.literal('want'),
    id: count,
    have: v.pipe(v.array(v.strictTuple([count, hash])), v.maxLength(1024)),
  }),
  /** A file below the destination was removed (`--delete`). */
  v.object({ type: v.literal('deleted'), path: v.string() }),
  /** A failure that belongs to no entry. */
  v.object({ type: v.literal('trouble'), path: v.string(), code, message: text }),
  v.object({ type: v.literal('finished') }),
]);

export type FileHeader = v.InferOutput<typeof fileSchema>;
export type FolderHeader = v.InferOutput<typeof folderSchema>;
export type LinkHeader = v.InferOutput<typeof linkSchema>;
export type HardlinkHeader = v.InferOutput<typeof hardlinkSchema>;
export type Sent = v.InferOutput<typeof sentSchema>;
export type Answered = v.InferOutput<typeof answeredSchema>;

/** Validates what a sender sent. @throws RexaError FILES_PROTOCOL */
export function readSent(value: unknown): Sent {
  return read(sentSchema, value);
}

/** Validates what a receiver answered. @throws RexaError FILES_PROTOCOL */
export function readAnswered(value: unknown): Answered {
  return read(answeredSchema, value);
}

function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RexaError('FILES_PROTOCOL', [`${v.getDotPath(issue) ?? 'record'}: ${issue.message}`]);
}
