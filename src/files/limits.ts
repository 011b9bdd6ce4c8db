import { KIB } from '../protocol/byte-units.ts';

/** Limits of this layer, each with its unit in its name; docs/limits.md lists all of them. */

// Copying files

/** JSON of one record of a file transfer: a name and a link target of 4 KiB each, escaped, fit. */
export const MAX_RECORD_JSON_BYTES = 64 * KIB;
/** Data in one record of a file transfer. */
export const MAX_RECORD_DATA_BYTES = 1024 * KIB;
/** Bytes that are read at a time from a file that is compared, or from a stream that is sent. */
export const FILE_READ_BYTES = 256 * KIB;
/** Data of a file that the receiver collects before another thread writes it. */
export const FILE_WRITE_BYTES = 1024 * KIB;
/** Writes of one file that wait for their turn; with more, no further data is taken. */
export const MAX_FILE_WRITES = 3;
/** Files up to this length are sent in one record, with their hash. */
export const WHOLE_FILE_BYTES = 64 * KIB;
/** Output of a file transfer that is collected before it is passed on. */
export const TRANSFER_CHUNK_BYTES = 256 * KIB;
/** Names of the entries without a result that the watch of a file transfer keeps: 1 KiB each. */
export const MAX_WATCHED_NAME_CHARACTERS = 16_384 * KIB;
/** Compression of a file transfer (`--compress auto`), in bytes in 1 ms, before it was measured. */
export const PACK_BYTES_PER_MS = 100 * KIB;
/** Time, and bytes, after which the rate of a path is known. */
export const PACK_MEASURE_MS = 250;
export const PACK_MEASURE_BYTES = 1024 * KIB;
/** Shortest output that is compressed. */
export const PACK_LEAST_BYTES = 4 * KIB;
/** Shortest output whose compression is measured. */
export const PACK_SAMPLE_BYTES = 64 * KIB;
/** Bytes that are sent as they are after some that did not get smaller. */
export const PACK_RETRY_BYTES = 8 * 1024 * KIB;
/** Names of the source's files that a receiver keeps, for `--delete`; in a folder with more nothing is removed. */
export const MAX_KEPT_NAME_CHARACTERS = 16_384 * KIB;
/** Answers of the receiver of a file transfer from which on it waits until they are taken. */
export const MAX_WAITING_ANSWER_BYTES = 1024 * KIB;
/** Extended attributes of one file. */
export const MAX_XATTRS = 64;
/** Their names and values together, in JSON; the rest of the record is for the name of the file. */
export const MAX_XATTR_CHARACTERS = 32 * KIB;
/** Entries of a file transfer that the receiver has not answered yet. */
export const MAX_PENDING_ENTRIES = 16_384;
/** Folders that one end of a file transfer keeps open. */
export const MAX_OPEN_FOLDERS = 64;
/** Depth of folders up to which the sender reads names as they are needed; deeper folders are read at once. */
export const MAX_OPEN_LISTINGS = 32;
/** Files with several hard links that one file transfer remembers; further ones are copied as separate files. */
export const MAX_REMEMBERED_LINKS = 65_536;
/** How long one end of a file transfer works before others get their turn. */
export const WORK_SLICE_MS = 5;
/** Longest name, link target or message in a record of a file transfer. */
export const MAX_PATH_CHARACTERS = 4_096;
/** Length of one name of a file (NAME_MAX). */
export const MAX_NAME_BYTES = 255;
/** Hashes of parts of a file that a receiver offers to resume from. */
export const MAX_RESUME_POINTS = 512;
/** Those of all files that the sender has not answered yet; of further files only the last one is offered. */
export const MAX_OPEN_RESUME_POINTS = 32_768;
/** Hashes that a sender keeps of the files that the receiver wants. */
export const MAX_WANTED_HASHES = 65_536;
/** Shortest part of a file between two of them. */
export const RESUME_STEP_BYTES = 8 * KIB * KIB;
/** Folders inside each other that a receiver makes. */
export const MAX_FOLDER_DEPTH = 4_096;
/** Interval of retries on a FIFO whose reader is slow. */
export const FIFO_RETRY_MS = 10;
