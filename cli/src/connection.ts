import { createClient } from '@bankcard-verify/client'
import type { Ask } from './asking.ts'
import { type OptionValues, type Terminal, textOption, wrongUse } from './command-line.ts'

export const connectionOptions = {
  url: { type: 'string' },
  region: { type: 'string' },
} as const

export type Connection = {
  /** The address without credentials, query or fragment. */
  api: string
  /** Three elements where there is an ID number, else two. */
  ask: Ask
}

/** Where `npm start` listens. */
const LOCAL_API = 'http://localhost:3000'
const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d+){3})$/
const GATEWAY_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/

/**
 * The API that `--url` or `BANKCARD_VERIFY_URL` names, with a token or AWS credentials from the
 * environment.
 *
 * @param maxRetries of the client, within one ask; its own choice unless given
 * @throws CommandFailure where something of it is missing
 */
export function connect(
  values: OptionValues,
  env: Terminal['env'],
  maxRetries?: number,
): Connection {
  const url = urlOf(textOption(values, 'url') ?? (env['BANKCARD_VERIFY_URL'] || LOCAL_API))
  const api = url.href.replace(/\/$/, '')
  const client = createClient({
    baseUrl: api,
    auth: authOf(url, values, env),
    ...(maxRetries !== undefined && { maxRetries }),
  })
  return {
    api,
    ask: ({ idNumber, ...twoElements }, idempotencyKey) =>
      idNumber === undefined
        ? client.verifyTwoElement(twoElements, { idempotencyKey })
        : client.verifyThreeElement({ ...twoElements, idNumber }, { idempotencyKey }),
  }
}

function urlOf(text: string): URL {
  const url = URL.parse(text)
  if (!url || url.username || url.password || url.search || url.hash) {
    throw wrongUse('The address of the API must be a URL without credentials, query or fragment.')
  }
  if (url.protocol !== 'https:' && !isLocal(url)) {
    throw wrongUse('The address of the API must be https; plain http only on this machine.')
  }
  return url
}

const isLocal = ({ protocol, hostname }: URL) => protocol === 'http:' && LOOPBACK.test(hostname)

function authOf(url: URL, values: OptionValues, env: Terminal['env']) {
  // The local API asks for none, and whoever else may listen there must not see them.
  if (isLocal(url)) return 'none'
  if (env['BANKCARD_VERIFY_TOKEN']) return { bearer: env['BANKCARD_VERIFY_TOKEN'] }
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env
  if (!accessKeyId || !secretAccessKey) {
    throw wrongUse(
      'Neither BANKCARD_VERIFY_TOKEN nor AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY is set.',
    )
  }
  const region =
    textOption(values, 'region') ??
    GATEWAY_HOST.exec(url.hostname)?.[1] ??
    (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'])
  if (!region) throw wrongUse('Name the region of the API with --region or AWS_REGION.')
  return {
    sigv4: { region, accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
  }
}
