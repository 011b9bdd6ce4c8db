// `npm run docs`: writes the pages that are generated from the sources.
import { writePages } from './pages.ts';

await writePages();
