import { expect, it } from 'vitest';
import { RESERVED_NAMES } from '../../../src/daemon/reserved-names.ts';
import { createDaemonServices, type ServicesContext } from '../../../src/daemon/services.ts';

it('the names of all services of a daemon are reserved', () => {
  const context = {
    host: {},
    recording: 'client',
    forwarding: {},
    talking: {},
    files: true,
    own: [],
    supervisor: {},
  } as unknown as ServicesContext;
  const names = createDaemonServices(context).services.map(({ name }) => name);
  expect(names.toSorted()).toEqual(RESERVED_NAMES.toSorted());
});
