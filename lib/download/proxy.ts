// Which fetch to use: Node's own heeds no proxy variables before version 24.
import { CressetError } from '../errors.js';

const variable = (name: string): string | undefined => process.env[name] || process.env[name.toUpperCase()];

/** The address in a proxy variable, which may lack `http://`; undefined for none. */
function proxyOf(name: string): string | undefined {
  const value = variable(name) ?? variable('all_proxy');
  if (value === undefined) return undefined;
  // To undici it is one: the proxy looks up the names of hosts either way.
  const address = (value.includes('://') ? value : `http://${value}`).replace(/^socks5h:/, 'socks5:');
  if (!URL.canParse(address) || !['http:', 'https:', 'socks5:'].includes(new URL(address).protocol))
    throw new CressetError(`download: the proxy must be a http, https or socks5 URL, got ${name}=${value}`);
  return address;
}

/** A fetch, and what ends its connections. */
export interface Fetcher {
  fetch: typeof fetch;
  close(): Promise<void>;
}

/**
 * Node's fetch, or, where HTTP_PROXY, HTTPS_PROXY or ALL_PROXY (or their names in lower case, which come first) is set, one that goes
 * through that proxy, other than to the hosts of NO_PROXY.
 * @throws CressetError for a proxy that is no URL.
 */
export async function openFetcher(): Promise<Fetcher> {
  const [httpProxy, httpsProxy] = [proxyOf('http_proxy'), proxyOf('https_proxy')];
  if (httpProxy === undefined && httpsProxy === undefined) return { fetch, close: async () => {} };
  const { EnvHttpProxyAgent, fetch: proxied } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: variable('no_proxy') ?? '',
    // Plain requests are forwarded: many proxies make tunnels to port 443 only.
    proxyTunnel: false,
  });
  return {
    fetch: ((url: string, init: object) => proxied(url, { ...init, dispatcher })) as unknown as typeof fetch,
    close: () => dispatcher.destroy(),
  };
}
