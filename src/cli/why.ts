/**
 * `forehand why`: why a request went where it went, or where one would go now.
 *
 *     forehand why 1-k3f9
 *     forehand why /shop/cart --header 'Cookie: id=7f'
 */
import type { Command } from 'commander';
import { type AskOptions, asking, show } from './ask.ts';
import type { Cli } from './cli.ts';

type WhyOptions = AskOptions & {
  readonly method: string;
  readonly host?: string;
  readonly header?: readonly string[];
  readonly client?: string;
};

export function addWhy(program: Command, cli: Cli): void {
  asking(program, 'why', 'why a request went where it went, or where one would go now')
    .argument('<request>', 'the id of a past one (see requests), or a path or URL')
    .option('--method <method>', 'of a hypothetical one', 'GET')
    .option('--host <host>', 'its Host field')
    .option('--header <field>', '"Name: value", may be repeated', appended)
    .option('--client <address>', "the client's address")
    .action(async (request: string, options: WhyOptions) => {
      const path = `api/why?${queryOf(request, options)}`;
      cli.exitCode = await show<{ readonly text: string }>(path, options, cli, ({ text }) => text);
    });
}

function appended(field: string, before: readonly string[] = []): readonly string[] {
  return [...before, field];
}

function queryOf(request: string, { method, host, header = [], client }: WhyOptions): string {
  const url = URL.parse(request);
  const isPath = request.startsWith('/') || url?.protocol.startsWith('http') === true;
  const query = new URLSearchParams();
  if (!isPath) query.set('id', request);
  else {
    query.set('method', method);
    query.set('target', url === null ? request : `${url.pathname}${url.search}`);
    const named = host ?? url?.host;
    if (named !== undefined) query.set('host', named);
    if (client !== undefined) query.set('client', client);
    for (const field of header) query.append('field', field.replace(/:\s*/, ':'));
  }
  return query.toString();
}
