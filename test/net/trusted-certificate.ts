import tls from 'node:tls'
import { loopbackCertificate } from '../simulators/loopback-certificate.ts'

/** A certificate for 127.0.0.1 that this process trusts once its first agent is made after this. */
export function trustedCertificate() {
  const certificate = loopbackCertificate()
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificate.cert])
  return certificate
}
