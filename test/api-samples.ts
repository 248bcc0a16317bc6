/**
 * Everything the admin API answers with, once, with every field and nothing null: what
 * docs/reference/api.md is held to. The types see to it that no field is missing here.
 */
import { type ClusterPicture, clusterPicture } from '../src/core/report/cluster-picture.ts';
import type { NodeReport } from '../src/core/report/node-report.ts';
import type { DiagnosticReport, ReloadAnswer } from '../src/core/report/reload-answer.ts';
import { nodeReport, server } from '../src/core/report/report.fixture.ts';
import type { WhyAnswer } from '../src/core/report/why-answer.ts';
import type { Done } from '../src/node/admin/admin-api.ts';
import { recordOf } from '../src/node/admin/records.fixture.ts';

const SECOND = { atMs: 1, requests: 2, failed: 0, p50Ms: 1, p95Ms: 2, p99Ms: 3 };

const EVENT = {
  sequence: 1,
  atMs: 1,
  kind: 'drain',
  text: 'web1 is taken out',
  subject: 'web1',
  origin: 'control socket',
} as const;

export const NODE_REPORT: NodeReport = nodeReport('web1', {
  seconds: [SECOND],
  servers: [server('web1')],
  zones: [{ name: 'files *', chain: ['byLoad'], handler: 'status' }],
  addresses: {
    holding: ['10.0.0.101'],
    engine: {
      kind: 'corosync',
      connected: false,
      trouble: 'it does not answer',
      strangers: [{ member: '7:12', why: 'it has said nothing' }],
    },
    keeper: {
      phase: 'run',
      mature: true,
      matureAtMs: 1,
      view: '12@web1',
      pending: 'nothing',
      members: [
        {
          name: 'web1',
          silent: false,
          eligible: true,
          reasons: [{ reason: 'no-quorum', detail: '1 of 3' }],
          weight: 1,
          count: 1,
        },
        // Not heard, so the picture has an unknown holder, and a warning.
        { name: 'web2', silent: true, eligible: false, reasons: [], weight: 1, count: 0 },
      ],
      groups: [
        {
          group: '10.0.0.101',
          owner: 'web1',
          heir: 'web2',
          preferred: false,
          stranger: false,
          here: 'up',
          why: 'nobody held it before',
          others: [{ name: 'web2', why: 'holds 1 already' }],
        },
      ],
    },
  },
  events: [EVENT],
});

const picture = clusterPicture(NODE_REPORT, []);

/** Without the node that is not heard, whose nulls are no fields. */
export const CLUSTER_PICTURE: ClusterPicture = { ...picture, nodes: picture.nodes.slice(0, 1) };

export const REQUEST_RECORD = recordOf();

const JUDGED = { server: 'web1', figure: 'load 0.50' };

export const WHY_ANSWER: WhyAnswer & { readonly text: string } = {
  version: 1,
  id: '1-a',
  node: 'web1',
  request: { method: 'GET', target: '/', host: 'x', client: '10.0.0.9', fields: ['Cookie'] },
  path: '/',
  file: '/srv/index.html',
  refused: { status: 400, reason: 'no path' },
  zones: [{ name: 'files *', applies: true, text: 'decides' }],
  zone: 'files *',
  chain: {
    functions: ['byLoad'],
    tableMs: 1,
    tableOfThen: true,
    passes: [
      {
        pass: 'eligible',
        meaning: 'those that are up',
        given: ['web1'],
        withheld: [JUDGED],
        steps: [
          {
            candidacy: 'byLoad',
            before: ['web1'],
            after: [JUDGED],
            dropped: [JUDGED],
            fault: 'it threw',
          },
        ],
      },
    ],
    winner: 'web1',
    others: ['web2'],
    nobody: 'all were dropped',
  },
  way: 'node',
  because: 'relayed',
  location: 'http://web1/',
  happened: { record: recordOf(), meaning: 'done', lookAt: 'nothing' },
  differs: { text: 'it says web2', because: ['figures moved'] },
  notes: ['a note'],
  text: 'Request 1-a',
};

export const DONE: Done = { ok: true, text: 'web1 is taken out' };

const POSITION = { line: 1, column: 1 };

const DIAGNOSTIC: DiagnosticReport = {
  file: 'web1.conf',
  start: POSITION,
  end: POSITION,
  severity: 'error',
  code: 'CONFIG_UNKNOWN_KEY',
  message: 'm',
  hint: 'h',
};

export const RELOADED: readonly ReloadAnswer[] = [
  { ok: true, text: 'loaded', changes: ['zone "x" is new'] },
  { ok: false, text: 'nothing has changed', diagnostics: [DIAGNOSTIC] },
];
