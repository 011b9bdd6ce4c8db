import { constants, lstatSync, openSync } from 'node:fs';

const ACCESS = {
  read: { permission: 0o400, flag: constants.O_RDONLY },
  write: { permission: 0o200, flag: constants.O_WRONLY },
} as const;

/**
 * Opens what one of our descriptors stands for once more. Flags such as O_NONBLOCK belong to the open file description,
 * which we share with our parent and with others in the same pipeline: on the new one they are ours alone.
 * Only for pipes and terminals: a regular file would be written from its start. The caller closes the descriptor.
 * @returns `unusable`: it is not open for this, or has no reader; `shared`: it can't be opened once more, as where there is
 * no /proc, or when it belongs to another user (su)
 */
export function openOwnDescriptor(fd: number, access: keyof typeof ACCESS): number | 'unusable' | 'shared' {
  const path = `/proc/self/fd/${fd}`;
  const { permission, flag } = ACCESS[access];
  try {
    // The permissions of the link are the ways in which the descriptor is open: no other way is added
    if ((lstatSync(path).mode & permission) === 0) return 'unusable';
    return openSync(path, flag | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENXIO' ? 'unusable' : 'shared';
  }
}
