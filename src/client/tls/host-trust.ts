import path from 'node:path';
import { checkHostCertificate } from '../../auth/check-host-certificate.ts';
import { formatHostAddress } from '../../auth/host-address.ts';
import { allowsCertificate, allowsKey } from '../../auth/host-algorithms.ts';
import type { HostKeyUpdate } from '../../auth/host-key-update.ts';
import { isFieldAbout } from '../../auth/known-host-field.ts';
import { checkHost, explainVerdict, type HostVerdict, type KnownHost } from '../../auth/known-hosts.ts';
import { learnKnownHost, readKnownHosts, updateKnownHost } from '../../auth/known-hosts-file.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import { findRevokingFile } from '../../auth/read-revocations.ts';
import type { ShownHost } from '../../auth/tls-identity.ts';
import { configFolder } from '../../places/config-folder.ts';
import { makeFolder } from '../../places/make-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { TlsAddress } from '../../transports/tls-address.ts';
import type { ConnectOptions } from '../run-types.ts';

/** Of names without a port in known_hosts. */
const SSH_PORT = 22;

/** Where hosts are known that nobody chose another file for. */
export function defaultKnownHosts(): string {
  return path.join(configFolder(), 'known_hosts');
}

/** What is believed of a host's key, and where that is kept. */
export interface HostTrust {
  /** As it stands in known_hosts: `build1:7522`. */
  readonly address: string;
  /** Whether there is a file that learns. */
  readonly remembers: boolean;
  verify(shown: ShownHost): Promise<HostVerdict>;
  /** Why a connection ends with this verdict; null for a trusted host. */
  explain(verdict: HostVerdict, key: PublicKey): RexaError | null;
  /**
   * Makes the host known by this key, from now on and for good.
   * @throws RexaError AUTH_HOST_CHANGED when it has become known by another key meanwhile; AUTH_FILE_* when it cannot be
   * written down: then it is known to this process all the same
   */
  believe(key: PublicKey): Promise<void>;
  /** Lists the fingerprints of the keys of the host in the file that learns, as it was read last or has learned since. */
  listKeys(): readonly string[];
  /**
   * Makes these the keys of the host in that file.
   * @param served the one that it has proven by TLS
   * @returns what has changed; null: nothing @throws RexaError AUTH_FILE_*
   */
  update(
    served: PublicKey,
    keys: readonly PublicKey[],
    confirm: (update: HostKeyUpdate) => Promise<boolean>,
  ): Promise<HostKeyUpdate | null>;
}

/** Where the keys of hosts are known. */
export interface TrustOptions {
  /** Files of known hosts. */
  readonly files: readonly string[];
  /** The file of them that learns; null: nothing is remembered. */
  readonly learning: string | null;
  /** Is told of each line that can't be used. */
  readonly warn: (line: string) => void;
  /** The name under which the key is known, in place of the host's. */
  readonly alias?: string | undefined;
  /** Whether lines that are learned do not show the name of the host. */
  readonly hashesNames?: boolean | undefined;
  /** Files of revoked keys. */
  readonly revoked?: readonly string[] | undefined;
  /** Algorithms of host keys and certificates, by OpenSSH's names; undefined: all. */
  readonly hostKeyAlgorithms?: readonly string[] | undefined;
  /** Algorithms that authorities may sign with; undefined: all. */
  readonly caSignatureAlgorithms?: readonly string[] | undefined;
  /** Decides by the lines of known_hosts; default: by those of the address alone. */
  readonly check?: typeof checkHost | undefined;
}

/** Returns where the keys of hosts are known by the options of a connection. */
export function chooseTrust(
  {
    knownHosts = defaultKnownHosts(),
    globalKnownHosts = [],
    hostKeyAlias,
    hashKnownHosts,
    revokedHostKeys,
    hostKeyAlgorithms,
    caSignatureAlgorithms,
  }: ConnectOptions,
  warn: (line: string) => void,
): TrustOptions {
  const own = [knownHosts ?? []].flat();
  return {
    files: [own, globalKnownHosts].flat(),
    learning: own[0] ?? null,
    warn,
    alias: hostKeyAlias,
    hashesNames: hashKnownHosts,
    revoked: revokedHostKeys,
    hostKeyAlgorithms,
    caSignatureAlgorithms,
  };
}

