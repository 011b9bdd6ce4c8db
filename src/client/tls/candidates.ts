import path from 'node:path';
import type { AgentPatience } from '../../auth/agent.ts';
import { listAgentIdentities } from '../../auth/agent-identities.ts';
import { type KeyText, readFileIdentities, readTextIdentity } from '../../auth/file-identities.ts';
import { readGuardedFile } from '../../auth/guarded-file.ts';
import type { Identity } from '../../auth/identity.ts';
import { parseOfferedKey, readOfferedKey } from '../../auth/offered-key.ts';
import { fingerprint, isPublicKeyLine, isSameKey } from '../../auth/public-key.ts';
import { configFolder } from '../../places/config-folder.ts';
import { homeFolder } from '../../places/home-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_PRIVATE_KEY_FILE_BYTES } from '../../protocol/limits.ts';
import type { LastKey } from './last-keys.ts';

/** Where keys to log in with are looked for. */
export interface KeySources {
  /** Files of private keys, or of public ones whose secret the agent holds, or such keys themselves; null: the usual files. */
  readonly files: readonly (string | KeyText)[] | null;
  /** Files of certificates, each offered before the key that it is for. */
  readonly certificates?: readonly string[];
  /** False: the agent's other keys follow those of the named files. True: only keys of files, also of the usual ones. */
  readonly filesOnly: boolean | undefined;
  /** The agent's socket; null: none. */
  readonly agent: string | null;
  /** How long the agent may take. */
  readonly patience?: AgentPatience;
  /** Told of each key, file and agent that can't be used. */
  readonly warn: (line: string) => void;
}

const NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** The files that are looked into where nobody names any. */
export function usualKeyFiles(): readonly string[] {
  return [path.join(homeFolder(), '.ssh'), configFolder()].flatMap((folder) =>
    NAMES.map((name) => path.join(folder, name)),
  );
}

/** A search for keys. What was looked at is not looked at again, so that what is wrong there is told once. */
export interface KeySearch {
  /**
   * The keys that may be offered, each once, in the order in which they are. Named files: their keys, signed by the agent
   * where it holds them. Otherwise all of the agent's, then those of the usual files, locked ones last.
   */
  findAll(): Promise<readonly Identity[]>;
  /** The key that was let in last, if it is still where it was. Nothing else is looked at. */
  findLast(last: LastKey): Promise<Identity | null>;
}

type ListKeys = () => Promise<readonly Identity[]>;

export function searchKeys(sources: KeySources): KeySearch {
  const listOnce = once(() => listAgent(sources));
  const findAll = once(async () => certify(await findCandidates(sources, listOnce), sources));
  return { findAll, findLast: (last) => findLastKey(last, sources, findAll, listOnce) };
}

function once(find: ListKeys): ListKeys {
  let found: Promise<readonly Identity[]> | null = null;
  return () => (found ??= find());
}

async function findCandidates(sources: KeySources, listOnce: ListKeys): Promise<readonly Identity[]> {
  const [fromAgent, fromFiles] = await Promise.all([
    listOnce(),
    Promise.all((sources.files ?? usualKeyFiles()).map((file) => readNamed(file, sources))),
  ]);
  if (sources.files === null && sources.filesOnly !== true) {
    const files = fromFiles.flatMap(({ identities }) => identities);
    return withoutDoubles([
      ...fromAgent,
      ...files.filter((each) => !each.isLocked()),
      ...files.filter((each) => each.isLocked()),
    ]);
  }
  const named = fromFiles.flatMap((each) => preferAgent(each, fromAgent, sources));
  return withoutDoubles(sources.filesOnly === false ? [...named, ...fromAgent] : named);
}

async function findLastKey(
  last: LastKey,
  sources: KeySources,
  findAll: ListKeys,
  listOnce: ListKeys,
): Promise<Identity | null> {
  const isIt = (each: Identity): boolean => fingerprintOf(each) === last.fingerprint;
  if (sources.files !== null || sources.filesOnly === true) return (await findAll()).find(isIt) ?? null;
  if (last.source === 'ssh-agent') return (await listOnce()).find(isIt) ?? null;
  if (!usualKeyFiles().includes(last.source)) return null;
  return (await readNamed(last.source, sources)).identities.find(isIt) ?? null;
}

/** Of what is offered: the key, or its certificate. */
export function fingerprintOf({ offered }: Identity): string {
  return fingerprint(offered);
}

/** `ED25519 SHA256:… (ssh-agent)`, for traces. */
export function describeIdentity(identity: Identity): string {
  const { offered, source } = identity;
  const kind = offered.certificate === null ? offered.key.type : `${offered.key.type} certificate`;
  return `${kind} ${fingerprintOf(identity)} (${source})`;
}

