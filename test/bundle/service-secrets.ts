import { createHash } from 'node:crypto'
import {
  databaoCredentials,
  fingerprintPepper,
  juheCredentials,
} from '../simulators/start-simulators.ts'
import type { Secrets } from '../support/leak-scan.ts'
import { awsCredentials } from './function-process.ts'

/** All that the service knows and nobody else may. */
export const serviceSecrets: Secrets = {
  APPCODE: databaoCredentials.appCode,
  'Juhe key': juheCredentials.key,
  openid: juheCredentials.openId,
  'AES key': createHash('md5').update(juheCredentials.openId).digest('hex').slice(0, 16),
  pepper: fingerprintPepper,
  'AWS secret key': awsCredentials.AWS_SECRET_ACCESS_KEY,
}
