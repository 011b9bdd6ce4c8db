import type * as xpathTypes from 'xpath';

/** What an XPath expression finds: the text of its first node, or its value. */
export type XmlFound =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'no-xml'; readonly reason: string }
  | { readonly kind: 'no-path'; readonly reason: string };

/** A step that is a number: commander's own tests have such paths, which are no XPath (`/books/0/author`). */
export function hasNumberStep(path: string): boolean {
  return /(?:^|\/)\d+(?:\/|$)/.test(path);
}

/** Asks a document. Entities that it declares itself are not expanded, and nothing is fetched. */
export async function queryXml(xml: string, path: string): Promise<XmlFound> {
  const [{ DOMParser }, xpath] = [(await import('@xmldom/xmldom')).default, (await import('xpath')).default];
  let problem: string | null = null;
  const parser = new DOMParser({
    onError(level, message) {
      if (level !== 'warning') problem ??= message;
    },
  });
  try {
    const document = parser.parseFromString(xml, 'text/xml');
    if (problem !== null) return { kind: 'no-xml', reason: problem };
    return select(xpath, path, document as unknown as Node);
  } catch (error) {
    return { kind: 'no-xml', reason: problem ?? (error as Error).message };
  }
}

/** Why a path is no XPath; null: it is one. */
export async function checkXmlPath(path: string): Promise<string | null> {
  // Its types leave this function out
  const xpath = (await import('xpath')).default as unknown as { parse(path: string): unknown };
  try {
    xpath.parse(path);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function select(xpath: Pick<typeof xpathTypes, 'select'>, path: string, document: Node): XmlFound {
  try {
    const found = xpath.select(path, document);
    const first = Array.isArray(found) ? found[0] : found;
    if (first === undefined || first === null) return { kind: 'nothing' };
    return { kind: 'found', text: typeof first === 'object' ? (first.textContent ?? '') : String(first) };
  } catch (error) {
    return { kind: 'no-path', reason: (error as Error).message };
  }
}