/** @throws RexaError AUTH_HOST_NAME_INVALID */
export function openHostTrust({ host, port, pin }: TlsAddress, options: TrustOptions): HostTrust {
  const { files, learning, warn, alias, hashesNames, revoked = [], check = checkHost } = options;
  const { hostKeyAlgorithms: algorithms, caSignatureAlgorithms = null } = options;
  // As in ssh, an alias stands for all ports: it is looked up, and learned, without one
  const address = alias === undefined ? formatHostAddress(host, port) : formatHostAddress(alias, SSH_PORT);
  const isAllowed = ({ type }: PublicKey): boolean => algorithms === undefined || allowsKey(algorithms, type);
  const believed: PublicKey[] = [];
  /** Where each line stands that was read. */
  const places = new Map<KnownHost, string>();
  /** Lines about the host in the file that learns. */
  let learned: readonly KnownHost[] = [];

  async function readAll(): Promise<readonly KnownHost[]> {
    const read = await Promise.all(files.map((file) => readKnownHosts(file)));
    return read.flatMap(({ hosts, problems }, index) => {
      for (const problem of problems) warn(problem.message);
      for (const known of hosts) places.set(known, files[index] ?? '');
      if (files[index] === learning) learned = hosts.filter((known) => isFieldAbout(known.address, address));
      return hosts;
    });
  }

  return {
    address,
    remembers: learning !== null,
    async verify({ key, certificate }) {
      const by = await findRevokingFile(revoked, { key, certificate });
      if (by !== null) return { kind: 'revoked', by };
      const known = pin === null ? await readAll() : [];
      const own = believed.map((each) => ({ line: 0, address, key: each }));
      const all = [...known, ...own];
      const verdict = check(all, address, key, pin);
      if (verdict.kind === 'revoked') return verdict;
      const byKey = isAllowed(key) ? verdict : ({ kind: 'not-allowed' } as const);
      if (pin !== null || certificate === null) return byKey;
      if (algorithms && !allowsCertificate(algorithms, key.type)) return byKey;
      const report = ({ message }: RexaError): void => warn(message);
      const nowSeconds = Date.now() / 1000;
      return (
        checkHostCertificate(all, address, certificate, nowSeconds, report, caSignatureAlgorithms) ?? byKey
      );
    },
    explain(verdict, key) {
      if (verdict.kind === 'revoked' && typeof verdict.by === 'object')
        return explainVerdict(verdict, address, key, places.get(verdict.by) ?? 'none');
      if (verdict.kind !== 'changed') return explainVerdict(verdict, address, key, 'none');
      const [file = 'this connection'] = verdict.known.flatMap((each) => places.get(each) ?? []);
      const known = verdict.known.filter((each) => places.get(each) === file);
      return explainVerdict({ ...verdict, known }, address, key, file);
    },
    async believe(key) {
      try {
        // As in ssh, only the folder of the usual file is made
        if (learning === defaultKnownHosts()) makeFolder(path.dirname(learning));
        if (learning !== null) await learnKnownHost(learning, address, key, hashesNames);
      } catch (error) {
        if (error instanceof RexaError && error.code !== 'AUTH_HOST_CHANGED') believed.push(key);
        throw error;
      }
      believed.push(key);
    },
    listKeys() {
      const lines = learned.flatMap(({ marker, key }) => (marker === undefined && key !== null ? [key] : []));
      return [...new Set([...lines, ...believed].filter(isAllowed).map(fingerprint))];
    },
    async update(served, keys, confirm) {
      if (learning === null) return null;
      const revoking = await Promise.all(
        keys.map((key) => findRevokingFile(revoked, { key, certificate: null })),
      );
      // As in ssh, others are as if the host did not have them
      const accepted = keys.filter((key, index) => revoking[index] === null && isAllowed(key));
      return updateKnownHost(learning, address, served, accepted, hashesNames === true, confirm);
    },
  };
}
