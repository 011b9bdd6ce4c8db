import type { Grant } from './grant.ts';
import type { Principal, TcpConnection } from './principal.ts';

/**
 * Returns the principal of a client that has proven a key. A forced command says all that the key is for, and `restrict`
 * takes all that is not granted by name: both bind it, and so does `rexa-sessions`, which leaves nothing but sessions.
 */
export function keyPrincipal(grant: Grant, account: string, connection: TcpConnection): Principal {
  const { fingerprint, comment, where, certificate, command, expiresAtSeconds } = grant;
  const isBound = command !== null || grant.restricted || grant.sessions !== null;
  return {
    name: `key:${fingerprint}`,
    account,
    proof: {
      kind: 'key',
      fingerprint,
      comment,
      where,
      certificate: certificate && {
        keyId: certificate.keyId,
        serial: String(certificate.serial),
        authority: certificate.authorityFingerprint,
      },
    },
    expiresAtSeconds,
    rights: {
      quota: isBound ? 'bound' : 'key',
      isBound,
      forcedCommand: command,
      environment: [...grant.environment],
      terminal: grant.permitPty,
      agentForwarding: grant.permitAgentForwarding,
      portForwarding: grant.permitPortForwarding,
      permitOpen: grant.permitOpen,
      permitListen: grant.permitListen,
      files: grant.files ?? (isBound ? [] : null),
      sessions: grant.sessions,
    },
    connection,
  };
}
