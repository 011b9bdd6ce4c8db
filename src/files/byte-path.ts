import { readByteText, writeByteText } from '../protocol/byte-text.ts';
import { FileFailure } from './describe-failure.ts';

/** A path as Node takes it: bytes that are not UTF-8 need a Buffer. */
export type NodePath = string | Buffer;

const NOT_ASCII = /[\x80-\xff]/;
const RAW_BYTE = /[\udc80-\udcff]/;

/** Returns a name that Node gave as bytes, as byte text (see `readByteText`). */
export function readName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('latin1');
  return NOT_ASCII.test(text) ? readByteText(buffer) : text;
}

/** Returns byte text as a path for Node. @throws FileFailure for a NUL, which no path holds */
export function nodePath(text: string): NodePath {
  if (text.includes('\0')) throw new FileFailure('EINVAL', 'contains a NUL character');
  return RAW_BYTE.test(text) ? Buffer.from(writeByteText(text)) : text;
}

/** Joins a prefix in ASCII, such as that of a descriptor, with a name in byte text. */
export function joinName(prefix: string, name: string): NodePath {
  return nodePath(prefix + name);
}
