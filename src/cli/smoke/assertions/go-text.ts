/** White space as Go's unicode.IsSpace has it. */
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** As Go's strings.TrimSpace. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Output and files as they are compared: CRLF is LF, and there is no white space at either end. */
export function normalizeText(text: string): string {
  return trimSpace(text.replaceAll('\r\n', '\n'));
}

/** An expected text: without newlines at either end. */
export function trimNewlines(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === '\n') start++;
  while (end > start && text[end - 1] === '\n') end--;
  return text.slice(start, end);
}

/** Go's %v writes numbers from 1e-4 up to, and without, 1e6 in full, and others with an exponent. */
const FIRST_LARGE_EXPONENT = 6;
const SMALLEST_EXPONENT = -4;

/** A value of JSON as Go's `%v` prints it: `1e+06`, `[a b]`, `map[k:v]`. */
export function printGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return printGoNumber(value);
  if (Array.isArray(value)) return `[${value.map(printGoValue).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return `map[${entries.map(([key, each]) => `${key}:${printGoValue(each)}`).join(' ')}]`;
}

function printGoNumber(number: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0' : '0';
  const [digits = '', written = '0'] = number.toExponential().split('e');
  const exponent = Number(written);
  if (exponent >= SMALLEST_EXPONENT && exponent < FIRST_LARGE_EXPONENT) return printPlain(digits, exponent);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function printPlain(digits: string, exponent: number): string {
  const isNegative = digits.startsWith('-');
  const plain = digits.replaceAll(/[-.]/g, '');
  const whole = exponent < 0 ? '0' : plain.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = exponent < 0 ? '0'.repeat(-exponent - 1) + plain : plain.slice(exponent + 1);
  return `${isNegative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
