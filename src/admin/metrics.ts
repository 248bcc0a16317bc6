/**
 * The state of a node as Prometheus' text format 0.0.4, and the table of metrics it is made from.
 *
 * The table is also the source of docs/reference/metrics.md. Names follow Prometheus' rules: base
 * units, `_total` for what only rises. Why no library: docs/decisions/0009-metrics-text.md.
 *
 * What a newcomer gets wrong: a figure that is not known has no sample, which is how Prometheus
 * says "unknown". And `COUNTER_METRICS` does not compile when a counter is added without a metric.
 */
import type { FigureName } from '../core/address/figures.ts';
import { OUTCOMES } from '../core/relay/outcome.ts';
import { type ServerStatus, STATES } from '../core/report/server-status.ts';
import { type CounterName, LATENCY_BOUNDS_MS } from '../proxy/counters.ts';
import { type Status, socketText } from './status.ts';

type Labels = Readonly<Record<string, string>>;
export type Sample = { readonly labels: Labels; readonly value: number; readonly suffix?: string };

export type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Names of its labels, for the documentation. */
  readonly labels: readonly string[];
  readonly samples: (status: Status) => readonly Sample[];
};

type Kind = Pick<Metric, 'name' | 'type' | 'help'>;

/** Metrics of single counters; several counters may be one metric with different labels. */
const COUNTER_METRICS: Readonly<Record<CounterName, readonly [name: string, labels?: Labels]>> = {
  clientsAccepted: ['forehand_clients_accepted_total'],
  clientsOpen: ['forehand_clients_open'],
  requests: ['forehand_requests_total'],
  requestsInFlight: ['forehand_requests_in_flight'],
  bytesFromClients: ['forehand_received_bytes_total'],
  bytesToClients: ['forehand_sent_bytes_total'],
  backendConnects: ['forehand_backend_connects_total'],
  backendConnectsFailed: ['forehand_backend_connects_failed_total'],
  backendReuses: ['forehand_backend_reuses_total'],
  retries: ['forehand_retries_total', { granted: 'yes' }],
  retriesRefused: ['forehand_retries_total', { granted: 'no' }],
  deliveredLocal: ['forehand_deliveries_total', { delivery: 'local' }],
  deliveredProxy: ['forehand_deliveries_total', { delivery: 'proxy' }],
  deliveredRedirect: ['forehand_deliveries_total', { delivery: 'redirect' }],
  latencyMsSum: ['forehand_request_duration_seconds'],
};

const COUNTERS: readonly Kind[] = [
  counterOf('forehand_clients_accepted_total', 'Client connections accepted.'),
  gaugeOf('forehand_clients_open', 'Client connections open now.'),
  counterOf('forehand_requests_total', 'Requests begun.'),
  gaugeOf('forehand_requests_in_flight', 'Requests under way now.'),
  counterOf('forehand_received_bytes_total', 'Bytes received from clients.'),
  counterOf('forehand_sent_bytes_total', 'Bytes of answers passed on to clients.'),
  counterOf('forehand_backend_connects_total', 'Connections begun to nodes and applications.'),
  counterOf('forehand_backend_connects_failed_total', 'Of those, the ones that failed.'),
  counterOf('forehand_backend_reuses_total', 'Requests sent on a pooled connection.'),
  counterOf('forehand_retries_total', 'Requests to be sent again, by whether the budget let them.'),
  counterOf('forehand_deliveries_total', 'Requests by how they were delivered.'),
];

