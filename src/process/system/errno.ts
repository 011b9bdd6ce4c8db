import { getSystemErrorName } from 'node:util';

/** The error of a system call that failed, as Node would make it: `code` is the name, `errno` the negative number. */
export function systemCallError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} failed: ${code}`), { code, errno: -errno, syscall });
}
