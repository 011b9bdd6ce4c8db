/** What becomes of a part of an output before it is compared with a snapshot. */
export interface ScrubRule {
  readonly match: RegExp;
  readonly replace: string;
}

/** Names of months and of days, for times that are not ISO 8601. */
const DAYS = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTHS = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';

/** What differs from one run to the next: escape sequences, times, temporary paths, UUIDs, ports. */
const USUAL: readonly ScrubRule[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
  { match: /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g, replace: '' },
  {
    match: /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?/g,
    replace: '<time>',
  },
  {
    match: new RegExp(
      `${DAYS},? +(?:${MONTHS} +\\d{1,2}|\\d{1,2} ${MONTHS}) +(?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d(?: [A-Z]{3,4}| [+-]\\d{4})?(?: \\d{4})?`,
      'g',
    ),
    replace: '<time>',
  },
  { match: /\b\d{4}-\d\d-\d\d\b/g, replace: '<date>' },
  { match: /\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, replace: '<time>' },
  {
    match: /(?:\/private)?(?:\/var)?\/tmp\/[^\s'":;,)\]}>]+|\/var\/folders\/[^\s'":;,)\]}>]+/g,
    replace: '<tmp>',
  },
  { match: /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, replace: '<uuid>' },
  { match: /(\b(?:localhost|\d{1,3}(?:\.\d{1,3}){3})|\[[0-9a-f:]+\]):\d{2,5}\b/gi, replace: '$1:<port>' },
  { match: /\bport[ =:]+\d{2,5}\b/gi, replace: 'port <port>' },
];

/** An output as a snapshot holds it: the rules of the file first, then the usual ones. */
export function scrub(text: string, rules: readonly ScrubRule[]): string {
  return [...rules, ...USUAL].reduce(
    (scrubbed, { match, replace }) => scrubbed.replace(match, replace),
    text,
  );
}