/** A figure of this node's part in the pool of addresses, or of its Spread daemon. */
const POOL: Readonly<Record<FigureName, Kind>> = {
  members: gaugeOf('forehand_group_members', 'Members of the view this node is in; 0: in none.'),
  views: counterOf('forehand_group_views_total', 'Views of the group this node has been in.'),
  held: gaugeOf('forehand_addresses_held', 'Groups of virtual addresses in this kernel now.'),
  ups: counterOf('forehand_addresses_ups_total', 'Groups of addresses that came up here.'),
  downs: counterOf('forehand_addresses_downs_total', 'Groups of addresses that went from here.'),
  restored: counterOf(
    'forehand_addresses_restored_total',
    'Addresses put back that another program had removed.',
  ),
  announced: counterOf(
    'forehand_addresses_announced_total',
    'Announcements of a group of addresses to everybody on the link.',
  ),
  engineConnected: gaugeOf(
    'forehand_engine_connected',
    'Whether the daemon that carries the group is connected to; our own ring is. 0: it is lost.',
  ),
  engineReconnects: counterOf(
    'forehand_engine_reconnects_total',
    'Connections to the daemon that carries the group, after the first.',
  ),
  engineStrangers: gaugeOf(
    'forehand_engine_strangers',
    'Members that the engine counts in the group and that are none of ours.',
  ),
  spreadDaemons: gaugeOf(
    'forehand_spread_daemons',
    'Spread daemons that agree with ours, itself included; 0: none runs here, or they are agreeing.',
  ),
  spreadSessions: gaugeOf('forehand_spread_sessions', 'Clients of our Spread daemon now.'),
  spreadDelivered: counterOf(
    'forehand_spread_delivered_total',
    'Messages and memberships for clients of our Spread daemon, since it was started.',
  ),
  spreadSlow: counterOf(
    'forehand_spread_slow_clients_total',
    'Clients that our Spread daemon disconnected as they did not read, since it was started.',
  ),
};

/** A figure of every server in the cluster table; null: not known. */
type ServerMetric = Kind & { readonly of: (server: ServerStatus) => number | null };

const SERVERS: readonly ServerMetric[] = [
  {
    ...gaugeOf('forehand_server_age_seconds', 'Time since its last announcement.'),
    of: ({ ageMs }) => ageMs / 1_000,
  },
  {
    ...gaugeOf('forehand_server_load', 'Its load average over one minute, or what it says.'),
    of: ({ load }) => load,
  },
  {
    ...gaugeOf('forehand_server_load_hwm', 'Power of two that no load heard of lately exceeds.'),
    of: ({ loadHwm }) => loadHwm,
  },
  {
    ...gaugeOf('forehand_server_cpu_idle_ratio', 'Share of the time its processors idled, 0 to 1.'),
    of: ({ cpuIdleRatio }) => cpuIdleRatio,
  },
  {
    ...gaugeOf('forehand_server_cpus', 'Processors it has.'),
    of: ({ cpuCount }) => cpuCount,
  },
  {
    ...gaugeOf('forehand_server_arriba', 'Its speed: iterations of a fixed loop per second.'),
    of: ({ arriba }) => arriba,
  },
  {
    ...gaugeOf('forehand_server_memory_bytes', 'Memory it has.'),
    of: ({ memoryTotalBytes }) => memoryTotalBytes,
  },
  {
    ...gaugeOf('forehand_server_memory_available_bytes', 'Memory to be had without swapping.'),
    of: ({ memoryAvailableBytes }) => memoryAvailableBytes,
  },
  {
    ...gaugeOf('forehand_server_capacity', 'Requests its application works on at once.'),
    of: ({ serversTotal }) => serversTotal,
  },
  {
    ...gaugeOf('forehand_server_in_flight', 'Requests it said it was working on.'),
    of: ({ inFlight }) => inFlight,
  },
  {
    ...gaugeOf('forehand_server_outstanding', 'Requests sent to it from here, not answered yet.'),
    of: ({ outstanding }) => outstanding,
  },
  {
    ...counterOf('forehand_server_requests_total', 'Requests sent to it from here and answered.'),
    of: ({ requests }) => requests,
  },
  {
    ...gaugeOf('forehand_server_turnaround_seconds', 'Mean time of the last answers from it.'),
    of: ({ turnaroundMs }) => (turnaroundMs === null ? null : turnaroundMs / 1_000),
  },
];

