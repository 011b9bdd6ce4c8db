import fc from 'fast-check';

// `npm test` chooses one seed for all that is random and tells it in its first line: with it, a run is repeated
const seed = process.env['REXA_SEED'];
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
