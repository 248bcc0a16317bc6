/** What is asked of the proxies. wrk takes a Lua script where a request is more than a path. */

export type Scenario = {
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  /** Lua for wrk, or null for a plain GET. */
  readonly script: string | null;
};

/** About 700 bytes of fields, as Chromium 156 sends them with two cookies. */
const BROWSER_FIELDS: readonly (readonly [string, string])[] = [
  ['Connection', 'keep-alive'],
  ['sec-ch-ua', '"Chromium";v="156", "Not_A Brand";v="24"'],
  ['sec-ch-ua-mobile', '?0'],
  ['sec-ch-ua-platform', '"Linux"'],
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/156.0.0.0 Safari/537.36',
  ],
  [
    'Accept',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  ],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-Dest', 'document'],
  ['Referer', 'http://www.example.com/catalogue/fiction?page=2'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9,de;q=0.8'],
  ['Cookie', 'theme=dark; cart=4f8a1c0d9e2b7a6354; _id=GA1.1.1234567890.1700000000'],
];

const browser = BROWSER_FIELDS.map(([name, value]) => `wrk.headers["${name}"] = '${value}'`).join(
  '\n',
);

export const SCENARIOS: readonly Scenario[] = [
  { name: 'small-64', path: '/small', connections: 64, script: null },
  { name: 'browser-64', path: '/small', connections: 64, script: browser },
  { name: '64k', path: '/64k', connections: 64, script: null },
  { name: '1m', path: '/1m', connections: 16, script: null },
  {
    name: 'post-16k',
    path: '/small',
    connections: 64,
    script: 'wrk.method = "POST"\nwrk.body = string.rep("x", 16384)',
  },
  {
    name: 'new-connection',
    path: '/small',
    connections: 64,
    script: 'wrk.headers["Connection"] = "close"',
  },
];
