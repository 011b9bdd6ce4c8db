import { RexaError } from '../protocol/errors.ts';
import { MAX_KEY_BLOB_BYTES } from '../protocol/limits.ts';
import { findCertificateType } from './key-types.ts';
import { MAX_CERTIFICATE_PRINCIPALS } from './limits.ts';
import { type PublicKey, readKeyFields, readPublicKey } from './public-key.ts';
import { type Malformed, WireReader } from './wire-reader.ts';

const KINDS: ReadonlyMap<number, Certificate['kind']> = new Map([
  [1, 'user'],
  [2, 'host'],
]);

/** An OpenSSH certificate (PROTOCOL.certkeys), parsed but not validated; see `checkCertificate`. */
export interface Certificate {
  readonly blob: Buffer;
  /** The certified key. */
  readonly key: PublicKey;
  readonly serial: bigint;
  readonly kind: 'user' | 'host';
  /** The authority's name for it; untrusted text. */
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Start of validity, in seconds since 1970. */
  readonly validAfter: bigint;
  /** End of validity, exclusive. All bits set means forever. */
  readonly validBefore: bigint;
  readonly critical: readonly CertificateOption[];
  readonly extensions: readonly CertificateOption[];
  readonly authority: PublicKey;
  /** What the authority signed, and its signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

export interface CertificateOption {
  readonly name: string;
  readonly data: Buffer;
}

/**
 * Parses a certificate for a key of any supported type. The authority's signature is not verified here, since that is
 * expensive and useless for an authority that is not trusted.
 * @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED (also when the authority is a certificate itself)
 */
export function readCertificate(blob: Uint8Array, name: string): Certificate {
  const malformed: Malformed = (reason) => new RexaError('KEY_MALFORMED', [name, reason]);
  if (blob.length > MAX_KEY_BLOB_BYTES) throw malformed(`it has more than ${MAX_KEY_BLOB_BYTES} bytes`);
  const bytes = Buffer.from(blob);
  const reader = new WireReader(bytes, malformed);
  const type = reader.readText();
  const row = findCertificateType(type);
  if (row === null)
    throw new RexaError('KEY_UNSUPPORTED', [name, `certificates of type ${type} are not known`]);
  reader.readString(); // nonce
  const key = readKeyFields(reader, row, name);
  const serial = reader.readU64();
  const kindNumber = reader.readU32();
  const kind = KINDS.get(kindNumber);
  if (kind === undefined) throw malformed(`it is a certificate of unknown kind ${kindNumber}`);
  const keyId = reader.readText();
  const principals = readPrincipals(reader.readNested(), malformed);
  const validAfter = reader.readU64();
  const validBefore = reader.readU64();
  const critical = readOptions(reader.readNested(), malformed);
  const extensions = readOptions(reader.readNested(), malformed);
  reader.readString(); // reserved
  const authority = readPublicKey(reader.readString(), `${name} (its authority)`);
  const signed = reader.since(0);
  const signature = reader.readString();
  reader.expectEnd();
  return {
    blob: bytes,
    key,
    serial,
    kind,
    keyId,
    principals,
    validAfter,
    validBefore,
    critical,
    extensions,
    authority,
    signed,
    signature,
  };
}

function readPrincipals(reader: WireReader, malformed: Malformed): string[] {
  const principals: string[] = [];
  while (reader.remaining > 0) {
    if (principals.length === MAX_CERTIFICATE_PRINCIPALS) {
      throw malformed(`it has more than ${MAX_CERTIFICATE_PRINCIPALS} principals`);
    }
    principals.push(reader.readText());
  }
  return principals;
}

function readOptions(reader: WireReader, malformed: Malformed): CertificateOption[] {
  const options = new Map<string, CertificateOption>();
  while (reader.remaining > 0) {
    const name = reader.readText();
    if (options.has(name)) throw malformed(`it has the option ${name} twice`);
    options.set(name, { name, data: reader.readString() });
  }
  return [...options.values()];
}
