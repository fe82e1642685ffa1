import { CONTENT_SECURITY_POLICY } from '../reference/index-html.ts'
import { type ReferenceFile, referenceFiles } from '../reference/reference-files.ts'
import { splitUrl } from './gateway-event.ts'
import { gatewayMessage, type GatewayResponse } from './gateway-response.ts'

const FOLDER = '/docs/'
const HEADERS = {
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

let files: Promise<Map<string, ReferenceFile>> | undefined

/** The reference page below `/docs`; undefined for every other address. */
export async function answerReferencePage(
  method: string,
  url: string,
): Promise<GatewayResponse | undefined> {
  const { path, query } = splitUrl(url)
  if (path !== '/docs' && !path.startsWith(FOLDER)) return undefined
  if (method !== 'GET' && method !== 'HEAD') return gatewayMessage(405, 'Method Not Allowed')
  if (path === '/docs') return redirect(FOLDER + (query && `?${query}`))
  files ??= referenceFiles('try')
  const file = (await files).get(path.slice(FOLDER.length) || 'index.html')
  return file ? found(file) : gatewayMessage(404, 'Not Found')
}

function found({ contentType, body, immutable }: ReferenceFile): GatewayResponse {
  const cacheControl = immutable ? 'public, max-age=31536000, immutable' : 'no-store'
  const headers = { ...HEADERS, 'content-type': contentType, 'cache-control': cacheControl }
  return { status: 200, headers, cookies: [], body }
}

function redirect(location: string): GatewayResponse {
  const headers = { location, 'cache-control': 'no-store' }
  return { status: 307, headers, cookies: [], body: Buffer.alloc(0) }
}
