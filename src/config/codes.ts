/**
 * Every diagnostic code of the configuration, and what each means to a reader.
 *
 * The one source for severities and for `docs/reference/config-errors.md` (codes.test.ts holds the
 * two together). A code has one severity for ever: whoever greps for it must not be surprised. What
 * a newcomer gets wrong: a code is never renamed or used for something else, only added.
 */
export type Severity = 'error' | 'warning' | 'note';

export type CodeEntry = {
  readonly severity: Severity;
  readonly happened: string;
  readonly weDo: string;
  readonly youCan: string;
};

const REFUSE = 'We refuse the whole configuration: nothing starts half configured.';

export const CODES = {
  CONFIG_FILE_UNREADABLE: {
    severity: 'error',
    happened: 'A file that was named does not exist, may not be read, or is larger than 1 MiB.',
    weDo: REFUSE,
    youCan: 'Correct the path or the permissions; relative paths start at `ServerRoot`.',
  },
  CONFIG_DIALECTS_MIXED: {
    severity: 'error',
    happened: 'A TypeScript file was given together with other files.',
    weDo: REFUSE,
    youCan: 'Give one `.ts` file, or any number of Apache files and a `wackamole.conf`.',
  },
  CONFIG_LOG_FORMAT: {
    severity: 'warning',
    happened: 'A `CustomLog` or `TransferLog` asks for a log that is not written here.',
    weDo: 'We start without that log.',
    youCan:
      'Name a file and one of the formats `combined`, `common` and `json`. Programs and conditions ' +
      'are not for us: read the file, or filter it.',
  },
  CONFIG_SYNTAX: {
    severity: 'error',
    happened: 'The text cannot be read: a quote or bracket is open, or it is not TypeScript.',
    weDo: REFUSE,
    youCan: 'Mend the place the caret points to; what is wrong often began just before it.',
  },
  CONFIG_SECTION_UNCLOSED: {
    severity: 'error',
    happened: 'A section is opened and never closed.',
    weDo: REFUSE,
    youCan: 'Write its `</Name>` in the same file.',
  },
  CONFIG_SECTION_UNOPENED: {
    severity: 'error',
    happened: 'A `</Name>` closes a section that is not the innermost open one.',
    weDo: REFUSE,
    youCan: 'Close sections in the reverse order of opening them.',
  },
  CONFIG_UNKNOWN_DIRECTIVE: {
    severity: 'error',
    happened: 'A directive is neither ours nor one of Apache 1.3 or 2.x, or of Wackamole.',
    weDo: REFUSE,
    youCan: 'Correct the spelling; the hint names the nearest directive.',
  },
  CONFIG_UNKNOWN_SECTION: {
    severity: 'error',
    happened: 'A section is neither ours nor one of Apache 1.3 or 2.x.',
    weDo: REFUSE,
    youCan: 'Correct the spelling; the hint names the nearest section.',
  },
  CONFIG_UNKNOWN_FUNCTION: {
    severity: 'error',
    happened: 'No candidacy function has that name.',
    weDo: REFUSE,
    youCan: 'Correct the spelling, or write the function in a `forehand.config.ts`.',
  },
  CONFIG_FOREIGN_FUNCTION: {
    severity: 'error',
    happened: '`BackhandFromSO` names compiled code for Apache, which cannot run here.',
    weDo: REFUSE,
    youCan:
      'Write it in TypeScript: `forehand import` makes a `forehand.config.ts`, where ' +
      "`candidacy('name', (servers, asking) => servers)` can stand in any chain.",
  },
  CONFIG_BAD_FUNCTION_ARGUMENT: {
    severity: 'error',
    happened: 'A candidacy function does not understand its argument.',
    weDo: REFUSE,
    youCan: 'Give the argument the message asks for, or leave it out for the default.',
  },
  CONFIG_OFF_NOT_ALONE: {
    severity: 'error',
    happened: '`Backhand off` stands in one section with other candidacy functions.',
    weDo: REFUSE,
    youCan: 'Keep `off` or the others: `off` means that no balancing is done in this section.',
  },
  CONFIG_ARGUMENT_COUNT: {
    severity: 'error',
    happened: 'A directive or section has too few or too many arguments.',
    weDo: REFUSE,
    youCan: 'Follow the usage in the message. A comment needs a line of its own.',
  },
  CONFIG_WRONG_CONTEXT: {
    severity: 'error',
    happened: 'A directive or section stands where it has no meaning.',
    weDo: REFUSE,
    youCan: 'Move it: what concerns the whole node stands outside of all sections.',
  },
  CONFIG_BAD_ADDRESS: {
    severity: 'error',
    happened: 'Something is not an IP address, a port, or the two joined by a colon.',
    weDo: REFUSE,
    youCan: 'Write `192.168.10.1:80`, `[fe80::1]:80`, `*:80` or `80`. Host names are not resolved.',
  },
  CONFIG_BAD_TTL: {
    severity: 'error',
    happened: 'The number of hops behind an announcement address is not 0 to 255.',
    weDo: REFUSE,
    youCan: 'Write `,1` for the local network; it has a meaning for multicast only.',
  },
  CONFIG_BAD_NETWORK: {
    severity: 'error',
    happened: 'Something is not an IP network.',
    weDo: REFUSE,
    youCan: 'Write `192.168.10.0/24`, or one address for one machine.',
  },
  CONFIG_BAD_DURATION: {
    severity: 'error',
    happened: 'Something is not a length of time, or not one that is allowed there.',
    weDo: REFUSE,
    youCan: 'Write `250ms`, `2s`, `10m` or `1h`.',
  },
  CONFIG_BAD_NUMBER: {
    severity: 'error',
    happened: 'Something is not a whole number, or outside of the allowed range.',
    weDo: REFUSE,
    youCan: 'Write a number inside the range that the message gives.',
  },
  CONFIG_BAD_VALUE: {
    severity: 'error',
    happened: 'A value is not one of the words, or not of the form, that is allowed there.',
    weDo: REFUSE,
    youCan: 'Choose one of those the message lists.',
  },
  CONFIG_BAD_REGEX: {
    severity: 'error',
    happened: 'A regular expression is broken, or uses what only PCRE has.',
    weDo: REFUSE,
    youCan: 'Rewrite it. A shell pattern such as `*.php` needs no `~` in front.',
  },
  CONFIG_INCLUDE_LOOP: {
    severity: 'error',
    happened:
      'A file includes itself, files are nested deeper than 16, or they are more than 1000.',
    weDo: REFUSE,
    youCan: 'Take the `Include` out that closes the circle.',
  },
  CONFIG_INCLUDE_NOTHING: {
    severity: 'error',
    happened: 'An `Include` matches no file.',
    weDo: REFUSE,
    youCan: 'Correct the path, or use `IncludeOptional` when nothing is fine.',
  },
  CONFIG_LISTEN_DUPLICATE: {
    severity: 'error',
    happened: 'One address and port is listened on twice, so the second would fail.',
    weDo: REFUSE,
    youCan: 'Take one out. `80` already covers every address, so it excludes `10.0.0.1:80`.',
  },
  CONFIG_UNKNOWN_KEY: {
    severity: 'error',
    happened: 'A key of the configuration object means nothing to us.',
    weDo: REFUSE,
    youCan: 'Correct the spelling; an editor lists the keys that exist.',
  },
  CONFIG_MISSING_KEY: {
    severity: 'error',
    happened: 'A key that has no default is missing.',
    weDo: REFUSE,
    youCan: 'Add it.',
  },
  CONFIG_WRONG_TYPE: {
    severity: 'error',
    happened: 'A value of the configuration object is of another type than is needed there.',
    weDo: REFUSE,
    youCan: 'Give what the message says was expected.',
  },
  CONFIG_UNKNOWN_NODE: {
    severity: 'error',
    happened: 'None of the nodes in the configuration is this machine.',
    weDo: REFUSE,
    youCan: 'Give `--node NAME`, or name a node after the machine or give it its address.',
  },
  CONFIG_LOAD_FAILED: {
    severity: 'error',
    happened: 'The configuration file threw an exception while it was loaded.',
    weDo: REFUSE,
    youCan: 'Mend the code at the caret; it is run as it stands, in every worker.',
  },
  CONFIG_NOT_EXPORTED: {
    severity: 'error',
    happened: 'The configuration file has no default export that describes a cluster.',
    weDo: REFUSE,
    youCan: 'Write `export default defineCluster({ nodes: { ... } })`.',
  },
  CONFIG_POOL_EMPTY: {
    severity: 'error',
    happened: 'There are virtual addresses to be shared, and none is named.',
    weDo: REFUSE,
    youCan: 'Add `VirtualInterfaces { eth0:192.168.100.200/24 }` (native: `addresses.pool`).',
  },
  CONFIG_POOL_LIMIT: {
    severity: 'error',
    happened: 'The pool has more groups or addresses than fit into one message of the group.',
    weDo: REFUSE,
    youCan: 'Move addresses that always go together into one group, or use two clusters.',
  },
  CONFIG_ADDRESS_DUPLICATE: {
    severity: 'error',
    happened: 'One address is in the pool of virtual addresses twice.',
    weDo: REFUSE,
    youCan: 'Take one out: an address belongs to one group.',
  },
  CONFIG_ADDRESS_OWNED: {
    severity: 'error',
    happened: "An address of the pool is a node's own address.",
    weDo: REFUSE,
    youCan: 'Share other addresses: the own one is how the other nodes reach that node.',
  },
  CONFIG_QUORUM_ALONE: {
    severity: 'error',
    happened: 'The policy is `quorum`, and there is only one node.',
    weDo: REFUSE,
    youCan: 'List all nodes that share the addresses, or leave the policy out.',
  },
  CONFIG_QUORUM_OF_TWO: {
    severity: 'warning',
    happened: 'The policy is `quorum`, and there are two nodes: half is not more than half.',
    weDo: 'We start: when one of the two is gone, the other lets all addresses go.',
    youCan: 'Use `gateway`, or add a third node, which may be a small one with `weight: 1`.',
  },
  CONFIG_PREFER_UNKNOWN: {
    severity: 'warning',
    happened: 'A preferred address is not in the pool.',
    weDo: 'We start, and ignore that preference.',
    youCan: 'Correct the address; the pool lists those that can be preferred.',
  },
  CONFIG_UNKNOWN_INTERFACE: {
    severity: 'warning',
    happened:
      'An address of the pool is to be put on an interface that this machine does not have.',
    weDo: 'We accept the file, as it may be meant for another machine; here it cannot be held.',
    youCan: 'Correct the name. Each machine may have another interface for the same address.',
  },
  CONFIG_GROUP_UNSIGNED: {
    severity: 'warning',
    happened: 'What the nodes tell each other about the addresses carries no signature.',
    weDo: 'We believe everybody who can send to the port of the group.',
    youCan: 'Add `SecretFile = /etc/forehand.secret` (native: `addresses.group.secretFile`).',
  },
  CONFIG_WACKAMOLE_DIFFERS: {
    severity: 'warning',
    happened: 'The C program did something else with this than its manual page says.',
    weDo: 'We do as the manual page says.',
    youCan:
      'Write what the hint says, if you relied on it: docs/reference/wackamole-deviations.md.',
  },
  CONFIG_WACKAMOLE_FOREIGN: {
    severity: 'warning',
    happened: 'A statement of wackamole.conf belongs to a part of that program we do not have.',
    weDo: 'We start without it.',
    youCan: 'Follow the hint: there is another way to the same end.',
  },
  CONFIG_ACCEPT_MISSING: {
    severity: 'warning',
    happened: 'The node announces itself, but there is no network it would listen to.',
    weDo: 'We start: it knows only itself, and believes no `Backhand-Proxied` field.',
    youCan: 'Add `AcceptStats 192.168.10.0/24` with the network of the cluster.',
  },
  CONFIG_ACCEPT_EXCLUDES_SELF: {
    severity: 'warning',
    happened: 'No accepted network contains an address of this machine.',
    weDo: 'We start: others with the same configuration will not hear this node.',
    youCan: 'Correct the network, or run the file on the machine it is meant for.',
  },
  CONFIG_NO_DESTINATION: {
    severity: 'warning',
    happened: 'There is no address to announce to.',
    weDo: 'We start: no other node will know of this one, nor this one of them.',
    youCan: 'Add `MulticastStats 192.168.10.255:4445` with the broadcast address of the cluster.',
  },
  CONFIG_CHAIN_LEAVES_NOBODY: {
    severity: 'warning',
    happened: 'A chain removes this node, and no other node can become known to it.',
    weDo: 'We start: each request to that zone is answered as `onEmpty` says.',
    youCan: 'Give it somebody to hear of (`MulticastStats`, `AcceptStats`), or drop `removeSelf`.',
  },
  CONFIG_HANDLER_SHADOWED: {
    severity: 'warning',
    happened: 'A later section takes the handler away from every request this section has.',
    weDo: 'We start, and follow the later section, as Apache does.',
    youCan: 'Change the order, or make the later section smaller.',
  },
  CONFIG_NO_DOCUMENT_ROOT: {
    severity: 'warning',
    happened: '`DocumentRoot` is no directory of this machine, or may not be read.',
    weDo: 'We accept the file, as it may be meant for another machine; here a node will not start.',
    youCan: 'Correct the path, or make the directory. Relative paths start at `ServerRoot`.',
  },
  CONFIG_VIRTUAL_HOST_IGNORED: {
    severity: 'warning',
    happened: 'Zones do not depend on the Host field, and this is not the only `*` virtual host.',
    weDo: 'We leave out everything in it.',
    youCan: 'Move what is meant for all hosts outside of the section.',
  },
  CONFIG_HTACCESS_LIMIT: {
    severity: 'warning',
    happened: 'Below the document root are more directories than we look into.',
    weDo: 'We use the `.htaccess` files found so far.',
    youCan: 'Write `AllowOverride None` for the tree that has none.',
  },
  CONFIG_SECRET_MISSING: {
    severity: 'note',
    happened: 'Announcements carry no signature.',
    weDo: 'We believe everybody whose address is inside an accepted network.',
    youCan: 'Add `ForehandSecretFile` (native: `announce.secretFile`) to every node.',
  },
  CONFIG_SESSION_BEFORE_AGE: {
    severity: 'note',
    happened: '`bySession` stands before `byAge`.',
    weDo: 'It is fine here: our `bySession` only ever narrows to a node that is alive.',
    youCan: 'Leave it. With mod_backhand, a session of a dead server left nobody.',
  },
  CONFIG_DIRECTIVE_IGNORED: {
    severity: 'note',
    happened: 'An Apache directive is not our business: an application serves here, not Apache.',
    weDo: 'We ignore it, and say so once for each directive.',
    youCan: 'Leave it, or take it out.',
  },
  CONFIG_SECTION_IGNORED: {
    severity: 'note',
    happened: 'An Apache section depends on something that does not exist here.',
    weDo: 'We skip it with all that is in it, and say so once for each kind.',
    youCan: 'Move what is meant for us outside of the section.',
  },
  CONFIG_MODULE_ABSENT: {
    severity: 'note',
    happened: 'An `<IfModule>` asks for a module whose work we do not do.',
    weDo: 'We skip the section, as Apache does without that module, and say so once for each.',
    youCan: 'Leave it; `mod_backhand.c` counts as present.',
  },
  CONFIG_MATCHES_EVERYTHING: {
    severity: 'note',
    happened: '`"*"` is no regular expression, but users of Apache 1.3 wrote it for "everything".',
    weDo: 'We take it as everything.',
    youCan: 'Leave it, or write `<Files "*">`.',
  },
  CONFIG_WACKAMOLE_MENDED: {
    severity: 'note',
    happened: 'The C program had a fault here that hardly anybody relied on.',
    weDo: 'We do as its manual page says.',
    youCan: 'Leave it.',
  },
  CONFIG_NETWORK_HOST_BITS: {
    severity: 'note',
    happened: 'A network is written as an address inside of it.',
    weDo: 'We take the network, and ignore the rest of the address.',
    youCan: 'Write it as the message does.',
  },
  CONFIG_WITHOUT_EFFECT: {
    severity: 'note',
    happened: 'A directive of mod_backhand or Wackamole is accepted and has nothing to set here.',
    weDo: 'We ignore it.',
    youCan: 'Leave it, or take it out.',
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

export function severityOf(code: Code): Severity {
  return CODES[code].severity;
}
