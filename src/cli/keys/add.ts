import { explainUnconfirmed, explainUnknown } from '../../auth/known-hosts.ts';
import { addKnownHost } from '../../auth/known-hosts-file.ts';
import { parsePin } from '../../auth/pin.ts';
import { fingerprint, type PublicKey, parsePublicKey } from '../../auth/public-key.ts';
import { defaultKnownHosts, type HostTrust, openHostTrust } from '../../client/tls/host-trust.ts';
import { connectVerified } from '../../client/tls/verified-connection.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { showText } from '../../protocol/show-text.ts';
import { print } from '../output/print.ts';
import type { KeysCall } from './call.ts';
import { type CalledHost, readCalledHost } from './called-host.ts';
import { listLines, readStdin } from './read-words.ts';

/** `rexa keys add`: makes a host known by its key. */
export async function addHostKey(call: KeysCall): Promise<number> {
  const host = await readCalledHost(call, 'add');
  const key = await findKey(call, host);
  const isNew = await addKnownHost(defaultKnownHosts(), host.known, key);
  const state = isNew ? 'added to' : 'already in';
  const line = `${showText(host.known)}: key ${key.type} ${fingerprint(key)} ${state} known_hosts\n`;
  return print(line);
}

/** The key as it was given, or as the host presents it and the user confirms it. */
async function findKey(call: KeysCall, host: CalledHost): Promise<PublicKey> {
  const [, ...words] = call.words;
  if (words.length === 0) return askHost(call, host, host.target.pin);
  const [first = '', second] = words;
  if (second !== undefined && (first === '-' || first.startsWith('SHA256:')))
    throw usageError(`unexpected argument ${quoteWord(second)} for rexa keys add`);
  if (first.startsWith('SHA256:')) return askHost(call, host, parsePin(first));
  const given = first === '-' ? listLines(await readStdin()) : [words.join(' ')];
  const [line, ...more] = given;
  if (line === undefined || more.length > 0) throw usageError('expected one line with a key on stdin');
  return parsePublicKey(withoutAddress(line, host.known), 'that was given').key;
}

/** A line of known_hosts begins with the host, a line of a .pub file does not. */
function withoutAddress(line: string, known: string): string {
  return line.startsWith(`${known} `) ? line.slice(known.length + 1) : line;
}

/** @throws RexaError AUTH_HOST_CHANGED, AUTH_HOST_PIN_MISMATCH, AUTH_HOST_UNKNOWN when it is not confirmed */
async function askHost(call: KeysCall, host: CalledHost, pin: string | null): Promise<PublicKey> {
  const { messages, values } = call;
  const log = (line: string): void => messages.debug(1, line);
  const file = defaultKnownHosts();
  const trust = ofKeyAlone(
    openHostTrust(
      { ...host.target, pin: null },
      { files: [file], learning: file, warn: (line) => messages.warn(line), revoked: host.revoked },
    ),
  );
  const { timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = host;
  const connection = await connectVerified(host.target, trust, timeoutMs, log, new AbortController().signal);
  connection.socket.destroy();
  const { hostKey, verdict } = connection;
  const problem = trust.explain(verdict, hostKey);
  if (pin !== null && fingerprint(hostKey) !== pin)
    throw new RexaError('AUTH_HOST_PIN_MISMATCH', [host.known, fingerprint(hostKey), pin]);
  if (problem === null) return hostKey;
  if (verdict.kind === 'changed' || verdict.kind === 'revoked') throw problem;
  if (pin !== null || values['accept-new']) return hostKey;
  const answer = await askPerson(host.known, hostKey);
  if (answer === null) throw explainUnknown(host.known, hostKey, `rexa keys add ${host.known} SHA256:…`);
  if (!answer) throw explainUnconfirmed(host.known, hostKey);
  return hostKey;
}

/** A key that is added is trusted for good, which its certificate is not a reason for. */
function ofKeyAlone(trust: HostTrust): HostTrust {
  return {
    ...trust,
    async verify(shown) {
      const verdict = await trust.verify(shown);
      const isCertified = verdict.kind === 'trusted' && verdict.by === 'certificate';
      return isCertified ? trust.verify({ ...shown, certificate: null }) : verdict;
    },
  };
}

/** Null where there is no terminal to ask on. */
async function askPerson(address: string, hostKey: PublicKey): Promise<boolean | null> {
  const { createQuestions } = await import('../ask/questions.ts');
  const questions = createQuestions();
  if (questions?.askHost === undefined) return null;
  return questions.askHost({ address, keyType: hostKey.type, fingerprint: fingerprint(hostKey) });
}
