import path from 'node:path';
import { formatHostAddress } from '../../auth/host-address.ts';
import { explainVerdict, type HostVerdict, judgeHost } from '../../auth/known-hosts.ts';
import { addKnownHost, readKnownHosts } from '../../auth/known-hosts-file.ts';
import type { PublicKey } from '../../auth/public-key.ts';
import type { TlsAddress } from '../../link/tls-address.ts';
import type { RexaError } from '../../protocol/errors.ts';
import { configFolder } from '../config/load-config.ts';

/** Where hosts are known that nobody chose another file for. */
export function defaultKnownHosts(): string {
  return path.join(configFolder(), 'known_hosts');
}

/** What is believed of a host's key, and where that is kept. */
export interface HostTrust {
  /** As it stands in known_hosts: `build1:7522`. */
  readonly address: string;
  judge(key: PublicKey): Promise<HostVerdict>;
  /** Why a connection ends with this verdict; null for a trusted host. */
  explain(verdict: HostVerdict, key: PublicKey): RexaError | null;
  /**
   * Makes the host known by this key, from now on and for good.
   * @throws RexaError AUTH_FILE_* when it cannot be written down; then it is known to this process all the same
   */
  believe(key: PublicKey): Promise<void>;
}

/**
 * @param file known_hosts; null: none is kept
 * @param warn told of each line of it that can't be used
 * @throws RexaError AUTH_HOST_NAME_INVALID
 */
export function openHostTrust(
  { host, port, pin }: TlsAddress,
  file: string | null,
  warn: (line: string) => void,
): HostTrust {
  const address = formatHostAddress(host, port);
  const believed: PublicKey[] = [];
  return {
    address,
    async judge(key) {
      const known = pin === null && file !== null ? await readKnownHosts(file) : { hosts: [], problems: [] };
      for (const problem of known.problems) warn(problem.message);
      const own = believed.map((each) => ({ line: 0, address, key: each }));
      return judgeHost([...known.hosts, ...own], address, key, pin);
    },
    explain: (verdict, key) => explainVerdict(verdict, address, key, file ?? 'known_hosts'),
    async believe(key) {
      believed.push(key);
      if (file !== null) await addKnownHost(file, address, key);
    },
  };
}
