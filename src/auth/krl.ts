import { RexaError } from '../protocol/errors.ts';
import { findKeyType } from './key-types.ts';
import { MAX_KRL_SECTIONS, MAX_REVOCATIONS_BYTES } from './limits.ts';
import { peekType } from './offered-key.ts';
import { readPublicKey } from './public-key.ts';
import { hashBlob, type Revocations, type RevokedCertificates } from './revocations.ts';
import { checkSignature } from './signature.ts';
import { type Malformed, WireReader } from './wire-reader.ts';

const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const FORMAT = 1;

/** Sections (PROTOCOL.krl). */
const SECTION = {
  certificates: 1,
  keys: 2,
  sha1: 3,
  signature: 4,
  sha256: 5,
  extension: 255,
} as const;

/** Subsections of the certificate section. */
const CERTIFICATE_SECTION = {
  serialList: 0x20,
  serialRange: 0x21,
  serialBitmap: 0x22,
  keyIds: 0x23,
  extension: 0x39,
} as const;

/** The revocations collected from all sections. */
interface Draft {
  readonly sha256: Set<string>;
  readonly sha1: Set<string>;
  readonly byAuthority: RevokedCertificates[];
}

export function isKrl(bytes: Uint8Array): boolean {
  return MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

/**
 * Parses a key revocation list. A list that is not understood completely is refused, since a skipped part could revoke the
 * key in question. Signatures in the list must be valid, but their keys are not checked: the file's owner and mode show that
 * it is the administrator's.
 * @throws RexaError AUTH_REVOCATIONS_MALFORMED
 */
export function readKrl(bytes: Buffer, path: string): Revocations {
  const malformed: Malformed = (reason) => new RexaError('AUTH_REVOCATIONS_MALFORMED', [path, reason]);
  if (bytes.length > MAX_REVOCATIONS_BYTES)
    throw malformed(`it has more than ${MAX_REVOCATIONS_BYTES} bytes`);
  const reader = new WireReader(bytes, malformed);
  reader.readBytes(MAGIC.length);
  const format = reader.readU32();
  if (format !== FORMAT) throw malformed(`it is of format ${format}, where ${FORMAT} is known`);
  reader.readBytes(3 * 8); // version, date and undefined flags
  reader.readString(); // reserved
  reader.readString(); // comment
  const draft: Draft = { sha256: new Set(), sha1: new Set(), byAuthority: [] };
  let signed = false;
  for (let sections = 1; reader.remaining > 0; sections++) {
    if (sections > MAX_KRL_SECTIONS) throw malformed(`it has more than ${MAX_KRL_SECTIONS} sections`);
    const type = reader.readByte();
    if (type === SECTION.signature) {
      checkKrlSignature(reader, malformed);
      signed = true;
    } else if (signed) {
      throw malformed('something follows its signature');
    } else {
      readSection(type, reader.readNested(), draft, malformed);
    }
  }
  return draft;
}

function readSection(type: number, section: WireReader, draft: Draft, malformed: Malformed): void {
  switch (type) {
    case SECTION.certificates:
      draft.byAuthority.push(readCertificates(section, malformed));
      break;
    case SECTION.keys:
      while (section.remaining > 0) {
        const blob = section.readString();
        checkBlob(blob, malformed);
        draft.sha256.add(hashBlob('sha256', blob));
      }
      break;
    case SECTION.sha1:
      readHashes(section, 20, draft.sha1, malformed);
      break;
    case SECTION.sha256:
      readHashes(section, 32, draft.sha256, malformed);
      break;
    case SECTION.extension:
      readExtension(section, malformed);
      break;
    default:
      throw malformed(`it has a section of unknown type ${type}`);
  }
}

function readHashes(section: WireReader, length: number, into: Set<string>, malformed: Malformed): void {
  while (section.remaining > 0) {
    const hash = section.readString();
    if (hash.length !== length)
      throw malformed(`a hash in it has ${hash.length} bytes where ${length} belong`);
    into.add(hash.toString('hex'));
  }
}

/** Refuses critical extensions, since none is known. */
function readExtension(section: WireReader, malformed: Malformed): void {
  const name = section.readText();
  const critical = section.readByte();
  section.readString();
  section.expectEnd();
  if (critical !== 0) throw malformed(`it demands ${name}, which is not known here`);
}

function readCertificates(section: WireReader, malformed: Malformed): RevokedCertificates {
  const authority = section.readString();
  section.readString(); // reserved
  if (authority.length > 0) checkBlob(authority, malformed);
  const keyIds = new Set<string>();
  const serials: ((serial: bigint) => boolean)[] = [];
  while (section.remaining > 0) {
    const type = section.readByte();
    const part = section.readNested();
    switch (type) {
      case CERTIFICATE_SECTION.serialList:
        serials.push(readSerialList(part));
        break;
      case CERTIFICATE_SECTION.serialRange:
        serials.push(readSerialRange(part, malformed));
        break;
      case CERTIFICATE_SECTION.serialBitmap:
        serials.push(readSerialBitmap(part));
        break;
      case CERTIFICATE_SECTION.keyIds:
        while (part.remaining > 0) keyIds.add(part.readText());
        break;
      case CERTIFICATE_SECTION.extension:
        readExtension(part, malformed);
        break;
      default:
        throw malformed(`it has a section of certificates of unknown type ${type}`);
    }
    part.expectEnd();
  }
  return { authority: authority.length === 0 ? null : authority, keyIds, serials };
}

/** Refuses a key in a non-canonical form, which would silently match nothing. */
function checkBlob(blob: Buffer, malformed: Malformed): void {
  try {
    if (findKeyType(peekType(blob, 'a key')) !== null) readPublicKey(blob, 'a key');
  } catch (cause) {
    if (cause instanceof RexaError && cause.code === 'KEY_UNSUPPORTED') return;
    throw malformed(cause instanceof Error ? cause.message : 'a key in it is damaged');
  }
}

function readSerialList(part: WireReader): (serial: bigint) => boolean {
  const serials = new BigUint64Array(Math.floor(part.remaining / 8));
  for (let index = 0; index < serials.length; index++) serials[index] = part.readU64();
  serials.sort();
  return (serial) => {
    let low = 0;
    let high = serials.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((serials[middle] ?? 0n) < serial) low = middle + 1;
      else high = middle;
    }
    return serials[low] === serial;
  };
}

function readSerialRange(part: WireReader, malformed: Malformed): (serial: bigint) => boolean {
  const first = part.readU64();
  const last = part.readU64();
  if (first > last) throw malformed('a range of serial numbers in it ends before it begins');
  return (serial) => first <= serial && serial <= last;
}

/** Bit N, counted from the end, is for the serial number `offset + N`. */
function readSerialBitmap(part: WireReader): (serial: bigint) => boolean {
  const offset = part.readU64();
  const bitmap = part.readMpint(MAX_REVOCATIONS_BYTES);
  return (serial) => {
    const bit = serial - offset;
    if (bit < 0n || bit >= BigInt(bitmap.length) * 8n) return false;
    const byte = bitmap[bitmap.length - 1 - Number(bit >> 3n)] ?? 0;
    return ((byte >> Number(bit & 7n)) & 1) === 1;
  };
}

function checkKrlSignature(reader: WireReader, malformed: Malformed): void {
  const blob = reader.readString();
  const signed = reader.since(0);
  const signature = reader.readString();
  try {
    checkSignature(readPublicKey(blob, 'its signer'), signed, signature, {
      rsaAlgorithms: ['rsa-sha2-512', 'rsa-sha2-256'],
    });
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : 'its signature is wrong');
  }
}
