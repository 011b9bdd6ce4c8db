import { boolean, filledText, integer, mapped, oneOrMore, text, writtenText } from '../parse/fields.ts';
import { readGoDuration } from '../parse/go-duration.ts';
import { MistakeError, showKey } from '../parse/mistake.ts';
import { type CheckKind, COMMON_CHECK_FIELDS, expectFact, shellProgram } from './check-kind.ts';
import { expectPatterns, PATTERN_FIELD } from './text-patterns.ts';

/** As in goss. */
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Asks by curl, else by wget: the body goes to stdout, the headers of each answer to stderr. The body of the request is
 * stdin. GNU's wget ends with 8 for a status that tells of an error.
 */
const PROGRAM = `url=$1 method=$2 seconds=$3 insecure=$4 redirects=$5 body=$6 user=$7; shift 7
if command -v curl >/dev/null; then
  [ "$insecure" = true ] && set -- "$@" -k
  [ "$redirects" = true ] && set -- "$@" -L
  [ "$body" = true ] && set -- "$@" --data-binary @-
  [ -n "$user" ] && set -- "$@" -u "$user"
  [ "$method" = HEAD ] && set -- "$@" -I
  exec curl -sS -g -X "$method" --max-time "$seconds" -D /dev/stderr "$@" -- "$url"
fi
command -v wget >/dev/null || { echo 'neither curl nor wget is on this host' >&2; exit 127; }
[ "$method$body$user" = GETfalse ] || { echo 'without curl only GET is asked for' >&2; exit 127; }
[ $# = 0 ] || { echo 'without curl no header is sent' >&2; exit 127; }
[ "$insecure" = true ] && set -- "$@" --no-check-certificate
[ "$redirects" = true ] || set -- "$@" --max-redirect=0
wget --help 2>&1 | grep -q content-on-error && set -- "$@" --content-on-error
wget -q -S -O - -T "\${seconds%.*}" "$@" -- "$url"
status=$?
[ "$status" = 8 ] && exit 0
exit "$status"`;

const timeout = mapped(
  writtenText('How long it may take: 5s; a number is milliseconds. Default: 5s'),
  (written, value) => {
    const found = /^\d+$/.test(written) ? Number(written) : readGoDuration(written);
    if (found !== null && found > 0) return found;
    throw new MistakeError(value.place, `'${written}' is no duration above 0; a number is milliseconds`);
  },
);

const header = mapped(filledText('NAME: VALUE'), (written, value) => {
  if (/^[^\s:]+:[^\r\n]*$/.test(written)) return written;
  throw new MistakeError(value.place, `a header is written as NAME: VALUE`);
});

const FIELDS = {
  ...COMMON_CHECK_FIELDS,
  status: integer('The status of the answer. Default: 200', 100, 999),
  'allow-insecure': boolean('Take any certificate'),
  'no-follow-redirects': boolean('Take a redirection for the answer'),
  timeout,
  'request-headers': oneOrMore('Headers that are sent', header),
  'request-body': text('The body that is sent'),
  method: filledText('Default: GET'),
  username: text('For HTTP’s basic authentication'),
  password: text('For HTTP’s basic authentication'),
  headers: oneOrMore('Headers of the answer', PATTERN_FIELD),
  body: oneOrMore('What its body holds', PATTERN_FIELD),
} as const;

/** `http:` of goss, by curl(1) or wget(1) on the host. */
export const HTTP_CHECK: CheckKind<typeof FIELDS> = {
  key: 'http',
  about: 'URLs as they are reached from the host',
  fields: FIELDS,
  make(url, values) {
    if (!/^https?:\/\/[^\s]+$/i.test(url))
      return `${showKey(url)} is no URL; it begins with http:// or https://`;
    const { username, password, 'request-body': body, 'request-headers': sent = [] } = values;
    const method = (values.method ?? 'GET').toUpperCase();
    if (!/^[A-Z]+$/.test(method)) return `${showKey(method)} is no method`;
    const options = [
      url,
      method,
      String((values.timeout ?? DEFAULT_TIMEOUT_MS) / 1000),
      String(values['allow-insecure'] ?? false),
      String(!(values['no-follow-redirects'] ?? false)),
      String(body !== undefined),
      username === undefined ? '' : `${username}:${password ?? ''}`,
    ];
    return {
      argv: shellProgram(PROGRAM, ...options, ...sent.flatMap((each) => ['-H', each])),
      ...(body === undefined ? {} : { stdin: body }),
      stdout: expectPatterns('body', values.body ?? [], (output) => output),
      stderr: [
        expectFact('status', String(values.status ?? 200), readStatus),
        ...expectPatterns('headers', values.headers ?? [], readHeaders),
      ],
    };
  },
};

/** The headers of the last answer: redirections come before it. wget indents them. */
function readHeaders(output: string): string {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  return lines.slice(lines.findLastIndex((line) => /^HTTP\/[\d.]+ \d{3}/.test(line))).join('\n');
}

function readStatus(output: string): string | null {
  return /^HTTP\/[\d.]+ (\d{3})/.exec(readHeaders(output))?.[1] ?? null;
}
