import { getSystemErrorMap } from 'node:util';

/** What getaddrinfo(3) reports, which is no errno. */
const LOOKUP_TEXTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'name or service not known',
  EAI_AGAIN: 'temporary failure in name resolution',
};

/** Describes a system error of a socket without the call and the address: `connection refused`. */
export function describeSocketError(error: unknown): string {
  // Several addresses of one name were tried: the last one says why
  const last = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  const { code = '', errno = 0, message } = last as NodeJS.ErrnoException;
  return LOOKUP_TEXTS[code] ?? getSystemErrorMap().get(errno)?.[1] ?? message;
}
