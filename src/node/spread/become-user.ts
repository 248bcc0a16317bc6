/**
 * Gives up root for good: from here on this process may do what a certain user may.
 *
 * What a newcomer gets wrong: the order. Once the user is changed the groups cannot be; and groups
 * that are left are rights that are left. Accounts are looked for in /etc/passwd alone: a directory
 * service may not answer, and an account for a daemon is the machine's own.
 */
import { readFileSync } from 'node:fs';

const DEFAULT_USERS = ['spread', 'nobody'];

type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * @param wanted null: the first of `spread` and `nobody` that there is
 * @returns who it is now; null: not started as root, so nothing was given up
 * @throws when there is no such user: going on as root is no way out
 */
export function becomeUser(wanted: string | null): string | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = accountsOf(readFileSync('/etc/passwd', 'utf8'));
  const names = wanted === null ? DEFAULT_USERS : [wanted];
  const account = names.flatMap((name) => accounts.filter((one) => one.name === name))[0];
  if (account === undefined) throw new Error(`there is no user ${names.join(' or ')}`);
  process.setgroups!([account.gid]);
  process.setgid!(account.gid);
  process.setuid!(account.uid);
  return account.name;
}

/** passwd(5). */
export function accountsOf(text: string): readonly Account[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    if (name === '' || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}
