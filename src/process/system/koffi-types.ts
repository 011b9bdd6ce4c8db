import type koffi from 'koffi';

/** koffi as `import()` gives it: types only, since the package is optional. */
export type Koffi = typeof koffi;
