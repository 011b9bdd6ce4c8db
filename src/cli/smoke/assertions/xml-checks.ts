import { type Field, mapOf, readWritten, recordOf } from '../parse/fields.ts';
import { showKey } from '../parse/mistake.ts';
import { type Check, check, compareTexts, quote } from './make-check.ts';
import { checkXmlPath, hasNumberStep, queryXml } from './xml-query.ts';

/** Texts by their XPath. */
export function readXmlPaths(): Field<readonly Check[]> {
  const paths = recordOf('Texts by their XPath', {
    about: 'The text of the first node',
    schema: { type: ['string', 'number'] },
    read: readWritten,
  });
  return {
    ...paths,
    read(value) {
      const found = paths.read(value);
      const { source } = value;
      return mapOf(value).flatMap(({ key, keyPlace: place }) => {
        const wanted = found.get(key);
        if (wanted === undefined) return [];
        if (hasNumberStep(key)) {
          const reason = `${showKey(key)} is no XPath (a step is a name; the first book is book[1]), and is not asserted, as in commander`;
          source.warnings.push({ file: source.file, place, reason });
          return [];
        }
        source.later.push(async () => {
          const reason = await checkXmlPath(key);
          if (reason !== null)
            source.mistakes.push({
              file: source.file,
              place,
              reason: `${showKey(key)} is no XPath: ${reason}`,
            });
        });
        return [checkXml(key, wanted)];
      });
    },
  };
}

function checkXml(path: string, wanted: string): Check {
  return check(`has ${quote(wanted)} at ${path}`, async ({ text: got }) => {
    const found = await queryXml(got, path);
    switch (found.kind) {
      case 'found':
        return compareTexts(wanted, found.text, `has another text at ${path}`);
      case 'nothing':
        return { message: `has nothing at the path ${path}`, expected: wanted };
      case 'no-xml':
        return { message: `is no XML: ${found.reason}` };
      case 'no-path':
        return { message: `cannot be asked for ${path}: ${found.reason}` };
      default:
        return found satisfies never;
    }
  });
}
