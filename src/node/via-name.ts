/**
 * A node's name as it may stand in Via and Proxy-Status, where only a token may (RFC 9110 7.6.3).
 */
export function viaName(nodeName: string): string {
  const token = nodeName.replace(/[^\w.!#$%&'*+^`|~-]/g, '-');
  return token === '' ? 'forehand' : token;
}
