import type { RexaError } from '../../protocol/errors.ts';

/** Says in ssh's words, which programs look for (ansible, VS Code), why the connection at a control socket cannot be used. */
export function describeUnshared(path: string, error: RexaError): string {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `Control socket connect(${path}): No such file or directory`;
  if (code === 'ECONNREFUSED') return `Control socket connect(${path}): Connection refused`;
  return error.message;
}
