// The import directions of docs/architecture.md. Each floor names what it may import; all else in src is forbidden.
const MAY_IMPORT = {
  framing: [],
  protocol: ['framing'],
  places: ['protocol'],
  link: ['places', 'protocol', 'framing'],
  transports: ['link', 'places', 'protocol'],
  auth: ['places', 'protocol'],
  'command-line': ['protocol'],
  config: ['auth', 'command-line', 'protocol'],
  process: ['link', 'places', 'protocol'],
  supervisor: ['process', 'transports', 'link', 'places', 'protocol'],
  transcode: ['process', 'command-line', 'protocol'],
  daemon: [
    'transcode',
    'process',
    'transports',
    'link',
    'auth',
    'config',
    'command-line',
    'places',
    'protocol',
  ],
  client: ['transports', 'link', 'auth', 'config', 'command-line', 'places', 'protocol'],
  cli: ['client', 'link', 'auth', 'config', 'command-line', 'places', 'protocol'],
};

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
