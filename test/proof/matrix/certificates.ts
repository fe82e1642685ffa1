import { loopbackCertificate } from '../../simulators/loopback-certificate.ts'

const PEM = /-----[^-]+-----|\s/g
const VALID_UNTIL = '491231235959Z'
const EXPIRED_AT = '210101000000Z'
const THIS_HOST = Buffer.from([0x87, 4, 127, 0, 0, 1])
const ANOTHER_HOST = Buffer.from([0x87, 4, 127, 9, 9, 9])

export type Certificate = { key: string; cert: string }

/**
 * `good` is right in everything, and each of the others wrong in one thing. All but `untrusted` are
 * their own trusted authority, whose signature nobody checks: so they can be altered as bytes.
 */
export function certificates() {
  const good = loopbackCertificate()
  const expired = altered(loopbackCertificate(), Buffer.from(VALID_UNTIL), Buffer.from(EXPIRED_AT))
  const wrongHost = altered(loopbackCertificate(), THIS_HOST, ANOTHER_HOST)
  const untrusted = loopbackCertificate()
  return {
    good,
    expired,
    wrongHost,
    untrusted,
    trusted: [good, expired, wrongHost].map(({ cert }) => cert).join(''),
  }
}

function altered({ key, cert }: Certificate, from: Buffer, to: Buffer): Certificate {
  const bytes = Buffer.from(cert.replaceAll(PEM, ''), 'base64')
  const at = bytes.indexOf(from)
  if (at < 0) throw new Error('the certificate does not hold what is to be altered')
  to.copy(bytes, at)
  const lines = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` }
}