export const METRICS: readonly Metric[] = [
  {
    ...gaugeOf('forehand_info', 'Always 1; says which node and software this is.'),
    labels: ['node', 'software'],
    samples: ({ node }) => [{ labels: { node: node.name, software: node.software }, value: 1 }],
  },
  {
    ...gaugeOf('forehand_start_time_seconds', 'When the node was started, since the epoch.'),
    labels: [],
    samples: ({ node }) => [{ labels: {}, value: node.startedMs / 1_000 }],
  },
  ...COUNTERS.map(counterMetric),
  {
    ...counterOf('forehand_outcomes_total', 'Requests by how they ended; see outcomes.md.'),
    labels: ['code', 'phase', 'side'],
    samples: ({ counters }) =>
      OUTCOMES.map(({ code, phase, side }) => {
        return { labels: { code, phase, side }, value: counters.outcomes[code] ?? 0 };
      }),
  },
  {
    ...counterOf('forehand_responses_total', 'Final answers by the class of their status.'),
    labels: ['class'],
    samples: ({ counters }) =>
      Object.entries(counters.statuses).map(([name, value]) => ({
        labels: { class: name },
        value,
      })),
  },
  {
    name: 'forehand_request_duration_seconds',
    type: 'histogram',
    help: 'From the first byte of a request to the end of its answer.',
    labels: ['le'],
    samples: durations,
  },
  {
    ...counterOf('forehand_announcements_total', 'Datagrams by what became of them.'),
    labels: ['result'],
    samples: ({ announcements }) =>
      Object.entries(announcements).map(([result, value]) => ({ labels: { result }, value })),
  },
  {
    ...gaugeOf('forehand_server_state', '1 for the state a server is in, 0 for the others.'),
    labels: ['server', 'address', 'state'],
    samples: ({ servers }) =>
      servers.flatMap((server) =>
        STATES.map((state) => {
          const labels = { ...serverLabels(server), state };
          return { labels, value: server.state === state ? 1 : 0 };
        }),
      ),
  },
  ...SERVERS.map(serverMetric),
  {
    ...counterOf('forehand_access_log_lines_total', 'Lines of the access log that were written.'),
    labels: [],
    samples: ({ accessLog }) => [{ labels: {}, value: accessLog.lines }],
  },
  {
    ...counterOf(
      'forehand_access_log_left_out_total',
      'Requests without a line: the disk or the main thread could not keep up.',
    ),
    labels: [],
    samples: ({ accessLog }) => [{ labels: {}, value: accessLog.leftOut }],
  },
  ...Object.entries(POOL).map(([figure, kind]) => poolMetric(figure as FigureName, kind)),
];

function counterOf(name: string, help: string): Kind {
  return { name, type: 'counter', help };
}

function gaugeOf(name: string, help: string): Kind {
  return { name, type: 'gauge', help };
}

function counterMetric(kind: Kind): Metric {
  const entries = Object.entries(COUNTER_METRICS).filter(([, [name]]) => name === kind.name);
  return {
    ...kind,
    labels: Object.keys(entries[0]?.[1][1] ?? {}),
    samples: ({ counters }) =>
      entries.map(([counter, [, labels]]) => {
        return { labels: labels ?? {}, value: counters.single[counter as CounterName] };
      }),
  };
}

function poolMetric(figure: FigureName, kind: Kind): Metric {
  return {
    ...kind,
    labels: [],
    samples: ({ addresses }) => [{ labels: {}, value: addresses[figure] }],
  };
}

function serverMetric({ of, ...kind }: ServerMetric): Metric {
  return {
    ...kind,
    labels: ['server', 'address'],
    samples: ({ servers }) =>
      servers.flatMap((server) => {
        const value = of(server);
        return value === null ? [] : [{ labels: serverLabels(server), value }];
      }),
  };
}

/** Two machines may call themselves the same; no two have the same contact address. */
function serverLabels({ name, address, port }: ServerStatus): Labels {
  return { server: name, address: socketText(address, port) };
}

/** Ours are not cumulative, Prometheus' are. */
function durations({ counters }: Status): Sample[] {
  let count = 0;
  const buckets = counters.latencies.map((amount, index): Sample => {
    count += amount;
    const bound = LATENCY_BOUNDS_MS[index];
    const le = bound === undefined ? '+Inf' : String(bound / 1_000);
    return { suffix: '_bucket', labels: { le }, value: count };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels: {}, value: counters.single.latencyMsSum / 1_000 },
    { suffix: '_count', labels: {}, value: count },
  ];
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function prometheusText(status: Status): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of METRICS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { labels, value, suffix = '' } of samples(status)) {
      lines.push(`${name}${suffix}${labelText(labels)} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