async function listAgent({ agent, patience, warn }: KeySources): Promise<readonly Identity[]> {
  if (agent === null) return [];
  try {
    const { identities, problems } = await listAgentIdentities(agent, patience);
    for (const problem of problems) warn(problem.message);
    return identities;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    warn(error.message);
    return [];
  }
}

/** What a file holds: secrets, or the public part of one that the agent has to know. */
interface NamedFile {
  readonly file: string;
  readonly identities: readonly Identity[];
  readonly publicBlob: Buffer | null;
}

async function readNamed(source: string | KeyText, { files, warn }: KeySources): Promise<NamedFile> {
  const file = typeof source === 'string' ? source : source.name;
  try {
    if (typeof source !== 'string') return readKeyText(source);
    const publicBlob = files === null ? null : await readPublicFile(file);
    const identities = publicBlob === null ? await readFileIdentities(file) : [];
    if (files !== null && publicBlob === null && identities.length === 0) warn(`there is no key ${file}`);
    return { file, identities, publicBlob };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    warn(error.message);
    return { file, identities: [], publicBlob: null };
  }
}

function readKeyText(key: KeyText): NamedFile {
  const isPrivate = key.text.includes('-----BEGIN ');
  return {
    file: key.name,
    identities: isPrivate ? [readTextIdentity(key)] : [],
    publicBlob: isPrivate ? null : readPublicText(key.text, key.name),
  };
}

/** Null for what is no public key. */
async function readPublicFile(file: string): Promise<Buffer | null> {
  const content = await readGuardedFile(file, { kind: 'public', maxBytes: MAX_PRIVATE_KEY_FILE_BYTES });
  if (content === null || content === 'unchanged' || content.bytes.includes('-----BEGIN ')) return null;
  return readPublicText(content.bytes.toString('latin1'), file);
}

/** @throws RexaError KEY_MALFORMED, KEY_UNSUPPORTED */
function readPublicText(text: string, name: string): Buffer {
  const line = text.trim();
  if (!isPublicKeyLine(line))
    throw new RexaError('KEY_MALFORMED', [
      name,
      'it is neither a private key (OpenSSH, PKCS#8 or older PEM) nor a public key',
    ]);
  return parseOfferedKey(line, name).offered.blob;
}

/** Puts each named certificate in front of the keys, with the secret of the key that it is for. */
async function certify(
  identities: readonly Identity[],
  { certificates = [], warn }: KeySources,
): Promise<readonly Identity[]> {
  const certified = await Promise.all(
    certificates.map((file) => readCertificateFile(file, identities, warn)),
  );
  return withoutDoubles([...certified.flat(), ...identities]);
}

async function readCertificateFile(
  file: string,
  identities: readonly Identity[],
  warn: KeySources['warn'],
): Promise<readonly Identity[]> {
  try {
    const blob = await readPublicFile(file);
    const offered = blob === null ? null : readOfferedKey(blob, file);
    if (offered === null || offered.certificate === null) {
      warn(`${file} holds no certificate`);
      return [];
    }
    const own = identities.find((each) => isSameKey(each.offered.key, offered.key));
    if (own === undefined) warn(`${file} is a certificate for a key that is not offered`);
    return own === undefined ? [] : [{ ...own, offered }];
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    warn(error.message);
    return [];
  }
}

function preferAgent(
  { file, identities, publicBlob }: NamedFile,
  fromAgent: readonly Identity[],
  { warn }: KeySources,
): readonly Identity[] {
  const held = (blob: Buffer): Identity | undefined =>
    fromAgent.find((each) => each.offered.blob.equals(blob));
  if (publicBlob === null)
    return identities.map((each) => held(each.offered.blob) ?? signWith(fromAgent, each));
  const identity = held(publicBlob);
  if (identity !== undefined) return [identity];
  warn(`${file} is a public key, and the ssh-agent does not hold its secret`);
  return [];
}

/** A certificate that the agent does not list is signed for by its plain key there. */
function signWith(fromAgent: readonly Identity[], identity: Identity): Identity {
  if (identity.offered.certificate === null) return identity;
  const plain = fromAgent.find(
    ({ offered }) => offered.certificate === null && isSameKey(offered.key, identity.offered.key),
  );
  return plain === undefined ? identity : { ...plain, offered: identity.offered };
}

function withoutDoubles(identities: readonly Identity[]): readonly Identity[] {
  const seen = new Set<string>();
  return identities.filter(({ offered }) => {
    const blob = offered.blob.toString('base64');
    return !seen.has(blob) && seen.add(blob);
  });
}
