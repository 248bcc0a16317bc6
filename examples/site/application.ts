/**
 * A web application that says which machine it runs on, and what it was asked.
 *
 *     node application.ts NAME ADDRESS
 *
 * `/login` begins a session the way mod_backhand wants it: its identifier starts with the address
 * of the machine, as eight hex digits. `/slow?ms=500` takes its time.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

/** The port of the loopback that applications in these tests listen on. */
const PORT = 8080;

const [name = '', address = ''] = process.argv.slice(2);
const addressHex = Buffer.from(address.split('.').map(Number)).toString('hex');

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const delayMs = url.pathname === '/slow' ? Number(url.searchParams.get('ms')) : 0;
  if (url.pathname === '/login') {
    const session = addressHex + randomBytes(12).toString('hex');
    response.setHeader('Set-Cookie', `PHPSESSID=${session}; Path=/`);
  }
  response.setHeader('X-Machine', name);
  response.setHeader('Content-Type', 'application/json');
  const { method, headers } = request;
  const body = JSON.stringify({ machine: name, method, url: request.url, headers });
  setTimeout(() => response.end(body), delayMs);
}).listen(PORT, '127.0.0.1');
