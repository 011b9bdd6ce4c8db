// The import directions of docs/architecture.md. Each floor names what it may import; all else in src is forbidden.
const MAY_IMPORT = {
  framing: [],
  protocol: ['framing'],
  runtime: ['protocol'],
  places: ['protocol'],
  screen: [],
  link: ['runtime', 'protocol', 'framing'],
  transports: ['link', 'runtime', 'places', 'protocol'],
  auth: ['runtime', 'places', 'protocol'],
  'command-line': ['protocol'],
  config: ['auth', 'runtime', 'command-line', 'places', 'protocol'],
  process: ['runtime', 'places', 'protocol'],
  files: ['runtime', 'places', 'protocol'],
  transcode: ['process', 'command-line', 'protocol'],
  services: [
    'transcode',
    'files',
    'process',
    'link',
    'runtime',
    'auth',
    'command-line',
    'places',
    'protocol',
  ],
  supervisor: ['process', 'transports', 'link', 'screen', 'runtime', 'places', 'protocol'],
  daemon: [
    'services',
    'transcode',
    'process',
    'transports',
    'link',
    'runtime',
    'auth',
    'config',
    'command-line',
    'places',
    'protocol',
  ],
  client: [
    'services',
    'files',
    'transports',
    'link',
    'runtime',
    'auth',
    'config',
    'command-line',
    'places',
    'protocol',
  ],
  cli: [
    'client',
    'services',
    'files',
    'transports',
    'link',
    'screen',
    'runtime',
    'auth',
    'config',
    'command-line',
    'places',
    'protocol',
  ],
};

/** What a service sends and is sent: pure, like the protocol, and known to everybody above it. */
const MESSAGES = '^src/services/[^/]+/[^/]*messages[.]ts$';
const KNOW_MESSAGES = ['process', 'supervisor'];

/** What asks a service. */
const CLIENT_HALF = '^src/services/[^/]+/client[^/]*[.]ts$';

/** The seam itself, without any service. */
const SEAM = '^src/services/[^/]+[.]ts$';

/** The Ready/Start wire has no mux beneath it: its thin sessions in daemon and client use the codec itself. */
const READY_START = '^src/framing/ready-start[^/]*\\.ts$';

const directions = Object.entries(MAY_IMPORT).map(([floor, allowed]) => ({
  name: `${floor}-imports-only-${allowed.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${floor}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/(${[floor, ...allowed].join('|')})/`,
      ...(floor === 'services' ? ['^src/auth/principal[.]ts$', '^src/client/'] : []),
      ...(KNOW_MESSAGES.includes(floor) ? [MESSAGES] : []),
      ...(floor === 'supervisor' ? [SEAM] : []),
      ...(floor === 'daemon' || floor === 'client' ? [READY_START] : []),
    ],
  },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'framing-needs-nothing',
      severity: 'error',
      from: { path: '^src/framing/' },
      to: { pathNot: '^src/framing/' },
    },
    {
      name: 'protocol-is-pure',
      comment: 'it does no input or output: no module of Node, and no package but the one that checks shapes',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { pathNot: '^(src|node_modules/valibot)/' },
    },
    {
      name: 'services-ask-rights',
      comment: 'what a principal may do stands in auth/principal.ts, however it was granted',
      severity: 'error',
      from: { path: '^src/services/' },
      to: { path: '^src/auth/', pathNot: '^src/auth/principal[.]ts$' },
    },
    {
      name: 'the-library-asks',
      comment: 'the half of a service that asks is part of the library; nothing else of it knows the library',
      severity: 'error',
      from: { path: '^src/services/', pathNot: CLIENT_HALF },
      to: { path: ['^src/client/', CLIENT_HALF] },
    },
    {
      name: 'the-library-serves-nothing',
      comment: 'the library and the program rexa know of services what asks them',
      severity: 'error',
      from: { path: ['^src/client/', '^src/cli/', CLIENT_HALF] },
      to: { path: '^src/services/', pathNot: [CLIENT_HALF, MESSAGES, SEAM] },
    },
    {
      name: 'messages-are-pure',
      comment: 'both ends of a service read them, and the processes between',
      severity: 'error',
      from: { path: MESSAGES },
      to: { pathNot: ['^src/protocol/', '^node_modules/valibot/', MESSAGES] },
    },
    {
      name: 'every-source-on-a-floor',
      comment: 'a new folder in src needs a row in MAY_IMPORT',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: {},
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^execa/lib/' },
    },
    {
      name: 'nothing-outside-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bin|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
