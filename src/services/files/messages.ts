import * as v from 'valibot';
import { wireWordSchema } from '../../protocol/word-schema.ts';

/** Most patterns of `--exclude`, and their length; most sources of one transfer. */
const MAX_PATTERNS = 256;
const MAX_PATTERN_CHARACTERS = 1024;
/** Patterns of one request together: each is compared with each name. */
const MAX_ALL_PATTERN_CHARACTERS = 8192;
const MAX_SOURCES = 65_536;

const flag = v.optional(v.boolean(), false);
const exclude = v.optional(
  v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(MAX_PATTERN_CHARACTERS))),
    v.maxLength(MAX_PATTERNS),
    v.check(
      (patterns) => patterns.reduce((sum, { length }) => sum + length, 0) <= MAX_ALL_PATTERN_CHARACTERS,
      'too many characters',
    ),
  ),
  [],
);
/** Where relative paths start. Absent: in the home folder. */
const folder = v.exactOptional(wireWordSchema);

/** The schema of a request to send files: stream 0 carries the records of the sender, and back those of the receiver. */
export const readFilesRequestSchema = v.object({
  service: v.literal('read-files'),
  paths: v.pipe(v.array(wireWordSchema), v.minLength(1), v.maxLength(MAX_SOURCES)),
  folder,
  isRecursive: flag,
  followsLinks: flag,
  keepsAttributes: flag,
  /** The client is asked for each file. */
  asks: flag,
  hashesFirst: flag,
  exclude,
  /** A client that does not say so gets records as they are. */
  compress: v.optional(v.picklist(['auto', 'never', 'always']), 'never'),
});

export type ReadFilesRequest = v.InferOutput<typeof readFilesRequestSchema>;

/** The schema of a request to receive files. */
export const writeFilesRequestSchema = v.object({
  service: v.literal('write-files'),
  path: wireWordSchema,
  folder,
  needsFolder: flag,
  keepsAttributes: flag,
  comparesTimes: flag,
  resumes: flag,
  deletes: flag,
  isDry: flag,
  isDurable: flag,
  isInPlace: flag,
  isFile: flag,
  exclude,
  /** What the sender was asked for, which is another host. Absent: the client sends. */
  expects: v.exactOptional(
    v.object({
      /** Empty: a name that only the sender knows. */
      roots: v.pipe(v.array(wireWordSchema), v.maxLength(MAX_SOURCES)),
      isRecursive: flag,
      asks: flag,
    }),
  ),
});

export type WriteFilesRequest = v.InferOutput<typeof writeFilesRequestSchema>;

/** The schema of a request to list a file, or a folder: stream 0 carries a record of JSON for each entry. */
export const listFilesRequestSchema = v.object({
  service: v.literal('list-files'),
  path: wireWordSchema,
  folder,
  what: v.picklist(['file', 'folder']),
});

export type ListFilesRequest = v.InferOutput<typeof listFilesRequestSchema>;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The schema of what is said of one file. `name` is byte text, `mtime` in ns since 1970. */
export const listedFileSchema = v.object({
  name: v.pipe(v.string(), v.maxLength(4096)),
  kind: v.picklist(['file', 'folder', 'link', 'other']),
  size: count,
  mode: v.pipe(count, v.maxValue(0o7777)),
  mtime: v.pipe(v.string(), v.regex(/^-?\d{1,20}$/)),
  uid: count,
  gid: count,
});
