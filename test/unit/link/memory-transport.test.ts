import { createMemoryPair } from '../../fixtures/link/memory-transport.ts';
import { describeTransport } from '../../fixtures/link/transport-conformance.ts';

describeTransport('memory', () => Promise.resolve(createMemoryPair()));

let reads = 0;
describeTransport('memory whose reads bring odd pieces', () =>
  Promise.resolve(createMemoryPair({ nextReadBytes: () => 1 + ((reads++ * 7919) % 20_011) })),
);
