const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * The address of the service without a slash at its end. The message of its error repeats nothing
 * of the text, which may hold a password.
 *
 * @throws TypeError where it is not https, or http on this machine
 */
export function baseUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.username || url.password || url.search || url.hash) {
    throw new TypeError('baseUrl must be a URL without credentials, query or fragment')
  }
  const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname)
  if (url.protocol !== 'https:' && !isLocal) {
    throw new TypeError('baseUrl must be https, or http on this machine')
  }
  return (url.origin + url.pathname).replace(/\/+$/, '')
}
