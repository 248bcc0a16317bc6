/**
 * The options of every command that reads a configuration, and the environment they make.
 */
import type { Command } from 'commander';
import { type Environment, systemEnvironment } from '../config/environment.ts';

export type LoadOptions = {
  readonly node?: string;
  readonly define?: readonly string[];
};

export function addLoadOptions(command: Command): Command {
  return command
    .option('-n, --node <name>', 'be this node of the cluster (default: found by host and address)')
    .option('-D, --define <name>', 'let <IfDefine name> hold; may be repeated', collect);
}

export function environmentFor({ node, define }: LoadOptions): Environment {
  return systemEnvironment({ nodeName: node ?? null, defines: define ?? [] });
}

function collect(name: string, names: readonly string[] = []): readonly string[] {
  return [...names, name];
}
