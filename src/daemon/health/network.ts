import { Api, type TokenSource } from '../../disk-api/api.ts';
import { readDisk } from '../../disk-api/disk.ts';
import { exchange, keptConnections } from '../../disk-api/http.ts';
import { faultHint, loginPageHint } from '../../disk-api/refusals.ts';
import { Failure, failedWith } from '../../errors.ts';
import { bad, type Finding, good, warning } from './finding.ts';

interface Network {
  readonly apiUrl: URL;
  readonly oauthUrl: URL;
  /** Of a host that gives bytes, if one is known. */
  readonly dataUrl: URL | undefined;
  /** @throws Failure when there is no login */
  readonly tokens: () => Promise<TokenSource>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Where bytes come from; a service on this machine has data hosts of its own. */
export function dataUrlBeside(apiUrl: URL): URL | undefined {
  return apiUrl.protocol === 'https:' ? new URL('https://downloader.disk.yandex.ru/') : undefined;
}

const patienceMs = 8_000;
/** Certificates, tokens and dates bear more; beyond that something is wrong. */
const clockErrorMs = 5 * 60_000;
/** Less than this share of a Disk is little. */
const littleShare = 0.02;

interface Reached {
  readonly host: string;
  /** What the host says that the time is. */
  readonly date: number | undefined;
  readonly failure: Failure | undefined;
}

/** The login, and each host that a mount speaks to. */
export async function examineNetwork(network: Network): Promise<Finding[]> {
  const { apiUrl, oauthUrl, dataUrl, signal } = network;
  const urls = [apiUrl, oauthUrl, ...(dataUrl ? [dataUrl] : [])];
  const [login, reached] = await Promise.all([
    examineLogin(network),
    Promise.all(urls.map((url) => reach(url, signal))),
  ]);
  const hosts = reached.map((one) => hostFinding(one, one.host === oauthUrl.host));
  return [login, ...hosts, clockFinding(reached, network.now())];
}

async function examineLogin({ apiUrl, tokens, signal }: Network): Promise<Finding> {
  const check = 'login';
  let api: Api | undefined;
  try {
    api = new Api({ url: apiUrl, tokens: await tokens(), ratePerSecond: 0 });
    const { user, total_space: total, used_space: used } = await readDisk(api, { signal });
    const whose = `the Disk of ${user?.login ?? user?.uid ?? 'somebody'} answers`;
    if (total !== undefined && used !== undefined && total - used < total * littleShare)
      return warning(check, `${whose}, and is full`, 'yadiskfs trash empty gives back what the trash holds.');
    return good(check, whose);
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    if (error.code === 'offline') return notAsked(check, error);
    // Of a fault of the Disk nobody is healed by logging in.
    const remedy = failedWith(error, 'server', 'busy', 'nonsense') ? faultHint : 'yadiskfs setup logs in.';
    return bad(check, error.message, error.hint ?? remedy);
  } finally {
    api?.close();
  }
}

/** What is wrong with a connection the findings of its host tell; that somebody else answers on it, they do not. */
function notAsked(check: string, failure: Failure): Finding {
  const isAnswered = failure.hint === loginPageHint;
  return isAnswered
    ? warning(check, failure.message, loginPageHint)
    : warning(check, 'whether the login is good could not be asked', networkRemedy);
}

const networkRemedy =
  'Check the network, the proxy and the firewall. A mount works off line with what is kept here.';

const certificateRemedy =
  'Is the clock right? sudo apt install ca-certificates brings certificates; a proxy that opens connections needs its own: NODE_EXTRA_CA_CERTS.';

function isOfCertificates({ cause }: Failure): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}

async function reach(url: URL, signal: AbortSignal): Promise<Reached> {
  const connections = keptConnections(1);
  try {
    const reply = await exchange(url, {
      method: 'GET',
      agents: connections.agents,
      compressed: false,
      silenceMs: patienceMs,
      totalMs: patienceMs,
      signal,
    });
    reply.close();
    const date = Date.parse(reply.headers.date ?? '');
    return { host: url.host, date: Number.isNaN(date) ? undefined : date, failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    return { host: url.host, date: undefined, failure: error };
  } finally {
    connections.destroy();
  }
}

/** Whatever a host says without a token, it is there. Without that of logins everything goes on until a token must be renewed. */
function hostFinding({ host, failure }: Reached, isForLogins: boolean): Finding {
  const check = `host ${host}`;
  if (!failure) return good(check, `${host} answers`);
  const remedy = isOfCertificates(failure) ? certificateRemedy : networkRemedy;
  return (isForLogins ? warning : bad)(check, failure.message, remedy);
}

function clockFinding(reached: readonly Reached[], nowMs: number): Finding {
  const check = 'clock';
  const dates = reached.flatMap(({ date }) => date ?? []);
  const [date] = dates;
  if (date === undefined) return warning(check, 'no host has told the time', networkRemedy);
  const errorSec = Math.round((nowMs - date) / 1000);
  if (Math.abs(errorSec) * 1000 < clockErrorMs) return good(check, 'the clock is right');
  return bad(
    check,
    `the clock of this machine is ${Math.abs(errorSec)} s ${errorSec > 0 ? 'ahead' : 'behind'}`,
    'sudo timedatectl set-ntp true',
  );
}
